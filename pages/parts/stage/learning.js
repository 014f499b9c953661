// A question while somebody learns: frames are stepped through in place of hops.
//
// Below the drawing runs a curve over the steps of the training: the mass of the place that is chosen, or of
// the likeliest answer. Its cursor is the frame that is drawn, and what was changed by hand is marked on it.

const SLOWEST = 700; // milliseconds from frame to frame while it plays
const FASTEST = 120;
const WHOLE = 12000; // milliseconds that a long film takes
const CURVE = 92; // height of the curve with what is written around it
const TOP = 34; // from there ...
const BOTTOM = 72; // ... to there is the curve itself
const MARGIN = 10;
const LETTER = 12; // size of what is written there

class Film extends View {
  constructor(root) {
    super(root);
    root.classList.add("film");
    this.axis = child(root, "div", "axis");
    this.panel.after(this.axis);
  }

  /** New frames: who looks at the last one sees the newest; who looks back stays at that step. */
  show(data, setStateValue) {
    const { steps } = data.reel;
    const another = this.data?.about !== data.about;
    const back = !another && this.shot < this.final && steps.findIndex((step) => step >= this.data.reel.steps[this.shot]);
    this.shot = back === false || back < 0 ? steps.length - 1 : back;
    this.reel = undefined;
    return super.show(data, setStateValue);
  }

  get now() {
    return this.shot;
  }

  set now(shot) {
    this.shot = shot;
  }

  get final() {
    return this.data.reel.steps.length - 1;
  }

  get pace() {
    return Math.max(FASTEST, Math.min(SLOWEST, WHOLE / (this.final + 1)));
  }

  get whereItIs() {
    return `${this.data.words.step} ${this.data.reel.steps[this.shot].toLocaleString()}`;
  }

  report() {} // which frame is seen is no matter for the page

  choicesOf(side, temperature) {
    if (side !== this.data.reel.side) return super.choicesOf(side, temperature);
    return this.choicesAt(this.shot);
  }

  choicesAt(shot) {
    const shares = this.data.reel.shares[shot];
    return new Map(this.data.places.map(({ id }, nth) => [id, shares[nth]]));
  }

  draw(duration) {
    super.draw(duration);
    if (this.svg && this.width) this.drawAxis();
  }

  say() {
    if (!this.beat) super.say(); // a film that plays is not read out
  }

  // --- the curve ---------------------------------------------------------------------------------

  drawAxis() {
    const { steps, marks } = this.data.reel;
    const first = steps[0];
    const span = Math.max(steps[steps.length - 1] - first, 1);
    const width = this.axis.clientWidth;
    const x = (step) => MARGIN + ((step - first) / span) * (width - 2 * MARGIN);
    const y = (mass) => BOTTOM - mass * (BOTTOM - TOP);
    this.plot ??= this.prepared();
    this.plot.attr("width", width).attr("height", CURVE).attr("viewBox", `0 0 ${width} ${CURVE}`);
    const id = this.followed();
    const masses = steps.map((_, shot) => this.massAt(shot, id));
    const points = steps.map((step, shot) => [x(step), y(masses[shot])]);
    const line = (through) => `M${through.map((point) => point.join(",")).join("L")}`;
    this.plot.select(".ground").attr("d", line([[MARGIN, BOTTOM], [width - MARGIN, BOTTOM]]));
    this.plot.select(".course").attr("d", line(points));
    const other = this.data.sides.find((side) => side !== this.data.reel.side);
    const aim = other && y(this.massOf(this.masses[other], id));
    this.plot.select(".aim").attr("d", other ? line([[MARGIN, aim], [width - MARGIN, aim]]) : null);
    const [cx, cy] = points[this.shot];
    this.plot.select(".cursor").attr("d", line([[cx, TOP - 4], [cx, BOTTOM + 4]]));
    this.plot.select(".dot").attr("cx", cx).attr("cy", cy);
    const name = this.named(id);
    const title = fill(this.data.words.curve, { place: name });
    this.plot.select(".title").attr("x", MARGIN).attr("y", LETTER).text(this.cut(title, width - 2 * MARGIN, LETTER, 600));
    this.plot.select(".least").attr("x", MARGIN).attr("y", CURVE - 5).text(first.toLocaleString());
    this.plot.select(".most").attr("x", width - MARGIN).attr("y", CURVE - 5).text((first + span).toLocaleString());
    this.drawChangesByHand(marks.filter(([step]) => step >= first && step <= first + span), x, width);
  }

