// Which entities a question mentions, and which of them it is about.
//
// The rules are those of the studio (core/graph/linking.py, name_forms.py, spelling.py): names exactly,
// in normal form, as people say them, and where none is there, as they are nearly spelled.

const NAME = 0;
const SMALL_WORD = 1;
const COMMON_WORDS = 2;
const SIGNS = /[^\p{L}\p{N}_\s]+/gu;
const CLOSING = "?!.,;:？！。，；：";
const APOSTROPHES = "'’‘ʼ＇`";
const ODD = /[(（.'’‘ʼ＇/:：–—-]/u;
const IN_PARENTHESES = /^(.*\S)\s*[(（](?:[^()（）]|[(（][^()（）]*[)）])*[)）]$/su;
const INNER_MARK = /(?<=\p{L})[.'’‘ʼ＇/-](?=\p{L})/gu;
const PARTS = /:\s|：|\s[–—-]\s/u;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const MONTHS = "January February March April May June July August September October November December";
const LONGEST_NAME = 200; // characters; what is longer is a text
const WIDEST = 6; // words of a stretch that may be misspelt
const LONGEST_LOOKED_AT = 120; // words of a question
const NEAR = 0.65; // share of letters that stay; of a Chinese name of three, one may be wrong
const NEAR_IN_LETTERS = 0.76; // of a name of five letters, one
const NEAR_INFLECTED = 0.7; // of a long Cyrillic name, its ending
const INFLECTED = /^[\u0400-\u04ff ]{8,}$/u;
const NEAREST = 5;

/** Other forms in which people say a name. */
function otherForms(name) {
  if ([...name].length > LONGEST_NAME || !ODD.test(name) || name.includes("://")) return [];
  const date = DATE.exec(name);
  if (date) {
    const [year, month, day] = date.slice(1).map(Number);
    const spoken = MONTHS.split(" ")[month - 1];
    return spoken
      ? [`${spoken} ${day}, ${year}`, `${day} ${spoken} ${year}`, `${year}年${month}月${day}日`]
      : [];
  }
  const short = IN_PARENTHESES.exec(name.trim())?.[1];
  const base = short ?? name;
  const oneWord = base.replace(INNER_MARK, "");
  const parts = base.split(PARTS);
  return [
    ...(short === undefined ? [] : [short]),
    ...(oneWord === base ? [] : [oneWord]),
    ...(parts.length > 1 ? parts.filter((part) => part.trim().split(/\s+/u).length > 1) : []),
  ];
}

class Linker {
  constructor(graph, text, { common, certain, mentions }) {
    this.graph = graph;
    this.text = text;
    this.common = new Set(common);
    this.certain = certain;
    this.most = mentions;
    this.named = new Map();
    this.aliased = new Map();
    this.longest = new Map(); // words of the longest name, by first word
    this.names = [...this.namesOf()];
    for (const { name, entity, isAlias } of this.names) {
      this.addName(text.plain(name, true) || name.trim(), entity, isAlias);
    }
    for (const { name, entity } of this.names) {
      for (const form of otherForms(name)) this.addName(text.plain(form, true), entity, true);
    }
    this.relationPhrases = this.phrasesOfRelations();
  }

  /** Labels first, then aliases, then ids; the id of what has a label is an alias. */
  *namesOf() {
    const { ids, labels, aliases } = this.graph.entities;
    const labelled = new Set();
    for (const language of this.graph.languages) {
      for (const [entity, label] of (labels[language] ?? []).entries()) {
        if (!label) continue;
        labelled.add(entity);
        yield { name: label, entity, isAlias: false };
      }
    }
    for (const [entity, others] of aliases) {
      for (const name of others) yield { name, entity, isAlias: true };
    }
    for (const [entity, name] of ids.entries()) {
      yield { name, entity, isAlias: labelled.has(entity), isId: true };
    }
  }

  addName(name, entity, isAlias) {
    if (!name) return;
    const place = isAlias ? this.aliased : this.named;
    if (this.named.get(name)?.includes(entity) || place.get(name)?.includes(entity)) return;
    if (place.has(name)) place.get(name).push(entity);
    else place.set(name, [entity]);
    const inside = name.split(" ");
    this.longest.set(inside[0], Math.max(this.longest.get(inside[0]) ?? 0, inside.length));
  }

  /** Every run of words inside a relation's id or label: said to mean the relation. */
  phrasesOfRelations() {
    const { graph } = this;
    const names = new Set(graph.relations.ids);
    for (const language of graph.languages) {
      for (let code = 0; code < graph.count; code++) names.add(graph.relationLabel(code, language));
    }
    const phrases = new Set();
    for (const name of names) {
      const parts = this.text.plain(name).split(" ");
      for (let begin = 0; begin < parts.length; begin++) {
        for (let end = begin + 1; end <= parts.length; end++) {
          phrases.add(parts.slice(begin, end).join(" "));
        }
      }
    }
    return phrases;
  }

  isCommon(inside) {
    return (
      inside.every((word) => this.common.has(word)) ||
      this.common.has(inside.join("")) ||
      this.relationPhrases.has(inside.join(" "))
    );
  }

  isName(inside) {
    const name = inside.join(" ");
    return this.named.has(name) || this.aliased.has(name);
  }

  written(entity) {
    const { graph } = this;
    const labels = graph.languages.map((language) => graph.label(entity, language));
    return new Set([...labels, graph.entities.ids[entity]]);
  }

  /** Mentions, best first; one inside a better one does not count. */
  link(question) {
    const said = new Set(this.text.words(question, true).map((word) => word.plain));
    const taken = [];
    const chosen = [];
    const length = ({ start, end }) => end - start;
    const spans = [...this.spans(question)];
    for (const span of spans.sort((a, b) => a.rank - b.rank || length(b) - length(a))) {
      if (chosen.length >= this.most) break;
      if (taken.some(({ start, end }) => span.start < end && start < span.end)) continue;
      taken.push(span);
      chosen.push(...this.namesakes(span, question.slice(span.start, span.end), said));
    }
    return chosen;
  }

  /** Every stretch of a question that is a name, overlapping or not. */
  *spans(question) {
    yield* this.signs(question);
    const found = this.text.words(question, true);
    const starts = found.map(({ start }) => String.fromCodePoint(question.codePointAt(start)));
    const isTitle = starts.every((char) => !/\p{L}/u.test(char) || /\p{Uppercase}/u.test(char));
    for (const [first, word] of found.entries()) {
      const possessive = word.start && APOSTROPHES.includes(question[word.start - 1]);
      if (word.plain === "s" && possessive) continue;
      const reach = Math.min(this.longest.get(word.plain) ?? 0, found.length - first);
      for (let count = reach; count > 0; count--) {
        const inside = found.slice(first, first + count).map((one) => one.plain);
        let { end } = found[first + count - 1];
        if (!this.isName(inside) && count > 1 && "sS".includes(question[end - 1])) {
          inside[count - 1] = inside[count - 1].slice(0, -1); // "joe bidens wife"
          end -= 1;
        }
        if (!this.isName(inside)) continue;
        const surface = question.slice(word.start, end);
        let rank = this.rank(inside, surface);
        if (rank === COMMON_WORDS && first && !isTitle && this.isProper(surface)) rank = SMALL_WORD;
        yield { start: word.start, end, name: inside.join(" "), rank };
      }
    }
  }

  /** Names without any word; what closes a sentence, or stands behind a word, is none. */
  *signs(question) {
    const last = question.trimEnd().length;
    for (const found of question.matchAll(SIGNS)) {
      const [run] = found;
      const begin = found.index;
      let open = run;
      while (open && CLOSING.includes(open.at(-1))) open = open.slice(0, -1);
      for (const sign of [run, run.slice(0, -1), open]) {
        if (!sign || !this.named.has(sign)) continue;
        const closes = [...run].length === 1 && begin + run.length === last;
        const behindWord = begin > 0 && !/\s/u.test(question[begin - 1]);
        if (CLOSING.includes(sign[0]) && (closes || behindWord)) continue;
        yield { start: begin, end: begin + sign.length, name: sign, rank: SMALL_WORD };
        break;
      }
    }
  }

  /** Whether a common word is written as a name is, with its capital. */
  isProper(surface) {
    const bearers = this.named.get(this.text.plain(surface, true)) ?? [];
    const small = surface === surface.toLowerCase();
    return !small && bearers.some((entity) => this.written(entity).has(surface));
  }

  rank(inside, surface) {
    if (this.isCommon(inside)) return COMMON_WORDS;
    const isSmall = surface === surface.toLowerCase() && surface !== surface.toUpperCase();
    return inside.length === 1 && isSmall ? SMALL_WORD : NAME;
  }

  /** All entities of a name: label before alias, better said, written alike, most edges. */
  namesakes(span, surface, said) {
    const ranked = [];
    for (const [isAlias, names] of [[0, this.named], [1, this.aliased]]) {
      for (const entity of names.get(span.name) ?? []) {
        const unlike = Number(!this.written(entity).has(surface));
        const order = [isAlias, -this.saidOf(entity, span, said), unlike, -this.graph.degree(entity), entity];
        ranked.push(order);
      }
    }
    ranked.sort((a, b) => a.map((value, place) => value - b[place]).find(Boolean) ?? 0);
    return ranked.map(([isAlias, , unlike, , entity]) => {
      let score = isAlias ? 0.9 : 1;
      if (span.rank === COMMON_WORDS) score *= 0.5;
      else if (span.rank === SMALL_WORD && unlike) score *= 0.8;
      return { entity, start: span.start, end: span.end, match: isAlias ? "alias" : "exact", score };
    });
  }

  /** How many words of a text say which bearer of a name is meant: "the novel Emma". */
  saidOf(entity, span, said) {
    const shared = new Set(span.name.split(" "));
    this.others ??= new Map(this.graph.entities.aliases);
    const names = [...this.written(entity), ...(this.others.get(entity) ?? [])];
    let most = 0;
    for (const name of names) {
      const inside = new Set(this.text.plain(name, true).split(" "));
      if (inside.size <= shared.size || ![...shared].every((word) => inside.has(word))) continue;
      most = Math.max(most, [...inside].filter((word) => !shared.has(word) && said.has(word)).length);
    }
    return most;
  }

  /** Stretches of a question that are nearly spelled like a name, best first. */
  resembling(question) {
    this.spelled ??= new SpelledNames(this);
    const near = this.stretches(question).flatMap(([start, end]) =>
      this.spelled.nearest(question.slice(start, end)).map(({ entity, score }) => ({
        entity, start, end, match: "spelling", score,
        weight: Math.round(score * Math.sqrt(end - start) * 1e5) / 1e5,
        degree: this.graph.degree(entity),
      })),
    );
    near.sort((a, b) => b.weight - a.weight || b.degree - a.degree);
    const chosen = [];
    for (const one of near) {
      const apart = ({ start, end }) => one.end <= start || end <= one.start;
      const same = ({ start, end }) => one.start === start && one.end === end;
      if (chosen.some(same) || chosen.every(apart)) chosen.push(one);
    }
    return chosen;
  }

  /** Runs of words that might be meant as a name: not led or ended by a common word. */
  stretches(question) {
    const found = this.text.words(question).slice(0, LONGEST_LOOKED_AT);
    const spans = [];
    for (let first = 0; first < found.length; first++) {
      for (let last = first; last < Math.min(first + WIDEST, found.length); last++) {
        const inside = found.slice(first, last + 1).map((word) => word.plain);
        const ends = [[inside[0]], [inside.at(-1)], inside];
        if (inside.join("").length > 1 && !ends.some((words) => this.isCommon(words))) {
          spans.push([found[first].start, found[last].end]);
        }
      }
    }
    return spans;
  }
}

/** All names by the number of their letters, to be held beside what is spelled otherwise. */
class SpelledNames {
  constructor({ names, text }) {
    this.text = text;
    this.byLength = new Map();
    const seen = new Set();
    for (const { name, entity, isAlias, isId } of names) {
      if (isId && isAlias) continue;
      const joined = text.joined(name);
      const key = `${entity} ${joined}`;
      if (!joined || seen.has(key)) continue;
      const letters = [...joined];
      if (!this.byLength.has(letters.length)) this.byLength.set(letters.length, []);
      this.byLength.get(letters.length).push({ entity, letters, row: seen.size });
      seen.add(key);
    }
  }

  /** The entities whose names come nearest to a text, nearest first, each once. */
  nearest(surface) {
    const text = this.text.joined(surface);
    const letters = [...text];
    let least = INFLECTED.test(text) ? NEAR_INFLECTED : NEAR_IN_LETTERS;
    if (this.text.unspaced.test(text)) least = NEAR;
    const found = [];
    for (const [length, names] of this.byLength) {
      const longer = Math.max(length, letters.length);
      const most = Math.floor((1 - least) * longer + 1e-9);
      if (Math.abs(length - letters.length) > most) continue;
      for (const { entity, letters: other, row } of names) {
        const score = 1 - slips(letters, other, most) / longer;
        if (score >= least) found.push({ entity, score, row });
      }
    }
    found.sort((a, b) => b.score - a.score || a.row - b.row);
    const best = new Map();
    for (const one of found.slice(0, 4 * NEAREST)) if (!best.has(one.entity)) best.set(one.entity, one);
    return [...best.values()].slice(0, NEAREST);
  }
}

/** Letters more, fewer, other, or two swapped (optimal string alignment); infinite beyond `most`. */
function slips(one, other, most) {
  let [before, last] = [[], Array.from({ length: other.length + 1 }, (_, place) => place)];
  for (let row = 1; row <= one.length; row++) {
    const here = [row];
    for (let place = 1; place <= other.length; place++) {
      const same = one[row - 1] === other[place - 1];
      here[place] = Math.min(last[place] + 1, here[place - 1] + 1, last[place - 1] + Number(!same));
      const swapped =
        row > 1 && place > 1 && one[row - 1] === other[place - 2] && one[row - 2] === other[place - 1];
      if (swapped) here[place] = Math.min(here[place], before[place - 2] + 1);
    }
    if (Math.min(...here) > most && Math.min(...last) > most) return Infinity;
    [before, last] = [last, here];
  }
  return last[other.length];
}
