// Draws one question: its topic at the left, its hops to the right, its answers at the far right.
//
// Streamlit calls the default function on the same root whenever `data` changes; the drawing is joined to
// the new data, so what stays moves and nothing flickers. Which hop is seen, the temperature and alpha are
// the reader's own and stay here; Python hears of them when the hand rests. Text from a graph reaches the
// screen as `textContent` alone.

const ROW = 48; // pixels from row to row
const CHIP = 24; // height of a group of entities
const FULL = 38; // width of a band of all the mass
const NARROWEST = 148; // a column; below that the drawing scrolls sideways
const EDGE = 8;
const STUB = 22; // length of a band that leads to nothing drawn
const MOVE = 200; // milliseconds of a transition
const BEAT = 1100; // milliseconds from hop to hop while it plays
const REST = 300; // milliseconds without a change before Python hears of it
const FONT = 13;
const SMALL = 12;
const LONGEST = 80; // letters of a label that are tried for room
const ROWS = 7; // choices of a place that are drawn as bars
const SIDES = ["teacher", "student", "before"];
const SPOKEN = 5; // choices of a hop that are told in words; the table has all of them

let engine;

/** Import D3 once per browser tab; the address is relative to wherever the app lives. */
function load(path) {
  engine ??= import(new URL(path, document.baseURI).href).catch((error) => {
    engine = undefined; // so that the next view tries again
    throw error;
  });
  return engine;
}

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".stage");
  root.view ??= data.reel ? new Film(root) : new View(root);
  root.view.setTriggerValue = setTriggerValue;
  root.view.show(data, setStateValue);
  return () => {
    root.view?.remove();
    root.view = undefined;
  };
}

class View {
  constructor(root) {
    this.root = root;
    root.replaceChildren();
    this.words = child(root, "p", "words");
    this.changes = child(root, "div", "changes");
    this.frame = child(root, "div", "frame");
    this.tip = child(root, "div", "tip");
    this.tip.hidden = true;
    this.controls = child(root, "div", "controls");
    this.knobs = child(root, "div", "knobs");
    this.panel = child(root, "div", "panel");
    this.said = child(root, "p", "said");
    this.said.setAttribute("aria-live", "polite");
    this.reports = {};
    this.pen = document.createElement("canvas").getContext("2d");
  }

  /** Take new data; only the latest is drawn once D3 is there. */
  async show(data, setStateValue) {
    const another = this.data?.about !== data.about;
    this.data = data;
    this.setStateValue = setStateValue;
    this.families = byParent(data.places);
    if (another) this.begin();
    if (this.d3) return this.draw();
    if (this.loading) return;
    this.loading = true;
    try {
      this.d3 = await load(data.engine);
      if (this.root.view === this) this.start();
    } catch (error) {
      console.error(error);
      this.root.replaceChildren();
      child(this.root, "p", "failed").textContent = this.data.words.failed;
      this.root.view = undefined;
    } finally {
      this.loading = false;
    }
  }

  /** The reader's choices at a question that was not there before. */
  begin() {
    this.pause();
    this.hop = Math.min(this.data.hop, this.data.steps);
    this.temperature = this.data.temperature;
    this.alpha = this.data.alpha;
    this.chosen = null;
    this.looked = null;
  }

  start() {
    const { name, keys } = this.data.words;
    this.svg = this.d3.select(this.frame).append("svg").attr("class", `drawing ${this.data.sides[0]}`);
    this.svg
      .attr("tabindex", 0)
      .attr("role", "group")
      .attr("aria-label", `${name} ${keys}`)
      .on("keydown", (event) => this.key(event))
      .on("pointerleave", () => this.point(null));
    for (const layer of ["bands", "chips", "marks"]) this.svg.append("g").attr("class", layer);
    this.player();
    if (this.data.soft) this.softener();
    this.sized = new ResizeObserver(() => {
      const width = this.frame.clientWidth;
      if (!width || width === this.width) return;
      this.width = width;
      this.draw(0);
    });
    this.sized.observe(this.frame);
    this.width = this.frame.clientWidth;
    this.draw(0);
    this.root.dataset.ready = "true";
  }

