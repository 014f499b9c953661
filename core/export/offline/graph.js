// The graph: edges both ways, sorted, and what entities and relations are called.
//
// A relation's code is its number, walked forward, or that and the number of relations, walked backward.

class Graph {
  constructor({ languages, entities, relations, heads, kinds, tails }) {
    this.languages = languages;
    this.entities = entities;
    this.relations = relations;
    this.size = entities.ids.length;
    this.count = relations.ids.length;
    this.codes = 2 * this.count;
    const edges = new Float64Array(2 * heads.length); // one sortable number an edge; 2^53 holds them
    heads.forEach((head, fact) => {
      edges[2 * fact] = (head * this.codes + kinds[fact]) * this.size + tails[fact];
      edges[2 * fact + 1] = (tails[fact] * this.codes + this.inverse(kinds[fact])) * this.size + head;
    });
    this.edges = edges.sort();
  }

  inverse(code) {
    return code < this.count ? code + this.count : code - this.count;
  }

  /** The first edge that is not before an entity and a relation. */
  begin(entity, code = 0) {
    const wanted = (entity * this.codes + code) * this.size;
    let [low, high] = [0, this.edges.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.edges[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  degree(entity) {
    return this.begin(entity + 1) - this.begin(entity);
  }

  /** Entities that a relation reaches from any of some: ascending, each once. */
  follow(entities, code) {
    const reached = new Set();
    for (const entity of entities) {
      for (let at = this.begin(entity, code); at < this.begin(entity, code + 1); at++) {
        reached.add(this.edges[at] % this.size);
      }
    }
    return [...reached].sort((a, b) => a - b);
  }

  /** Relations that leave some entities, ascending: from code to what it reaches. */
  leaving(entities) {
    const found = new Map();
    for (const entity of entities) {
      for (let at = this.begin(entity); at < this.begin(entity + 1); at++) {
        const code = Math.floor(this.edges[at] / this.size) % this.codes;
        if (!found.has(code)) found.set(code, new Set());
        found.get(code).add(this.edges[at] % this.size);
      }
    }
    const ascending = (values) => [...values].sort((a, b) => a - b);
    return new Map(ascending(found.keys()).map((code) => [code, ascending(found.get(code))]));
  }

  /** What one hop reaches; a hop that undoes the hop before does not step back onto the topic. */
  step(frontier, code, before, topic) {
    const reached = this.follow(frontier, code);
    const undoes = before !== undefined && code === this.inverse(before);
    return undoes ? reached.filter((entity) => entity !== topic) : reached;
  }

  has(head, code, tail) {
    const at = this.begin(head, code);
    const wanted = (head * this.codes + code) * this.size + tail;
    for (let edge = at; this.edges[edge] <= wanted; edge++) if (this.edges[edge] === wanted) return true;
    return false;
  }

  /** One chain of entities along relations that ends at an entity: `[head, code, tail]` a hop. */
  chain(frontiers, codes, end) {
    if (!codes.length) return [];
    const before = codes.slice(0, -1);
    const code = codes[before.length];
    const sources = this.follow([end], this.inverse(code));
    const there = new Set(frontiers[before.length]);
    for (const source of sources.filter((one) => there.has(one))) {
      const chain = this.chain(frontiers, before, source);
      if (chain) return [...chain, [source, code, end]];
    }
    return null;
  }

  /** A label in a language, else in any, else the id with blanks. */
  label(entity, language) {
    return labelOf(this.entities, entity, language, this.languages);
  }

  relationLabel(code, language) {
    const label = labelOf(this.relations, code % this.count, language, this.languages);
    return code < this.count ? label : `~${label}`;
  }
}

function labelOf({ ids, labels }, row, language, languages) {
  for (const one of [language, ...languages]) {
    if (labels[one]?.[row]) return labels[one][row];
  }
  return ids[row].replaceAll("_", " ");
}
