// The student's language model, of the Llama family, read forward token by token.
//
// A token is a node that knows the one before it; a trie of tokens thus needs no mask: each node sees
// what is on the way from the first token to itself, and the keys and values of that are read once.

/** Weights as they were stored: each row in whole numbers from -127 to 127, times the row's scale. */
function unpacked({ rows, scales }) {
  const whole = new Int8Array(bytes(rows).buffer);
  const scale = new Float32Array(bytes(scales).buffer);
  const columns = whole.length / scale.length;
  return Float32Array.from(whole, (number, place) => number * scale[Math.floor(place / columns)]);
}

function bytes(base64) {
  const text = atob(base64);
  const found = new Uint8Array(text.length);
  for (let place = 0; place < text.length; place++) found[place] = text.charCodeAt(place);
  return found;
}

class LanguageModel {
  constructor({ config, matrices, norms }) {
    this.config = config;
    this.matrices = new Map(Object.entries(matrices).map(([name, stored]) => [name, unpacked(stored)]));
    this.norms = new Map(
      Object.entries(norms).map(([name, stored]) => [name, new Float32Array(bytes(stored).buffer)]),
    );
    const half = config.headWidth / 2;
    this.speeds = Array.from({ length: half }, (_, pair) => config.theta ** (-pair / half));
    this.turns = []; // by position, of each pair
  }

  /**
   * Read tokens, each once.
   *
   * nodes: `{token, parent}`, a parent before its children; each gets what it is read as.
   */
  read(nodes) {
    const { width, layers, epsilon } = this.config;
    const embedding = this.matrices.get("model.embed_tokens");
    const states = new Float32Array(nodes.length * width);
    nodes.forEach((node, row) => {
      node.position = node.parent ? node.parent.position + 1 : 0;
      node.keys = [];
      node.values = [];
      states.set(embedding.subarray(node.token * width, (node.token + 1) * width), row * width);
    });
    for (let layer = 0; layer < layers; layer++) {
      const named = (part) => `model.layers.${layer}.${part}`;
      const calm = normed(states, this.norms.get(named("input_layernorm")), epsilon);
      add(states, this.linear(this.attended(nodes, calm, layer), named("self_attn.o_proj")));
      const after = normed(states, this.norms.get(named("post_attention_layernorm")), epsilon);
      const gate = this.linear(after, named("mlp.gate_proj"));
      const up = this.linear(after, named("mlp.up_proj"));
      for (let place = 0; place < up.length; place++) {
        up[place] *= gate[place] / (1 + Math.exp(-gate[place]));
      }
      add(states, this.linear(up, named("mlp.down_proj")));
    }
    const last = normed(states, this.norms.get("model.norm"), epsilon);
    nodes.forEach((node, row) => {
      node.state = last.subarray(row * width, (row + 1) * width);
    });
  }

  /** How likely each token is to follow nodes that were read: they get `logits`, and log of the sum. */
  weigh(nodes) {
    const { width, vocabulary } = this.config;
    const states = new Float32Array(nodes.length * width);
    nodes.forEach((node, row) => states.set(node.state, row * width));
    const name = this.matrices.has("lm_head") ? "lm_head" : "model.embed_tokens";
    const logits = this.linear(states, name);
    nodes.forEach((node, row) => {
      node.logits = logits.subarray(row * vocabulary, (row + 1) * vocabulary);
      node.total = logOfSum(node.logits);
    });
  }

  /** What each node takes from those before it and from itself. */
  attended(nodes, states, layer) {
    const { heads, keyHeads, headWidth } = this.config;
    const part = (name) => this.linear(states, `model.layers.${layer}.self_attn.${name}_proj`);
    const [queries, keys, values] = [part("q"), part("k"), part("v")];
    const row = (matrix, nth, size) => matrix.subarray(nth * size, (nth + 1) * size);
    nodes.forEach((node, nth) => {
      node.keys[layer] = row(keys, nth, keyHeads * headWidth);
      node.values[layer] = row(values, nth, keyHeads * headWidth);
      this.rotate(node.keys[layer], node.position);
      this.rotate(row(queries, nth, heads * headWidth), node.position);
    });
    const taken = new Float32Array(nodes.length * heads * headWidth);
    nodes.forEach((node, nth) => {
      const seen = [];
      for (let one = node; one; one = one.parent) seen.push(one);
      for (let head = 0; head < heads; head++) {
        const of = Math.floor((head * keyHeads) / heads) * headWidth;
        const from = (nth * heads + head) * headWidth;
        const scores = seen.map(({ keys: { [layer]: key } }) => {
          let sum = 0;
          for (let i = 0; i < headWidth; i++) sum += queries[from + i] * key[of + i];
          return sum / Math.sqrt(headWidth);
        });
        const top = Math.max(...scores);
        const powers = scores.map((score) => Math.exp(score - top));
        const all = powers.reduce((sum, power) => sum + power, 0);
        seen.forEach(({ values: { [layer]: value } }, place) => {
          const share = powers[place] / all;
          for (let i = 0; i < headWidth; i++) taken[from + i] += share * value[of + i];
        });
      }
    });
    return taken;
  }