  // --- what is drawn ---------------------------------------------------------------------------

  /** Bring the drawing to the data and to the reader's choices. */
  draw(duration = MOVE) {
    if (!this.svg || !this.width) return;
    this.duration = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : duration;
    const each = (of) => Object.fromEntries(this.data.sides.map((side) => [side, of(side)]));
    this.choices = each((side) => this.choicesOf(side, this.temperature));
    this.masses = each((side) => this.massesOf(this.choices[side]));
    this.measure();
    this.drawBands();
    this.drawChips();
    this.drawMarks();
    this.drawWords();
    drawChanges(this);
    if (this.data.soft) this.drawPanel();
    this.follow();
    this.say();
  }

  /** Every choice of a side at a temperature: p^(1/T), renormalised among all that may follow. */
  choicesOf(side, temperature) {
    const choices = new Map(this.data.places.map(({ id, shares }) => [id, shares[side]]));
    if (!this.data.soft) return choices;
    for (const ways of this.families.values()) {
      const logits = ways.map(({ shares }) => Math.log(shares[side]) / temperature);
      const top = Math.max(...logits);
      const powers = logits.map((logit) => (top === -Infinity ? 0 : Math.exp(logit - top)));
      const all = sum(powers, (power) => power) || 1;
      ways.forEach(({ id }, nth) => choices.set(id, powers[nth] / all));
    }
    for (const { id } of this.data.places.filter((place) => place.kind === "rest")) {
      const folded = this.data.places.filter((place) => place.folded === id);
      choices.set(id, sum(folded, (place) => choices.get(place.id)));
    }
    return choices;
  }

  /** The mass of every place: the product of the choices that lead to it. */
  massesOf(choices) {
    const masses = new Map();
    for (const { id, parent } of this.data.places) {
      masses.set(id, choices.get(id) * (parent === null ? 1 : masses.get(parent)));
    }
    return masses;
  }

  /** What is seen at this hop. */
  seen() {
    return this.data.places.filter((place) => !place.folded && place.step <= this.hop);
  }

  /** Places in pixels: a function of the tree, of its labels and of the width that there is. */
  measure() {
    const { places, ends } = this.data;
    const drawn = places.filter((place) => !place.folded);
    const reached = ({ kind, column }) => ({ stop: column, missing: column + 1 })[kind] ?? 1;
    const columns = Math.max(...drawn.map(reached));
    const rows = Math.max(0, ...[...drawn, ...ends].map(({ row }) => row));
    this.step = Math.max(NARROWEST, (this.width - 2 * EDGE) / (columns + 1));
    const width = Math.round(this.step * (columns + 1) + 2 * EDGE - 1);
    const height = Math.round((rows + 1) * ROW + 14);
    this.svg.attr("width", width).attr("height", height).attr("viewBox", `0 0 ${width} ${height}`);
    this.at = new Map();
    for (const place of drawn) this.at.set(place.id, this.spot(place, place.column));
    for (const end of ends) this.at.set(end.id, this.spot(end, columns, true));
    for (const { id, parent } of drawn.filter(({ kind }) => kind === "rest")) {
      const from = this.at.get(parent);
      this.at.get(id).x = from.x + from.width + STUB;
    }
    this.last = EDGE + columns * this.step;
  }

  /** Where a place or an end stands, and its label as far as there is room: `Scranton +12`. */
  spot({ id, entities = "", more = 0, row }, column, last = false) {
    const others = (more ? ` +${more}` : "") + (id === this.data.parting ? "  ≠" : "");
    const room = this.step - (last ? 24 : 58) - this.wide(others, FONT, 600);
    const label = entities && this.cut(entities, room, FONT, 600) + others;
    const width = label ? Math.ceil(this.wide(label, FONT, 600)) + 20 : 0;
    return { x: EDGE + column * this.step, y: (row + 0.5) * ROW + 16, width, label };
  }