  prepared() {
    const plot = this.d3.select(this.axis).append("svg").attr("class", `plot ${this.data.reel.side}`).attr("aria-hidden", true);
    for (const name of ["ground", "aim", "course", "cursor"]) plot.append("path").attr("class", name);
    plot.append("circle").attr("class", "dot").attr("r", 4.5);
    plot.append("g").attr("class", "changed");
    for (const name of ["title", "least", "most"]) plot.append("text").attr("class", name);
    const scrub = (event) => {
      const { left, width } = plot.node().getBoundingClientRect();
      const { steps } = this.data.reel;
      const share = (event.clientX - left - MARGIN) / (width - 2 * MARGIN);
      const wanted = steps[0] + share * (steps[steps.length - 1] - steps[0]);
      const far = steps.map((step) => Math.abs(step - wanted));
      this.go(far.indexOf(Math.min(...far)));
    };
    plot.on("pointerdown", (event) => {
      plot.node().setPointerCapture(event.pointerId);
      scrub(event);
    });
    plot.on("pointermove", (event) => event.buttons && scrub(event));
    return plot;
  }

  /** What was changed by hand, where there is room for it in words; all of it when pointed at. */
  drawChangesByHand(marks, x, width) {
    let free = 0;
    const told = marks.map(([step, words]) => {
      const long = this.wide(words, LETTER, 400);
      const at = Math.min(x(step) + 4, width - long - 2);
      const fits = at > free;
      if (fits) free = at + long + 10;
      return { x: x(step), at, words, fits };
    });
    const joined = this.plot
      .select(".changed")
      .selectAll("g")
      .data(told)
      .join((enter) => {
        const made = enter.append("g");
        for (const part of ["path", "text", "title"]) made.append(part);
        return made;
      });
    joined.select("path").attr("d", (one) => `M${one.x},${TOP - 8}V${BOTTOM}`);
    joined.select("text").attr("x", (one) => one.at).attr("y", TOP - 7).text((one) => (one.fits ? one.words : ""));
    joined.select("title").text((one) => one.words);
  }

  /** Whose mass the curve shows: what is chosen, else the answer that is likeliest in the end. */
  followed() {
    if (this.chosen) return this.chosen;
    const { ends, sides } = this.data;
    const aim = this.masses[sides[sides.length - 1]]; // what is to be learned, else who learns
    const masses = sides.length > 1 ? aim : this.massesAt(this.final);
    const best = Math.max(...ends.map(({ id }) => this.massOf(masses, id)));
    return ends.find(({ id }) => this.massOf(masses, id) === best)?.id ?? "topic";
  }

  named(id) {
    const place = this.data.places.find((one) => one.id === id);
    if (!place) return named(this.data.ends.find((one) => one.id === id));
    return [place.relation, named(place)].filter(Boolean).join(" → ");
  }

  massesAt(shot) {
    this.reel ??= this.data.reel.steps.map((_, nth) => this.massesOf(this.choicesAt(nth)));
    return this.reel[shot];
  }

  massAt(shot, id) {
    return this.massOf(this.massesAt(shot), id);
  }

  /** The mass of a place, or of all that comes to an end. */
  massOf(masses, id) {
    if (masses.has(id)) return masses.get(id);
    return sum(this.data.places.filter((place) => place.end === id), (place) => masses.get(place.id));
  }
}
