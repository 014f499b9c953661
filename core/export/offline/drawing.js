// The likeliest paths as a picture: the topic at the left, hops to the right, bands as wide as likely.

const ROW = 52; // pixels from row to row
const CHIP = 26;
const COLUMN = 210; // the narrowest; a page that is narrower than all of them scrolls sideways
const WIDEST_BAND = 24;
const DRAWN = 5; // paths
const LABEL = 16; // letters of an entity before it is cut
const WORTH_SAYING = 0.01; // from this probability on it is told that something may not be there

/** The picture of an answer in a width of pixels; null where no path leads anywhere. */
function picture({ paths, lookedFor, topic }, names, description, width) {
  const root = { entities: [topic.entity], shown: topic.entity, depth: 0, below: new Map(), share: 1, end: 0 };
  for (const path of paths.slice(0, DRAWN)) {
    const end = follow(root, path, names.graph);
    [end.end, end.shown] = [end.end + path.probability, path.ends[0]];
  }
  if (lookedFor && lookedFor.probability >= WORTH_SAYING) {
    const place = follow(root, lookedFor, names.graph);
    place.lost = { words: names.lacking(lookedFor.code), share: lookedFor.probability };
  }
  const nodes = settled(root, { next: 0 });
  const columns = 1 + Math.max(...nodes.map(({ depth, lost }) => depth + Number(Boolean(lost))));
  if (columns < 2) return null;
  const step = Math.max(COLUMN, Math.floor(width / columns));
  const rows = Math.max(...nodes.flatMap(({ row, lost }) => [row, lost?.row ?? 0])) + 1;
  const svg = shape("svg", { width: step * columns, height: rows * ROW, role: "img", "aria-label": description });
  const x = (depth) => depth * step + 2;
  const y = (row) => (row + 0.5) * ROW;
  const chips = new Map(nodes.map((node) => [node, chip(node, x(node.depth), y(node.row), names)]));
  for (const node of nodes) {
    const from = { x: x(node.depth) + chips.get(node).width, y: y(node.row) };
    for (const child of node.below.values()) {
      const to = { x: x(child.depth), y: y(child.row) };
      svg.append(band(from, to, "band", Math.max(1.5, WIDEST_BAND * child.share)));
    }
    if (node.lost) svg.append(band(from, { x: x(node.depth + 1), y: y(node.lost.row) }, "lost", 2));
  }
  for (const node of nodes) {
    svg.append(chips.get(node).group);
    const room = step - chips.get(node).width - 16;
    const choice = (row, label) =>
      svg.append(words(x(node.depth + 1) - 8, y(row) - 8, fitting(label, room), { "text-anchor": "end" }));
    for (const { code, row } of node.below.values()) choice(row, names.relation(code));
    if (!node.lost) continue;
    choice(node.lost.row, node.lost.words);
    const sign = `∅ ${names.share(node.lost.share)}`;
    svg.append(words(x(node.depth + 1) + 4, y(node.lost.row) + 5, sign, { class: "share" }));
  }
  return svg;
}

/** Walk a path in the tree that is drawn, and grow the tree where it has not been; where it ends. */
function follow(root, { codes, hops, probability }, graph) {
  let node = root;
  codes.forEach((code, hop) => {
    if (!node.below.has(code)) {
      const entities = graph.step(node.entities, code, codes[hop - 1], root.shown);
      node.below.set(code, { code, entities, depth: hop + 1, below: new Map(), share: 0, end: 0 });
    }
    node = node.below.get(code);
    node.share += probability;
    node.shown ??= hops[hop].tail;
  });
  return node;
}

/** All nodes, each with its row: it stands in the middle of what follows it. */
function settled(node, rows) {
  const children = [...node.below.values()];
  const below = children.flatMap((child) => settled(child, rows));
  if (node.lost) node.lost.row = rows.next++;
  const of = [...children.map(({ row }) => row), ...(node.lost ? [node.lost.row] : [])];
  node.row = of.length ? (Math.min(...of) + Math.max(...of)) / 2 : rows.next++;
  return [node, ...below];
}

/** A group of entities by its first one, and how likely a path ends here. */
function chip({ depth, entities, shown, end }, x, y, names) {
  const more = entities.length > 1 ? ` +${entities.length - 1}` : "";
  const label = words(x + 9, y + 5, cut(names.entity(shown), LABEL) + more, { class: "entity" });
  const width = Math.ceil(wide(label.textContent)) + 18;
  const group = shape("g", { class: depth ? (end ? "end" : "") : "topic" });
  group.append(shape("rect", { x, y: y - CHIP / 2, width, height: CHIP, rx: 8 }), label);
  const title = shape("title", {});
  title.textContent = names.entity(shown);
  group.append(title);
  if (end) group.append(words(x + 2, y + CHIP / 2 + 12, names.share(end), { class: "share" }));
  return { group, width };
}

function band(from, to, kind, width) {
  const middle = (from.x + to.x) / 2;
  const d = `M${from.x} ${from.y} C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`;
  return shape("path", { class: kind, d, "stroke-width": width });
}

function words(x, y, content, attributes) {
  const made = shape("text", { x, y, ...attributes });
  made.textContent = content;
  return made;
}

function shape(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function cut(label, most) {
  const letters = [...label];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : label;
}

/** As much of a label as there is room for in pixels. */
function fitting(label, room) {
  let letters = [...label].length;
  while (letters > 4 && wide(cut(label, letters)) > room) letters -= 1;
  return cut(label, letters);
}

/** Pixels that a text takes, by the page's own pen. */
function wide(content) {
  wide.pen ??= document.createElement("canvas").getContext("2d");
  wide.pen.font = "600 13px system-ui, sans-serif";
  return wide.pen.measureText(content).width;
}