  drawBands() {
    const bands = this.data.sides.flatMap((side) => this.bandsOf(side));
    const { area, curveBumpX } = this.d3;
    const shape = area()
      .x(([x]) => x)
      .y0(([, y, width]) => y - width / 2)
      .y1(([, y, width]) => y + width / 2)
      .curve(curveBumpX);
    const closed = ({ points }) => shape(points.map(() => [points[0][0], points[0][1], 0]));
    this.svg
      .select(".bands")
      .selectAll("path")
      .data(bands, ({ id }) => id)
      .join(
        (enter) => enter.append("path").attr("d", closed),
        (update) => update,
        (exit) => this.move(exit).attr("d", closed).remove(),
      )
      .attr("class", ({ side, kind, doubt, place }) =>
        ["band", side, kind, doubt && "doubt", this.still(side, place) && "still"].filter(Boolean).join(" "),
      )
      .attr("data-place", ({ place }) => place)
      .on("pointermove", (event, { place }) => this.point(place, event))
      .on("click", (_event, { place }) => takeAway(this, place))
      .call((all) => this.move(all).attr("d", ({ points }) => shape(points)));
  }

  /** The bands of a side: from each place its choices leave one below the other. */
  bandsOf(side) {
    const masses = this.masses[side];
    const thick = (id) => masses.get(id) * FULL;
    const left = new Map(); // how far down each place's mass is given away already
    const come = new Map(); // and how far each end is filled
    const seen = this.seen().filter(({ parent }) => parent !== null);
    return seen.map((place) => {
      const from = this.at.get(place.parent);
      const width = Math.max(thick(place.id), masses.get(place.id) > 0 ? 1.2 : 0);
      const gone = left.get(place.parent) ?? 0;
      left.set(place.parent, gone + thick(place.id));
      const y = from.y + gone + (thick(place.id) - this.given(place.parent, thick)) / 2;
      const points = [[from.x + from.width, y, width]];
      const here = this.at.get(place.id);
      if (place.kind === "stop") {
        const end = this.at.get(place.end);
        const filled = come.get(place.end) ?? 0;
        come.set(place.end, filled + thick(place.id));
        const into = end.y + filled + (thick(place.id) - this.arriving(place.end, thick)) / 2;
        if (here.x < this.last) {
          points.push([here.x, here.y, width], [this.last - this.step / 3, here.y, width]);
        }
        points.push([end.x, into, width]);
      } else {
        points.push([here.x + ({ relation: 0, missing: -6, rest: 0 }[place.kind]), here.y, width]);
      }
      const doubt = place.verdict && place.verdict !== "in_graph";
      return { id: `${side}\n${place.id}`, place: place.id, side, kind: place.kind, doubt, points };
    });
  }

  /** Whether a band says nothing: no mass goes there, or as much as before. */
  still(side, place) {
    const mass = this.masses[side].get(place);
    return side === "before" ? mass.toFixed(2) === this.masses[this.data.sides[0]].get(place).toFixed(2) : !mass;
  }

  /** How much of a place's choices is drawn at the last hop: bands keep their start while hops go by. */
  given(parent, thick) {
    return sum(this.data.places.filter((one) => one.parent === parent && !one.folded), ({ id }) => thick(id));
  }

  arriving(end, thick) {
    return sum(this.data.places.filter((one) => one.end === end && !one.folded), ({ id }) => thick(id));
  }

