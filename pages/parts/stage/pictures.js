// The drawing as a file of its own, as it is seen: colours and fonts are written into it.

const SHARP = 2; // pixels of a picture for each of the drawing
const LARGEST = 8192; // pixels of its longer side
const SVG = "http://www.w3.org/2000/svg";
const SHOTS = 24; // frames of an animation at most
const HELD = 3; // times as long as the others the last one is seen
const FADE = 160; // milliseconds from frame to frame
const HEAD = 40; // height of the question's words above the drawing
const WORD = 15; // their size

const KEPT = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "opacity",
  "font-family", "font-size", "font-weight", "paint-order", "text-anchor", "transform",
];

/** Save the drawing as an SVG file, whose text stays text. */
function saveDrawing(view) {
  saveAs(new Blob([serialized(copyOf(view))], { type: "image/svg+xml" }), "path.svg");
}

/** Save the drawing as a PNG file, made here in the browser. */
function savePicture(view) {
  const { width, height } = view.svg.node().getBoundingClientRect();
  const sharp = Math.min(SHARP, LARGEST / Math.max(width, height));
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * sharp);
    canvas.height = Math.round(height * sharp);
    const pen = canvas.getContext("2d");
    pen.fillStyle = getComputedStyle(view.root).backgroundColor;
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((picture) => saveAs(picture, "path.png"), "image/png");
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(serialized(copyOf(view)))}`;
}

/** Save the whole thinking as one SVG file that plays by itself: hop after hop, then from the beginning. */
function saveAnimation(view) {
  const seen = view.now;
  const every = Math.max(1, Math.ceil(view.final / (SHOTS - 1)));
  const shots = [...Array(view.final + 1).keys()].filter((shot) => shot % every === 0 || shot === view.final);
  const frames = shots.map((shot) => {
    view.now = shot;
    view.draw(0);
    return frameOf(view);
  });
  view.now = seen;
  view.draw(0);
  const film = copyOf(view).cloneNode(false);
  frames.forEach((frame, nth) => frame.setAttribute("class", `frame f${nth}`));
  film.append(...frames);
  const width = Number(film.getAttribute("width"));
  const height = Number(film.getAttribute("height")) + HEAD;
  film.setAttribute("height", height);
  film.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const style = document.createElementNS(SVG, "style");
  style.textContent = playing(frames.length, view.pace);
  film.prepend(style);
  saveAs(new Blob([serialized(film)], { type: "image/svg+xml" }), "thinking.svg");
}

/** When each frame is seen, for ever; who wants no motion sees the last one. */
function playing(count, pace) {
  const whole = pace * (count + HELD - 1);
  const share = (time) => `${((100 * time) / whole).toFixed(3)}%`;
  const rules = [...Array(count).keys()].map((nth) => {
    const last = nth === count - 1;
    const before = nth ? `0%, ${share(nth * pace)} { opacity: 0 } ` : "";
    const after = last ? "100%" : `${share((nth + 1) * pace)} { opacity: 1 } ${share((nth + 1) * pace + FADE)}, 100%`;
    const seen = `${share(nth ? nth * pace + FADE : 0)}${last ? ", " : " { opacity: 1 } "}`;
    const keys = `${before}${seen}${after} { opacity: ${last ? 1 : 0} }`;
    return `@keyframes f${nth} { ${keys} }\n.f${nth} { animation: f${nth} ${whole}ms linear infinite }`;
  });
  const still = `@media (prefers-reduced-motion: reduce) { .frame { animation: none; opacity: 0 } .f${count - 1} { opacity: 1 } }`;
  return `${rules.join("\n")}\n${still}`;
}

/** What is seen now as a group of its own, the words of the question above it. */
function frameOf(view) {
  const group = document.createElementNS(SVG, "g");
  const below = document.createElementNS(SVG, "g");
  below.setAttribute("transform", `translate(0, ${HEAD})`);
  below.append(...copyOf(view).childNodes);
  group.append(...wordsOf(view), below);
  return group;
}

/** The question's words, as deep in colour as they are on the page, and which hop it is. */
function wordsOf(view) {
  let x = EDGE;
  const made = [...view.words.children].flatMap((word) => {
    const style = getComputedStyle(word);
    const wide = view.wide(word.textContent, WORD, 400) + 12;
    const box = shape("rect", { x, y: 6, width: wide, height: 22, rx: 5, fill: backgroundOf(word) });
    const text = shape("text", { x: x + 6, y: 22, fill: style.color, "font-size": WORD });
    text.textContent = word.textContent;
    x += wide + 4;
    return [box, text];
  });
  const hop = shape("text", { x: view.width - EDGE, y: 22, fill: getComputedStyle(view.where).color, "font-size": WORD, "text-anchor": "end" });
  hop.textContent = view.whereItIs;
  return [...made, hop];
}

/** The colour behind a word at this hop, not on the way there. */
function backgroundOf(word) {
  word.style.transition = "none";
  const colour = getComputedStyle(word).backgroundColor;
  word.style.removeProperty("transition");
  return colour;
}

function shape(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** The drawing as it is seen, whatever style sheet there is. */
function copyOf(view) {
  const drawing = view.svg.node();
  const copy = drawing.cloneNode(true);
  const originals = [drawing, ...drawing.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((element, nth) => {
    const style = getComputedStyle(originals[nth]);
    for (const name of KEPT) element.style.setProperty(name, style.getPropertyValue(name));
    for (const name of ["class", "data-place", "tabindex"]) element.removeAttribute(name);
  });
  copy.setAttribute("xmlns", SVG);
  copy.style.background = getComputedStyle(view.root).backgroundColor;
  return copy;
}

function serialized(element) {
  return new XMLSerializer().serializeToString(element);
}

function saveAs(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}
