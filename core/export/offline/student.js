// How probable the student finds each path of a topic, and each thing that the graph lacks.
//
// The relation paths that exist are spelled in tokens, as a trie that is read level by level:
//
//   mass(root) = 1,  mass(node and token) = mass(node) * p(token | node)      p over all tokens there are
//
// At each place where a path may go on there are two ways more: `<missing>` and a relation that is not
// there, and `<none>`, no relation of the graph. What is less than `LEAST` of all that counts is read no further.

const LEAST = 1e-3;
const NONE = -1; // stands for none of the graph's relations where else a relation's code stands

class Student {
  constructor({ language, tokenizer, marks, relations, shape, absenceWeight }, graph, text, rules) {
    this.model = new LanguageModel(language);
    this.tokens = TOKENIZERS[tokenizer.kind](tokenizer);
    this.marks = marks;
    this.relations = relations;
    this.shape = shape;
    this.absenceWeight = absenceWeight;
    this.graph = graph;
    this.text = text;
    this.rules = rules;
    this.codes = [...Array(shape.directions === "both" ? graph.codes : graph.count).keys()];
  }

  /** Tokens of a question whose topic is masked, its end where it is too long. */
  prompt(masked) {
    const [before, ...after] = masked.split(this.rules.mark);
    const read = (piece) => this.tokens(this.text.normalForm(piece));
    const tokens = read(before);
    if (after.length) tokens.push(this.marks.topic, ...read(after.join(this.rules.mark)));
    return [...tokens.slice(-this.rules.longestPrompt), this.marks.path];
  }

  /** The last node of a question's tokens, which are read: where paths begin. */
  begin(masked) {
    const nodes = [];
    for (const token of this.prompt(masked)) nodes.push({ token, parent: nodes.at(-1) });
    this.model.read(nodes);
    this.model.weigh(nodes.slice(-1));
    return Object.assign(nodes.at(-1), { mass: 1, children: new Map() });
  }

  /**
   * What the student means, among all that can be meant about a topic; it sums to one.
   *
   * Returns `{paths, missing}`. Of a path: the place where it ends, with the codes and the entities that
   * lead there, and its probability. Of what is missing: where, the relation's code, the probability.
   */
  posterior(masked, topic) {
    const root = this.begin(masked);
    const places = [{ node: root, codes: [], frontiers: [[topic]], below: [] }];
    root.place = places[0];
    const least = this.scoreFrom(root, places);
    const offered = places.filter((place) => place.none);
    const unclear = offered.filter(
      (place) => massOf(place.missing) + beside(place.node) >= this.rules.named,
    );
    const missing = offered.map((place) => ({
      place,
      code: NONE,
      mass: massOf(place.none) + (unclear.includes(place) ? 0 : massOf(place.missing)),
    }));
    for (const place of unclear) missing.push(...this.named(place, places, least));
    const paths = places.slice(1).map((place) => ({ place, mass: massOf(place.stop) }));
    for (const one of missing) one.mass *= this.absenceWeight;
    const whole = [...paths, ...missing].reduce((sum, { mass }) => sum + mass, 0) || 1;
    const shared = (found) => found.map(({ mass, ...one }) => ({ ...one, probability: mass / whole }));
    return { paths: shared(paths), missing: shared(missing) };
  }

  /** Read the paths from the root on; the least mass that was read on from. */
  scoreFrom(root, places) {
    let least = 1;
    let next = LEAST;
    while (next < least) {
      least = next;
      this.score([root], places, least);
      const there = places.reduce((sum, place) => sum + massOf(place.stop), 0);
      next = LEAST * (there + this.absenceWeight * (1 - there)); // of what will be the whole
    }
    return least;
  }

  /** Read on from nodes whose mass is known, level by level, and grow the tree where that leads. */
  score(level, places, least) {
    while (level.length) {
      for (const { place } of level) if (place) this.grow(place, places);
      const inner = level.filter((node) => node.children.size);
      const unread = inner.filter((node) => !node.logits).flatMap(withCertain);
      if (unread.length) {
        this.model.read(unread);
        this.model.weigh(unread);
      }
      level = [];
      for (const node of inner) {
        for (const child of node.children.values()) {
          child.mass = node.mass * Math.exp(node.logits[child.token] - node.total);
          if (child.mass >= least) level.push(child);
        }
      }
    }
  }

  /** What may follow a place: the relations that lead on, to stop, and what may be lacking. */
  grow(place, places) {
    if (place.grown) return;
    place.grown = true;
    const { codes, frontiers, node } = place;
    const frontier = frontiers.at(-1);
    const grows = codes.length < this.shape.hops && frontier.length <= this.shape.widest;
    for (const [code, reached] of grows ? this.leading(place) : []) {
      const child = { codes: [...codes, code], frontiers: [...frontiers, reached], below: [] };
      child.node = this.spell(node, code);
      place.below.push(code);
      if (child.node.place) continue; // spelled like another, which is meant
      child.node.place = child;
      places.push(child);
    }
    if (codes.length) place.stop = extend(node, this.marks.stop);
    if (!grows || !(codes.length || place.below.length)) return;
    if (place.below.length < this.codes.length) place.missing = extend(node, this.marks.missing);
    place.none = extend(node, this.marks.none);
  }

  /** Relations that lead on from a place, each with what it reaches. */
  leading({ codes, frontiers }) {
    const undo = codes.length ? this.graph.inverse(codes.at(-1)) : undefined;
    const [topic] = frontiers[0];
    return [...this.graph.leaving(frontiers.at(-1))]
      .filter(([code]) => code < this.codes.length)
      .map(([code, reached]) => [code, code === undo ? reached.filter((one) => one !== topic) : reached])
      .filter(([, reached]) => reached.length);
  }

  /** The relations that a place lacks, said as missing or just so, and how likely that is. */
  named(place, places, least) {
    const lacking = this.codes.filter((code) => !place.below.includes(code));
    const said = new Set();
    const spelled = lacking.map((code) => {
      const ends = [this.spell(place.node, code), place.missing && this.spell(place.missing, code)];
      const fresh = ends.filter((end) => end && !said.has(end));
      fresh.forEach((end) => said.add(end));
      return { place, code, fresh };
    });
    // What is missing counts so much less.
    this.score([place.node], places, Math.min(least / this.absenceWeight, this.rules.named));
    return spelled.map(({ fresh, ...one }) => ({ ...one, mass: fresh.reduce((sum, end) => sum + massOf(end), 0) }));
  }

  spell(node, code) {
    return [...this.relations[code], this.marks.hop].reduce(extend, node);
  }
}

/** A node and those that follow where only one may, which are read at once: that is faster. */
function withCertain(node) {
  const nodes = [node];
  while (nodes.at(-1).children.size === 1) nodes.push(...nodes.at(-1).children.values());
  return nodes.filter((one) => !one.logits && (one.children.size || one.place));
}

/** The node of one token more. */
function extend(node, token) {
  if (!node.children.has(token)) node.children.set(token, { token, parent: node, children: new Map() });
  return node.children.get(token);
}

function massOf(node) {
  return node?.mass ?? 0;
}

/** What the student would say from a place on that is not in the trie, up to where the next hop ends. */
function beside(node) {
  if (!node.children.size) return 0;
  let [left, further] = [massOf(node), 0];
  for (const child of node.children.values()) {
    left -= massOf(child);
    if (!child.place) further += beside(child);
  }
  return Math.max(left, 0) + further;
}