  drawChips() {
    const groups = this.seen().filter(({ kind }) => kind === "topic" || kind === "relation");
    const chips = [
      ...groups.map((place) => ({ ...place, role: place.kind })),
      ...this.data.ends.map((end) => ({ ...end, role: "end" })),
    ];
    const joined = this.svg
      .select(".chips")
      .selectAll("g.chip")
      .data(chips, ({ id }) => id)
      .join((enter) => {
        const made = enter.append("g").style("opacity", 0);
        made.append("rect").attr("class", "halo");
        made.append("rect").attr("class", "box");
        made.append("rect").attr("class", "fill");
        made.append("text").attr("class", "label");
        return made;
      });
    joined
      .attr("class", ({ id, role }) => ["chip", role, id === this.data.parting && "parting", id === this.chosen && "chosen", this.gone(id, role) && "gone"].filter(Boolean).join(" "))
      .attr("data-place", ({ id }) => id)
      .attr("transform", ({ id }) => `translate(${this.at.get(id).x}, ${this.at.get(id).y})`)
      .on("pointermove", (event, { id }) => this.point(id, event))
      .on("click", (_event, { id }) => this.choose(id));
    for (const box of ["halo", "box", "fill"]) {
      joined.select(`.${box}`).attr("y", -CHIP / 2).attr("height", CHIP).attr("rx", 7);
    }
    for (const box of ["halo", "box"]) joined.select(`.${box}`).attr("width", ({ id }) => this.at.get(id).width);
    joined.select(".halo").style("stroke-width", ({ id }) => `${this.data.soft ? 2 * haloOf(this, id) : 0}px`);
    joined
      .select(".label")
      .attr("x", 10)
      .attr("y", FONT / 3)
      .text(({ id }) => this.at.get(id).label);
    this.move(joined).style("opacity", 1);
    this.move(joined.select(".fill")).attr("width", ({ id, role }) =>
      role === "end" ? this.at.get(id).width * this.ended(this.data.sides[0], id) : 0,
    );
  }

  /** Whether nothing leads to a place, or to an end, any more. */
  gone(id, role) {
    const mass = (side) => (role === "end" ? this.ended(side, id) : this.masses[side].get(id));
    return this.masses.before && !mass(this.data.sides[0]) && mass("before") > 0;
  }

  /** The mass that has come to an end so far. */
  ended(side, end) {
    return sum(
      this.seen().filter((place) => place.end === end),
      ({ id }) => this.masses[side].get(id),
    );
  }

  /** The words at the bands: what a choice is called, and how probable its paths are. */
  drawMarks() {
    const choices = this.seen().filter(({ kind }) => kind !== "topic" && kind !== "stop");
    const marks = [
      ...choices.map((place) => ({ ...place, role: place.kind })),
      ...this.data.ends.map((end) => ({ id: end.id, relation: "", role: "end" })),
    ];
    const joined = this.svg
      .select(".marks")
      .selectAll("g.mark")
      .data(marks, ({ id }) => id)
      .join((enter) => {
        const made = enter.append("g").style("opacity", 0);
        made.append("path").attr("class", "sign");
        const text = made.append("text");
        text.append("tspan").attr("class", "relation");
        for (const side of SIDES) text.append("tspan").attr("class", `number ${side}`).attr("dx", 6);
        return made;
      });
    joined
      .attr("class", ({ role }) => `mark ${role}`)
      .attr("data-place", ({ id }) => id)
      .attr("transform", (one) => this.markAt(one))
      .on("pointermove", (event, { id }) => this.point(id, event))
      .on("click", (_event, { id }) => takeAway(this, id));
    joined
      .select(".sign") // a broken stub: what is looked for is not there
      .attr("d", ({ role }) => (role === "missing" ? "M-4,-11L4,-1M-4,1L4,11" : null));
    const numbers = 34 * this.data.sides.length;
    joined.select(".relation").text(({ id, relation, role, verdict }) => {
      if (role === "rest") return ""; // a number at a stub, told in words where it is pointed at
      const sign = isAway(this, id) ? "✕" : this.data.signs[verdict];
      const signed = sign ? `${sign} ${relation}` : relation;
      return this.cut(signed, this.step - numbers - (role === "missing" ? 34 : 14), SMALL, 400);
    });
    for (const side of SIDES) {
      joined.select(`.${side}`).text(({ id, role }) => {
        if (!this.masses[side]) return "";
        const mass = role === "end" ? this.ended(side, id) : this.masses[side].get(id);
        const hidden = (role === "end" && !mass) || (side === "before" && role !== "end" && this.still(side, id));
        if (hidden) return "";
        return side === "before" ? `(${mass.toFixed(2)})` : mass.toFixed(2);
      });
    }
    this.move(joined).style("opacity", 1);
  }

