// Draws one graph with vis-network and keeps it in step with what Python sends.
//
// Streamlit calls the default function on the same root whenever `data` changes, so the network is made
// once and its data patched after that: nodes that stay keep their places, and the zoom stays.
// Everything that a graph's author wrote reaches the screen as canvas text or `textContent`.

const SETTLE = 120; // steps of the springs when nodes come or go

let engine;

/** Import the drawing engine once per browser tab; the address is relative to wherever the app lives. */
function load(path) {
  engine ??= import(new URL(path, document.baseURI).href).catch((error) => {
    engine = undefined; // so that the next view tries again
    throw error;
  });
  return engine;
}

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const root = parentElement.querySelector(".graph");
  root.view ??= new View(root);
  root.view.show(data, setStateValue);
  return () => {
    root.view?.remove();
    root.view = undefined;
  };
}

class View {
  constructor(root) {
    this.root = root;
    this.clicks = 0;
    this.touched = false; // whether a person has zoomed or moved the view
    root.replaceChildren();
    this.canvas = child(root, "div", "canvas");
    this.tip = child(root, "div", "tip");
    this.tip.hidden = true;
    this.buttons = child(root, "div", "buttons");
  }

  /** Take new data; only the latest is drawn once the engine is there. */
  async show(data, setStateValue) {
    this.data = data;
    this.setStateValue = setStateValue;
    this.root.style.height = `${data.height}px`;
    if (this.network) return this.patch();
    if (this.loading) return;
    this.loading = true;
    try {
      const vis = await load(data.engine);
      if (this.root.view === this) this.start(vis);
    } catch (error) {
      console.error(error);
      this.fail();
    } finally {
      this.loading = false;
    }
  }

  fail() {
    this.root.replaceChildren();
    child(this.root, "p", "failed").textContent = this.data.words.failed;
    this.root.view = undefined;
  }

  start(vis) {
    this.nodes = new vis.DataSet(this.data.nodes.map((node) => this.paintNode(node)));
    this.edges = new vis.DataSet(this.data.edges.map((edge) => this.paintEdge(edge)));
    this.network = new vis.Network(
      this.canvas,
      { nodes: this.nodes, edges: this.edges },
      { ...this.data.options, autoResize: false, interaction: this.interaction() },
    );
    this.network.on("stabilizationIterationsDone", () => this.rest());
    this.network.on("click", ({ nodes }) => {
      if (nodes.length) this.tell("selected", nodes[0]);
    });
    this.network.on("zoom", () => (this.touched = true));
    this.network.on("dragEnd", () => (this.touched = true));
    this.pointAt();
    this.controls();
    this.listen();
    this.mark();
    window.__pathdistill_graph ??= {};
    window.__pathdistill_graph[this.data.key] = this;
    this.root.dataset.ready = "true";
  }

  interaction() {
    const keyboard = { enabled: true, bindToWindow: false };
    return { ...this.data.options.interaction, keyboard, dragView: true };
  }

  listen() {
    this.sized = new ResizeObserver(() => {
      if (!this.canvas.clientWidth) return; // in a hidden tab
      this.network.setSize("100%", "100%");
      this.network.redraw();
      if (!this.touched) this.fit();
    });
    this.sized.observe(this.canvas);
    this.root.addEventListener("transitionend", (event) => {
      if (event.target === this.root && event.propertyName === "color") this.repaint();
    });
    // The engine takes the focus wherever the pointer passes, even from a field that is typed into;
    // here only a press or the Tab key gives it.
    const frame = this.canvas.firstChild;
    const focus = frame.focus.bind(frame);
    frame.focus = () => {};
    // Turning the wheel over a graph scrolls the page until the graph has the focus.
    const hold = (event) => this.root.matches(":focus-within") || event.stopPropagation();
    this.canvas.addEventListener("wheel", hold, { capture: true });
    this.canvas.addEventListener("pointerdown", () =>
      focus({ preventScroll: true }),
    );
    frame.setAttribute("role", "application");
    frame.setAttribute("aria-label", `${this.data.words.name} ${this.data.words.keys}`);
  }

  controls() {
    const { words } = this.data;
    const zoom = (factor) => {
      this.touched = true;
      this.network.moveTo({ scale: this.network.getScale() * factor, animation: calm() });
    };
    const fit = () => {
      this.touched = false;
      this.fit();
    };
    button(this.buttons, "+", words.zoom_in, () => zoom(1.3));
    button(this.buttons, "−", words.zoom_out, () => zoom(1 / 1.3));
    button(this.buttons, "⤢", words.fit, fit);
  }

  tell(what, id) {
    this.clicks += 1; // a second click on the same thing is news too
    this.setStateValue(what, { id, click: Date.now() + this.clicks });
  }

  mark() {
    const id = this.data.selected;
    if (id !== null && this.nodes.get(id)) this.network.selectNodes([id], false);
  }