  /** Rotary positions (Su et al. 2021): the two halves of each head turn by the position. */
  rotate(vector, position) {
    this.turns[position] ??= this.speeds.map((speed) => [Math.cos(position * speed), Math.sin(position * speed)]);
    const turns = this.turns[position];
    const { headWidth } = this.config;
    for (let begin = 0; begin < vector.length; begin += headWidth) {
      for (let pair = 0; pair < turns.length; pair++) {
        const [cos, sin] = turns[pair];
        const x = vector[begin + pair];
        const y = vector[begin + turns.length + pair];
        vector[begin + pair] = x * cos - y * sin;
        vector[begin + turns.length + pair] = y * cos + x * sin;
      }
    }
  }

  /** `(n, columns)` times a matrix `(rows, columns)` turned over: `(n, rows)`. */
  linear(inputs, name) {
    const { inner, heads, headWidth, width } = this.config;
    const matrix = this.matrices.get(name);
    const columns = { down_proj: inner, o_proj: heads * headWidth }[name.split(".").at(-1)] ?? width;
    const outputs = new Float32Array((inputs.length / columns) * (matrix.length / columns));
    const fours = 4 * columns * Math.floor(inputs.length / columns / 4);
    for (let first = 0; first < fours; first += 4 * columns) {
      multiplyFour(matrix, inputs, outputs, columns, first);
    }
    for (let first = fours; first < inputs.length; first += columns) {
      multiplyOne(matrix, inputs, outputs, columns, first);
    }
    return outputs;
  }
}

// Most of the time goes by in these two loops: several sums at once keep the processor busy, and each
// number that is loaded counts in several of them. Every matrix of such a model has an even number of
// rows but for the last one, of the vocabulary.

/** Four inputs from a place on, by two rows at a time. */
function multiplyFour(matrix, inputs, outputs, columns, first) {
  const rows = matrix.length / columns;
  const to = (first / columns) * rows;
  const second = first + columns;
  const third = second + columns;
  const fourth = third + columns;
  for (let row = 0; row < rows; row += 2) {
    const begin = row * columns;
    const next = row + 1 < rows ? begin + columns : begin;
    let a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
    for (let i = 0; i < columns; i++) {
      const weight = matrix[begin + i];
      const other = matrix[next + i];
      const p = inputs[first + i];
      const q = inputs[second + i];
      const r = inputs[third + i];
      const s = inputs[fourth + i];
      a += weight * p; b += weight * q; c += weight * r; d += weight * s;
      e += other * p; f += other * q; g += other * r; h += other * s;
    }
    const at = to + next / columns;
    outputs[at] = e; outputs[at + rows] = f; outputs[at + 2 * rows] = g; outputs[at + 3 * rows] = h;
    const here = to + row;
    outputs[here] = a; outputs[here + rows] = b; outputs[here + 2 * rows] = c; outputs[here + 3 * rows] = d;
  }
}

/** One input from a place on, by four rows at a time. */
function multiplyOne(matrix, inputs, outputs, columns, first) {
  const rows = matrix.length / columns;
  const to = (first / columns) * rows;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const one = row * columns;
    const two = one + columns;
    const three = two + columns;
    const four = three + columns;
    let a = 0, b = 0, c = 0, d = 0;
    for (let i = 0; i < columns; i++) {
      const input = inputs[first + i];
      a += matrix[one + i] * input;
      b += matrix[two + i] * input;
      c += matrix[three + i] * input;
      d += matrix[four + i] * input;
    }
    outputs[to + row] = a; outputs[to + row + 1] = b; outputs[to + row + 2] = c; outputs[to + row + 3] = d;
  }
  for (; row < rows; row++) {
    let sum = 0;
    for (let i = 0; i < columns; i++) sum += matrix[row * columns + i] * inputs[first + i];
    outputs[to + row] = sum;
  }
}

function normed(states, weight, epsilon) {
  const width = weight.length;
  const result = new Float32Array(states.length);
  for (let begin = 0; begin < states.length; begin += width) {
    let squares = 0;
    for (let i = 0; i < width; i++) squares += states[begin + i] ** 2;
    const scale = 1 / Math.sqrt(squares / width + epsilon);
    for (let i = 0; i < width; i++) result[begin + i] = states[begin + i] * scale * weight[i];
  }
  return result;
}

/** log of the sum of exp. */
function logOfSum(logits) {
  let top = -Infinity;
  for (const logit of logits) if (logit > top) top = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - top);
  return top + Math.log(sum);
}

function add(states, more) {
  for (let place = 0; place < states.length; place++) states[place] += more[place];
}