  markAt({ id, role }) {
    const { x, y } = this.at.get(id);
    if (role === "relation") return `translate(${x + 1}, ${y - CHIP / 2 - 6})`;
    if (role === "end") return `translate(${x - 5}, ${y - CHIP / 2 - 6})`;
    return `translate(${x}, ${y})`;
  }

  /** The question's words, each as deep in colour as the attention that it gets at this hop. */
  drawWords() {
    const { question, attention } = this.data;
    this.words.hidden = !question.length;
    this.words.title = this.data.words.attention;
    const weights = attention[this.hop - 1] ?? [];
    const most = Math.max(...weights, 0) || 1;
    while (this.words.children.length > question.length) this.words.lastChild.remove();
    question.forEach((word, nth) => {
      const span = this.words.children[nth] ?? child(this.words, "span", "");
      span.textContent = word;
      span.style.setProperty("--weight", ((weights[nth] ?? 0) / most).toFixed(3));
      span.title = weights.length ? (weights[nth] ?? 0).toFixed(2) : "";
    });
  }

  move(selection) {
    return this.duration ? selection.transition().duration(this.duration) : selection.interrupt();
  }

  // --- stepping through it: hops here, frames in a film -------------------------------------------

  get now() {
    return this.hop;
  }

  set now(hop) {
    this.hop = hop;
  }

  get final() {
    return this.data.steps;
  }

  get pace() {
    return BEAT;
  }

  get whereItIs() {
    const { words, steps } = this.data;
    return this.hop ? `${words.hop} ${this.hop} / ${steps}` : words.begin;
  }

  player() {
    const { words } = this.data;
    this.buttons = {
      begin: button(this.controls, "⇤", words.begin, () => this.go(0)),
      back: button(this.controls, "←", words.back, () => this.go(this.now - 1)),
      play: button(this.controls, "▶", words.play, () => this.toggle()),
      next: button(this.controls, "→", words.next, () => this.go(this.now + 1)),
    };
    this.buttons.play.classList.add("play");
    this.scrub = child(this.controls, "input", "scrub");
    Object.assign(this.scrub, { type: "range", min: 0, max: this.final, step: 1 });
    this.scrub.setAttribute("aria-label", words.scrub);
    this.scrub.addEventListener("input", () => this.go(Number(this.scrub.value)));
    this.where = child(this.controls, "output", "where");
    button(this.controls, "⤓ SVG", words.download, () => saveDrawing(this)).classList.add("save");
    button(this.controls, "⤓ PNG", words.picture, () => savePicture(this)).classList.add("saves");
    button(this.controls, "⤓ ▶", words.animation, () => saveAnimation(this)).classList.add("saves");
  }

  /** Show another hop; a hand on it ends the playing. */
  go(to, playing = false) {
    if (!playing) this.pause();
    this.now = Math.max(0, Math.min(this.final, to));
    this.draw();
    if (!playing || this.now === this.final) this.report("hop", this.now);
  }

  toggle() {
    if (this.beat) {
      this.pause();
      this.report("hop", this.now);
      return this.draw();
    }
    this.beat = setInterval(() => {
      this.go(this.now + 1, true);
      if (this.now === this.final) this.pause();
      this.follow();
    }, this.pace);
    this.go(this.now === this.final ? 0 : this.now, true);
  }

  pause() {
    clearInterval(this.beat);
    this.beat = undefined;
  }