  /** Bring the drawn data to the new data: remove, then add beside a neighbour, then change. */
  patch() {
    this.tip.hidden = true;
    const came = this.data.nodes.filter((node) => !this.nodes.get(node.id)).length > 0;
    const gone = missing(this.nodes, this.data.nodes);
    const stayed = this.nodes.length - gone.length;
    const places = this.network.getPositions();
    this.edges.remove(missing(this.edges, this.data.edges));
    this.nodes.remove(gone);
    this.nodes.update(
      this.data.nodes.map((node) => {
        const place = places[node.id] ? {} : this.near(node, places);
        return { ...place, ...this.paintNode(node) };
      }),
    );
    this.edges.update(this.data.edges.map((edge) => this.paintEdge(edge)));
    if (came || gone.length) {
      this.touched &&= stayed > 0;
      this.settle();
    }
    this.mark();
  }

  /** A place for a new node: beside a neighbour that is drawn already, else where the engine likes. */
  near(node, places) {
    const edge = this.data.edges.find(
      ({ from, to }) => (from === node.id && places[to]) || (to === node.id && places[from]),
    );
    if (!edge || this.data.layered) return {};
    const { x, y } = places[edge.from === node.id ? edge.to : edge.from];
    const angle = this.data.nodes.indexOf(node) * 2.4; // the golden angle: the same each time, spread out
    return { x: x + 60 * Math.cos(angle), y: y + 60 * Math.sin(angle) };
  }

  settle() {
    const { layered, options } = this.data;
    if (layered) {
      this.network.setOptions({ layout: options.layout }); // lays the levels out anew
      this.rest();
    } else if (options.physics.enabled) {
      this.network.setOptions({ physics: options.physics });
      this.network.stabilize(SETTLE);
    } else {
      this.rest();
    }
  }

  /** Stop the springs for good and show everything, unless a person has chosen a view. */
  rest() {
    this.network.setOptions({ physics: { enabled: false } });
    if (!this.touched) this.fit();
  }

  /** Show everything, with room at the edges for names, which the engine does not count. */
  fit() {
    this.network.fit({ animation: false });
    this.network.moveTo({ scale: this.network.getScale() * 0.88 });
  }

  repaint() {
    if (!this.network) return;
    this.nodes.update(this.data.nodes.map((node) => this.paintNode(node)));
    this.edges.update(this.data.edges.map((edge) => this.paintEdge(edge)));
  }

  colour(name) {
    return getComputedStyle(this.root).getPropertyValue(`--st-${name}`).trim();
  }

  paintNode(node) {
    const paint = this.colour(`${node.tone}-color`) || node.color;
    const page = this.colour("background-color");
    const ink = this.colour("text-color");
    const fill = ["other", "missing"].includes(node.role) ? page : paint;
    const active = { background: fill, border: ink };
    return {
      shapeProperties: { borderDashes: false }, // or it would stay on a node that is put back
      ...node,
      borderWidthSelected: 4,
      color: { background: fill, border: paint, highlight: active, hover: active },
      font: { color: ink, face: this.colour("font"), size: 15, strokeWidth: 4, strokeColor: page },
    };
  }

  paintEdge(edge) {
    const paint = this.colour(`${edge.tone}-color`) || edge.color;
    const page = this.colour("background-color");
    return {
      ...edge,
      color: { color: paint, highlight: paint, hover: paint, inherit: false },
      font: {
        color: this.colour("text-color"), face: this.colour("font"), size: 13,
        strokeWidth: 4, strokeColor: page, background: page,
      },
    };
  }

  pointAt() {
    const nodeText = ({ node }) => this.nodes.get(node)?.full;
    const edgeText = ({ edge }) => {
      const { from, to, full, note } = this.edges.get(edge) ?? {};
      if (full === undefined) return undefined;
      const line = `${this.nodes.get(from)?.full}  ${full}  ${this.nodes.get(to)?.full}`;
      return note ? `${line}\n${note}` : line;
    };
    const tell = (text, { x, y }) => {
      if (text === undefined) return;
      this.tip.textContent = text;
      this.tip.hidden = false;
      const right = this.root.clientWidth - this.tip.offsetWidth - 8;
      const below = this.root.clientHeight - this.tip.offsetHeight - 8;
      this.tip.style.left = `${Math.max(8, Math.min(x + 14, right))}px`;
      this.tip.style.top = `${Math.max(8, Math.min(y + 14, below))}px`;
    };
    this.network.on("hoverNode", (event) => tell(nodeText(event), event.pointer.DOM));
    this.network.on("hoverEdge", (event) => tell(edgeText(event), event.pointer.DOM));
    for (const name of ["blurNode", "blurEdge", "dragStart", "zoom"]) {
      this.network.on(name, () => (this.tip.hidden = true));
    }
  }

  remove() {
    this.sized?.disconnect();
    this.network?.destroy();
    if (window.__pathdistill_graph?.[this.data.key] === this) {
      delete window.__pathdistill_graph[this.data.key];
    }
  }
}

function missing(drawn, wanted) {
  const ids = new Set(wanted.map(({ id }) => id));
  return drawn.getIds().filter((id) => !ids.has(id));
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
}

/** Animation for those who have not asked for less of it. */
function calm() {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return still ? false : { duration: 250, easingFunction: "easeInOutQuad" };
}
