// What a question is about: one of its mentions, and whether it asks anything.

class Topics {
  constructor(linker, { certain, topics, joining, mark }) {
    this.linker = linker;
    this.certain = certain;
    this.most = topics;
    this.joining = new Set(joining);
    this.mark = mark;
  }

  /**
   * The topic of a question: a given entity, else its best mention.
   *
   * Returns `{entity, masked, candidates, match, asksNothing}`; null where nothing is named.
   */
  find(question, given) {
    let mentions = this.linker.link(question);
    let text = question;
    const chosen = [{ entity: given, match: "given", score: 1 }];
    const found = given === undefined ? this.mentioned(question, mentions) : chosen;
    if (!found.length) return null;
    const [best] = found;
    if (best.match === "spelling") {
      text = question.slice(0, best.start) + this.mark + question.slice(best.end);
      mentions = this.linker.link(text);
    }
    const others = new Map();
    for (const one of found) if (one.entity !== best.entity && !others.has(one.entity)) others.set(one.entity, one);
    return {
      entity: best.entity,
      match: this.kind(best),
      candidates: [...others.values()].map((one) => ({ entity: one.entity, match: this.kind(one) })),
      masked: masked(text, mentions, best.entity, this.mark),
      asksNothing: this.asksNothing(text, mentions, best.entity),
    };
  }

  /** Mentions by name that are certain; else what is nearly spelled so, and then the others. */
  mentioned(question, mentions) {
    const begins = new Map();
    mentions.forEach(({ start }, number) => {
      if (!begins.has(start)) begins.set(start, number);
    });
    const first = mentions.filter(({ start }) => begins.get(start) < this.most);
    const certain = first.filter(({ score }) => score >= this.certain);
    if (certain.length) return certain;
    const alike = this.linker.resembling(question).slice(0, this.most);
    return [...alike, ...first].slice(0, this.most);
  }

  kind({ match, score }) {
    return match === "spelling" || match === "given" || score >= this.certain ? match : "common_word";
  }

  asksNothing(text, mentions, topic) {
    let left = text;
    for (const { entity, start, end, score } of mentions) {
      if (score < this.certain && entity !== topic) continue;
      left = left.slice(0, start) + " ".repeat(end - start) + left.slice(end);
    }
    return this.linker.text.words(left).every((word) => this.joining.has(word.plain));
  }
}

/** A question with a mark for the mention of its topic, whose name is no evidence of what is asked. */
function masked(text, mentions, topic, mark) {
  const mention = mentions.find(({ entity }) => entity === topic);
  return mention ? text.slice(0, mention.start) + mark + text.slice(mention.end) : text;
}
