// What is said to a question: answers by vote of the paths, each hop checked, and what is lacking.
//
// The rules are those of the studio (core/answers, core/verify), for the student alone.

class Answerer {
  constructor({ graph, student, words, rules, certainty }) {
    this.graph = new Graph(graph);
    this.text = new PlainText(words);
    this.student = new Student(student, this.graph, this.text, rules);
    this.topics = new Topics(new Linker(this.graph, this.text, rules), rules);
    this.rules = rules;
    this.certainty = certainty;
  }

  /**
   * The answer to a question, about a given entity or what it names.
   *
   * Returns `{topic, language, decision, answers, paths, missing, lookedFor, confidence, likely,
   * sureFrom}`; `topic` is null where nothing is named, and `asksNothing` set where nothing is asked.
   */
  answer(question, given) {
    const language = this.text.language(question);
    const topic = this.topics.find(question, given);
    const said = { question, language, topic, answers: [], paths: [], missing: 0, lookedFor: null };
    if (!topic) return { ...said, decision: "not_in_graph" };
    if (topic.asksNothing) return { ...said, decision: "unsure", asksNothing: true };
    return { ...said, ...this.decided(this.predicted(topic)) };
  }

  /** Entities, paths and what is lacking, with their probabilities. */
  predicted({ masked, entity }) {
    const { paths, missing } = this.student.posterior(masked, entity);
    const likely = worthSaying(paths, this.rules.said);
    const votes = new Map();
    for (const { place, probability } of likely) {
      for (const end of place.frontiers.at(-1)) votes.set(end, (votes.get(end) ?? 0) + probability);
    }
    const answers = [...votes].map(([end, probability]) => ({ entity: end, probability }));
    answers.sort((a, b) => b.probability - a.probability || a.entity - b.entity);
    const lacking = missing.reduce((most, one) => (one.probability > (most?.probability ?? -1) ? one : most), null);
    const total = Math.min(missing.reduce((sum, one) => sum + one.probability, 0), 1);
    return { answers, likely, missing: total, lacking };
  }

  decided({ answers, likely, missing, lacking }) {
    const best = answers[0]?.probability ?? 0;
    const refuses = missing > best;
    const stated = Math.max(best, missing);
    const level = this.level();
    const confidence = this.believed(stated);
    const from = level && (refuses ? level.refusal : level.threshold);
    const isSure = !this.certainty || (from !== null && from !== undefined && stated >= from);
    let decision = "unsure";
    if (confidence >= this.rules.even && isSure) decision = refuses ? "not_in_graph" : "answered";
    return {
      answers: decision === "not_in_graph" ? [] : answers,
      decision,
      missing,
      confidence,
      paths: this.shown(likely, answers),
      lookedFor: lacking && this.lookedFor(lacking),
      likely: level && likelySet(answers, missing, level),
      sureFrom: from === null || from === undefined ? null : this.believed(from),
    };
  }

  /** What held-out questions say of the share of answers that has to be right; null if nothing does. */
  level() {
    const levels = this.certainty?.levels ?? [];
    return levels.find(({ level }) => level >= this.rules.precision - 1e-9) ?? null;
  }

  /** The chance that what is stated with some probability is right. */
  believed(probability) {
    if (!this.certainty) return probability;
    const yes = probability ** (1 / this.certainty.temperature);
    const no = (1 - probability) ** (1 / this.certainty.temperature);
    return yes / (yes + no);
  }

  /** The best paths, the likeliest that reaches the first answer before all others, each hop checked. */
  shown(likely, answers) {
    const paths = [...likely];
    if (answers.length) {
      const behind = paths.findIndex(({ place }) => place.frontiers.at(-1).includes(answers[0].entity));
      paths.unshift(...paths.splice(behind, 1));
    }
    return paths.slice(0, this.rules.paths).map(({ place, probability }) => {
      const there = new Set(place.frontiers.at(-1));
      const ends = answers.map(({ entity }) => entity).filter((entity) => there.has(entity));
      const hops = this.checked(this.graph.chain(place.frontiers, place.codes, ends[0]));
      return { codes: place.codes, probability, ends, hops, supported: hops.every((hop) => hop.inGraph) };
    });
  }

  checked(chain) {
    return chain.map(([head, code, tail]) => ({ head, code, tail, inGraph: this.graph.has(head, code, tail) }));
  }

  /** What was looked for in vain, where, and whether the graph was asked that nothing there has it. */
  lookedFor({ place, code, probability }) {
    const frontier = place.frontiers.at(-1);
    const degrees = frontier.map((entity) => this.graph.degree(entity));
    const at = frontier[degrees.indexOf(Math.max(...degrees))];
    const hops = this.checked(this.graph.chain(place.frontiers, place.codes, at));
    const [topic] = place.frontiers[0];
    const verified = code !== NONE && !this.graph.step(frontier, code, place.codes.at(-1), topic).length;
    return { at, code, codes: place.codes, probability, hops, verified };
  }
}

/** Those at least so probable beside the best one, the most probable first. */
function worthSaying(paths, share) {
  const sorted = [...paths].sort((a, b) => b.probability - a.probability);
  const floor = Math.max(share * (sorted[0]?.probability ?? 0), Number.MIN_VALUE);
  return sorted.filter(({ probability }) => probability >= floor);
}

/** The answers that hold a right one as often as a level says. */
function likelySet(answers, missing, { level, floor }) {
  const likely = answers.filter(({ probability }) => probability >= floor && probability > 0);
  return { level, answers: likely, orNot: missing > 0 && missing >= floor };
}