  /** The controls follow what is shown. */
  follow() {
    const { words } = this.data;
    const { begin, back, play, next } = this.buttons;
    begin.disabled = back.disabled = this.now === 0;
    next.disabled = this.now === this.final;
    play.textContent = this.beat ? "❚❚" : "▶";
    const label = this.beat ? words.pause : words.play;
    play.title = label;
    play.setAttribute("aria-label", label);
    this.scrub.max = this.final;
    this.scrub.value = this.now;
    this.where.textContent = this.whereItIs;
    if (this.looked === this.hop) return; // where the reader has moved it since, it stays
    this.looked = this.hop;
    this.frame.scrollTo({ left: this.reach(), behavior: this.duration ? "smooth" : "auto" });
  }

  /** How far right the drawing is looked at, where it is wider than its frame. */
  reach() {
    const hop = this.hop === this.data.steps ? this.hop + 1 : this.hop;
    return EDGE + (hop + 1) * this.step - this.width;
  }

  key(event) {
    const act = {
      " ": () => this.toggle(),
      ArrowRight: () => this.go(this.now + 1),
      ArrowLeft: () => this.go(this.now - 1),
      Home: () => this.go(0),
      End: () => this.go(this.final),
      ArrowDown: () => this.walk(1),
      ArrowUp: () => this.walk(-1),
      Escape: () => this.choose(null),
      ...(this.data.supposing && this.chosen
        ? Object.fromEntries(["Enter", "Delete", "Backspace"].map((key) => [key, () => takeAway(this, this.chosen)]))
        : {}),
    }[event.key];
    if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** From place to place, by keyboard. */
  walk(by) {
    const order = this.seen();
    const now = order.findIndex(({ id }) => id === this.chosen);
    const next = order[(now + by + order.length) % order.length] ?? order[0];
    this.choose(next.id);
  }

  choose(id) {
    this.chosen = id === this.chosen ? null : id;
    this.draw();
    this.light(this.chosen);
  }

  /** Say in words what is seen: at a hop its choices, or the place that is chosen. */
  say() {
    const now = this.seen().filter(({ step, kind }) => step === this.hop && !["stop", "rest"].includes(kind));
    const told = this.chosen ? [this.chosen] : now.slice(0, SPOKEN).map(({ id }) => id);
    const words = told.map((id) => this.told(id)).join("  ·  ");
    if (this.said.textContent !== words) this.said.textContent = words;
  }

  /** A place in words: the choice, where it leads, and the mass of its paths on each side. */
  told(id) {
    const place = this.data.places.find((one) => one.id === id);
    if (!place) {
      const end = this.data.ends.find((one) => one.id === id);
      return end ? `${named(end)}  ${this.numbers((side) => this.ended(side, id), 3)}` : "";
    }
    const end = this.data.ends.find((one) => one.id === place.end);
    const way = [place.relation, named(place) || named(end)].filter(Boolean).join(" → ");
    const { words, signs, parting } = this.data;
    const here = id === parting ? `  ≠ ${words.parting}` : "";
    const halo = this.data.soft && this.families.has(id) ? `  KL ${apart(this, id).toFixed(2)}` : "";
    const verdict = place.verdict ? `  ${signs[place.verdict]} ${words[`verdict.${place.verdict}`]}` : "";
    return `${way}  ${this.numbers((side) => this.masses[side].get(id), 3)}${halo}${here}${verdict}`;
  }

  numbers(mass, digits) {
    const { sides, words } = this.data;
    const told = (side) => (sides.length > 1 ? `${words[side]} ` : "") + mass(side).toFixed(digits);
    return sides.map(told).join(", ");
  }

  // --- soft labels -------------------------------------------------------------------------------

  /** Temperature and alpha in the reader's hand: everything follows while it moves, here. */
  softener() {
    const { words, range } = this.data;
    const [coldest, hottest] = range.map(Math.log);
    this.heat = knob(this.knobs, words.temperature, coldest, hottest, 0.01, (value) => {
      this.temperature = Math.abs(value) < 0.03 ? 1 : Math.exp(value);
      this.draw(0);
    });
    this.heat.slider.value = Math.log(this.temperature);
    this.heat.slider.addEventListener("change", () => this.report("temperature", this.temperature));
    this.mix = knob(this.knobs, words.alpha, 0, 1, 0.01, (value) => {
      this.alpha = value;
      this.draw(0);
    });
    this.mix.slider.value = this.alpha;
    this.mix.slider.addEventListener("change", () => this.report("alpha", this.alpha));
    this.mix.slider.title = words.gold;
    for (const name of ["reveal", "heading", "rows", "note"]) child(this.panel, "div", name);
  }

  /** One place: what each side would do next there, what is asked of the student, and the pull. */
  drawPanel() {
    const { words } = this.data;
    const at = [this.chosen, this.data.parting, "topic"].find((id) => this.families.get(id)?.length);
    if (!at) return;
    this.heat.told.textContent = this.temperature.toFixed(2);
    this.mix.told.textContent = this.alpha.toFixed(2);
    const place = this.data.places.find(({ id }) => id === at);
    const rows = this.asked(place);
    const [reveal, heading, list, note] = this.panel.children;
    reveal.textContent = this.revealed(rows);
    const name = named(place);
    heading.textContent =
      fill(words.choices, { place: name }) + (at === this.data.parting ? `  ≠ ${words.parting}` : "");
    note.textContent = [words.halo, place.gold ? words.pull : words.no_gold, words.per_relation].join(" ");
    this.d3
      .select(list)
      .selectAll(".row")
      .data(rows.slice(0, ROWS), ({ id }) => id)
      .join((enter) => {
        const made = enter.append("div").attr("class", "row");
        made.append("span").attr("class", "way");
        const bars = made.append("span").attr("class", "bars");
        for (const side of ["teacher", "student", "asked"]) bars.append("i").attr("class", side);
        made.append("span").attr("class", "numbers");
        made.append("span").attr("class", "pull").append("i");
        return made;
      })
      .each(function ({ name, teacher, student, asked, pull }) {
        const part = (selector) => this.querySelector(selector);
        part(".way").textContent = part(".way").title = name;
        part(".teacher").style.width = `${100 * teacher}%`;
        part(".student").style.width = `${100 * student}%`;
        part(".asked").style.left = `${100 * asked}%`;
        part(".numbers").textContent = `${teacher.toFixed(2)}  ${student.toFixed(2)}`;
        const arrow = part(".pull i");
        arrow.className = pull < 0 ? "less" : "more";
        arrow.style.width = `${Math.min(50, 50 * Math.abs(pull))}%`;
        part(".pull").title = pull.toFixed(3);
      });
  }

  /**
   * What a place asks of the student at this T and alpha, and how the loss pulls at each choice: minus its
   * gradient, alpha (p_S - gold) where a gold path comes by and (1 - alpha) M T (p_S^T - p_T^T), where M is
   * the teacher's mass at the place.
   */
  asked(place) {
    const T = this.temperature;
    const beliefs = this.choicesOf("teacher", 1);
    const mass = this.massesOf(beliefs).get(place.id);
    return this.families.get(place.id).map(({ id, relation, shares, gold }) => {
      const teacher = this.choices.teacher.get(id);
      const student = this.choices.student.get(id);
      const soft = mass * T * (teacher - student);
      const hard = gold - place.gold * shares.student;
      const asked = place.gold ? (this.alpha * gold) / place.gold + (1 - this.alpha) * teacher : teacher;
      const pull = this.alpha * hard + (1 - this.alpha) * soft;
      return { id, name: relation, belief: beliefs.get(id), teacher, student, asked, pull };
    });
  }

  /** In a sentence: what this temperature reveals of the teacher. */
  revealed(rows) {
    const { words } = this.data;
    const [first, second] = rows.filter(({ belief }) => belief > 0).sort((a, b) => b.belief - a.belief);
    if (!second) return words.one_way;
    const values = {
      t: this.temperature.toFixed(2), first: first.name, second: second.name,
      top: first.belief.toFixed(2), before: second.belief.toFixed(2),
      now: short(first.teacher / second.teacher), was: short(first.belief / second.belief),
    };
    if (this.temperature === 1) return fill(words.as_it_is, values);
    return fill(this.temperature > 1 ? words.reveals : words.hides, values);
  }

  // --- pointing ----------------------------------------------------------------------------------

  point(id, event) {
    this.light(id ?? this.chosen);
    this.tip.hidden = id === null;
    if (id === null) return;
    this.tip.textContent = this.told(id);
    const frame = this.root.getBoundingClientRect();
    const right = frame.width - this.tip.offsetWidth - 8;
    this.tip.style.left = `${Math.max(8, Math.min(event.clientX - frame.left + 14, right))}px`;
    this.tip.style.top = `${event.clientY - frame.top + 16}px`;
  }

  /** Bring the way to a place out, or everything. */
  light(id) {
    const way = new Set();
    const end = this.data.ends.some((one) => one.id === id);
    const places = new Map(this.data.places.map((place) => [place.id, place]));
    const tips = end ? this.seen().filter((place) => place.end === id).map((place) => place.id) : [id];
    for (const tip of tips) {
      for (let at = places.get(tip); at; at = places.get(at.parent)) way.add(at.id).add(at.end);
    }
    if (end) way.add(id);
    this.svg.classed("lit", way.size > 0);
    const on = (one) => way.has(one.place ?? one.id);
    this.svg.selectAll("[data-place]").classed("on", on);
  }

  // --- keeping it --------------------------------------------------------------------------------

  /** Tell Python when the hand rests. */
  report(what, value) {
    clearTimeout(this.reports[what]);
    this.reports[what] = setTimeout(() => this.setStateValue(what, value), REST);
  }

  /** The width of a text in pixels, without laying anything out. */
  wide(text, size, weight) {
    this.face ??= getComputedStyle(this.root).fontFamily;
    this.pen.font = `${weight} ${size}px ${this.face}`;
    return this.pen.measureText(text).width;
  }

  /** A text as far as there is room for it. */
  cut(text, room, size, weight) {
    if (this.wide(text, size, weight) <= room) return text;
    const letters = [...text].slice(0, LONGEST);
    while (letters.length > 1 && this.wide(`${letters.join("")}…`, size, weight) > room) letters.pop();
    return `${letters.join("").trimEnd()}…`;
  }

  remove() {
    this.pause();
    Object.values(this.reports).forEach(clearTimeout);
    this.sized?.disconnect();
  }
}

/** All that may follow each place, drawn or not. */
function byParent(places) {
  const found = new Map();
  for (const place of places) {
    if (place.kind === "rest" || place.parent === null) continue;
    found.set(place.parent, [...(found.get(place.parent) ?? []), place]);
  }
  return found;
}

/** How many times as much, for reading. */
function short(times) {
  return times < 100 ? times.toPrecision(2) : Math.round(Math.min(times, 1e6)).toLocaleString();
}

/** A sentence with its `{names}` filled in. */
function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** A slider with its name before it and its value behind it. */
function knob(parent, name, least, most, step, act) {
  const label = child(parent, "label", "");
  child(label, "span", "").textContent = name;
  const slider = child(label, "input", "");
  Object.assign(slider, { type: "range", min: least, max: most, step });
  slider.setAttribute("aria-label", name);
  slider.addEventListener("input", () => act(Number(slider.value)));
  return { slider, told: child(label, "output", "") };
}

/** A group of entities in words. */
function named({ entities = "", more = 0 } = {}) {
  return more ? `${entities} +${more}` : entities;
}

function sum(items, value) {
  return items.reduce((total, item) => total + value(item), 0);
}

function child(parent, tag, name) {
  const element = document.createElement(tag);
  element.className = name;
  parent.append(element);
  return element;
}

function button(parent, sign, label, act) {
  const element = child(parent, "button", "");
  element.type = "button";
  element.textContent = sign;
  element.title = label;
  element.setAttribute("aria-label", label);
  element.addEventListener("click", act);
  return element;
}
