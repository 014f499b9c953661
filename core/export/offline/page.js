// The page: a question in, what is said to it out. Text from the graph reaches it as `textContent` alone.

const STEERING = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g; // acts on what shows it
const MARKS = /(\p{M}{8})\p{M}+/gu; // a tower of marks on a letter covers a page
const LONGEST_SHOWN = 120;
const NAMED_AT_MOST = 8; // answers in a headline
const LISTED = 20;

const data = JSON.parse(document.getElementById("data").textContent);
const answerer = new Answerer(data);
const { graph } = answerer;
let language = navigator.language.startsWith("zh") ? "zh" : "en";
let last = null; // the question that is shown, and the topic that was chosen for it

const element = (id) => document.getElementById(id);

/** A text of the page in its language, its gaps filled. */
function t(key, values = {}) {
  return data.texts[language][key].replace(/\{(\w+)(:,)?\}/g, (_, name, grouped) =>
    grouped ? Number(values[name]).toLocaleString("en") : values[name],
  );
}

/** A new element with text or others in it. */
function make(name, content = [], attributes = {}) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (Array.isArray(content)) made.append(...content.filter(Boolean));
  else made.textContent = content;
  return made;
}

/** Text that others wrote, in one line, and nothing in it steers what shows it. */
function printable(text) {
  return cut(text.replace(STEERING, "\ufffd").replace(MARKS, "$1"), LONGEST_SHOWN);
}

/** `58 %`, and never a rounded 0 or 100 for what is neither. */
function share(probability) {
  if (probability > 0 && probability < 0.01) return "< 1 %";
  if (probability > 0.99 && probability < 0.9999) return "> 99 %";
  return `${Math.round(100 * probability)} %`;
}

/** Names in the language of a question. */
function namesIn(spoken) {
  const relation = (code) => {
    const label = graph.relationLabel(code % graph.count, spoken);
    return printable(code < graph.count ? label : `← ${label}`);
  };
  return {
    graph,
    share,
    relation,
    entity: (entity) => printable(graph.label(entity, spoken)),
    lacking: (code) => (code === NONE ? t("lacking.none") : relation(code)),
  };
}

// --- what is said ------------------------------------------------------------------------------

/** Whether it is likelier that the graph does not say than that any answer is right. */
function doubts({ answers, missing }) {
  return missing > (answers[0]?.probability ?? 0);
}

/** The answers that are as likely as the first. */
function together({ answers }) {
  return answers.filter(({ probability }) => answers[0].probability - probability < 1e-6);
}

function listed(entities, names) {
  const shown = entities.slice(0, NAMED_AT_MOST).map(({ entity }) => names.entity(entity)).join(" · ");
  const more = entities.length - NAMED_AT_MOST;
  return more > 0 ? `${shown} ${t("common.and_more", { count: more })}` : shown;
}

function headline(said, names) {
  if (!said.topic) return t("ask.nothing_named");
  if (said.asksNothing) return t("ask.what_about", { topic: names.entity(said.topic.entity) });
  if (said.decision === "not_in_graph") return t("ask.says_no");
  if (said.decision === "unsure" && doubts(said)) return t("ask.perhaps_no");
  if (!said.answers.length) return t("ask.no_answer");
  const answer = listed(together(said), names);
  return said.decision === "unsure" ? t("ask.perhaps", { answer }) : answer;
}

/** Whether the path is in the graph, how sure it is, and what was not found: three things, kept apart. */
function statements(said, names) {
  const refuses = said.decision === "not_in_graph" || doubts(said);
  const sure = t(refuses ? "ask.sure_no" : "ask.sure", { share: share(said.confidence) });
  const unsure = said.decision === "unsure";
  const claimed = said.answers.length && !refuses;
  const there = claimed && said.paths[0].supported;
  const found = claimed ? t(there ? "ask.in_graph" : "ask.off_graph") : t("ask.no_path");
  return make("ul", [
    statement(there ? "✓" : claimed ? "✕" : "–", there ? "good" : claimed ? "doubt" : "", found),
    statement(unsure ? "?" : "!", unsure ? "doubt" : "good", unsure ? `${sure} ${t("ask.too_unsure")}` : sure),
    lacking(said, names),
  ], { class: "statements" });
}

function statement(sign, kind, content) {
  return make("li", [make("span", sign, { class: `sign ${kind}`, "aria-hidden": "true" }), make("span", content)]);
}

function lacking(said, names) {
  const { lookedFor } = said;
  if (!lookedFor || (lookedFor.probability < WORTH_SAYING && !doubts(said))) {
    return statement("–", "", t("ask.lacks_nothing"));
  }
  const values = { entity: names.entity(lookedFor.at), share: share(lookedFor.probability) };
  if (lookedFor.code === NONE) return statement("∅", "", t("ask.lacks_none", values));
  const key = lookedFor.verified ? "ask.lacks_checked" : "ask.lacks";
  return statement("∅", "", t(key, { ...values, relation: names.relation(lookedFor.code) }));
}

/** From where on it says such a thing for certain, and what holds a right answer how often. */
function measured({ sureFrom, likely }, names) {
  if (!data.certainty) return t("ask.never_measured");
  const values = { count: data.certainty.questions, precision: share(data.rules.precision) };
  const from = sureFrom === null ? t("ask.never_certain", values)
    : t("ask.certain_from", { ...values, share: share(sureFrom) });
  if (!likely) return from;
  const held = { level: share(likely.level), names: listed(likely.answers, names) };
  if (!likely.answers.length) return `${from} ${t(likely.orNot ? "ask.set_no" : "ask.set_none", held)}`;
  return `${from} ${t(likely.orNot ? "ask.set_or_no" : "ask.set", held)}`;
}

/** A path hop by hop, each with its verdict. */
function steps(hops, names) {
  if (!hops.length) return null;
  const parts = [make("b", names.entity(hops[0].head))];
  for (const { code, tail, inGraph } of hops) {
    const verdict = make("span", inGraph ? "✓" : "✕", {
      class: inGraph ? "good" : "doubt",
      title: inGraph ? t("verdict.in_graph") : t("ask.off_graph"),
    });
    parts.push(make("i", [`${names.relation(code)} → `, verdict]), make("b", names.entity(tail)));
  }
  return make("ol", parts.map((part) => make("li", [part])), { class: "hops" });
}

function evidence(said, names) {
  const refuses = said.decision === "not_in_graph" || doubts(said);
  const [first, ...others] = said.paths;
  const shown = refuses ? said.lookedFor?.hops ?? [] : first?.hops ?? [];
  const frame = make("div", [], { class: "frame" });
  const description = shown.map(({ head, code, tail }) =>
    `${names.entity(head)} – ${names.relation(code)} → ${names.entity(tail)}`).join("; ");
  const drawn = picture(said, names, description || t("ask.path"), element("answer").clientWidth - 40);
  if (drawn) frame.append(drawn);
  const rest = refuses ? said.paths : others;
  const answers = refuses ? said.answers : said.answers.slice(together(said).length);
  return [
    shown.length ? make("h3", t(refuses ? "ask.path_in_vain" : "ask.path")) : null,
    steps(shown, names),
    drawn ? frame : null,
    rest.length ? folded("ask.other_paths", rest.map(({ probability, hops }) =>
      make("tr", [make("td", [steps(hops, names)]), make("td", share(probability))]))) : null,
    answers.length ? folded("ask.other_answers", answers.slice(0, LISTED).map(({ entity, probability }) =>
      make("tr", [
        make("td", names.entity(entity)),
        make("td", [make("meter", [], { value: probability, "aria-hidden": "true" }), share(probability)]),
      ]))) : null,
  ];
}

function folded(key, rows) {
  return make("details", [make("summary", t(key)), make("table", [make("tbody", rows)])]);
}

/** Other entities that the question may be about, each a button. */
function whichOther({ topic, question }, among, names) {
  if (among.length < 2) return null;
  const others = among.slice(0, 7).map((entity) => {
    const id = printable(graph.entities.ids[entity]);
    const button = make("button", `${names.entity(entity)} (${id})`, {
      type: "button",
      "aria-pressed": String(entity === topic.entity),
    });
    button.addEventListener("click", () => ask(question, entity, among));
    return button;
  });
  return make("div", [make("span", t("ask.which_other")), ...others], { class: "choices" });
}

function show({ said, among, seconds }) {
  const names = namesIn(said.language);
  const { topic } = said;
  const asked = topic && !said.asksNothing;
  const match = topic && t(`ask.match.${topic.match}`);
  const about = topic && t("ask.topic", { topic: names.entity(topic.entity), match });
  const signed = t("ask.seconds", { student: data.about.student, seconds: seconds.toFixed(2) });
  const nothing = t("ask.looked_for_names", { count: graph.size, graph: data.about.graph });
  const place = element("answer");
  place.hidden = false;
  place.replaceChildren(...[
    make("p", printable(said.question), { class: "note" }),
    make("h2", headline(said, names)),
    asked && statements(said, names),
    asked && make("p", measured(said, names), { class: "note" }),
    make("p", topic ? [about, asked ? ` ${signed}` : ""] : nothing, { class: "note" }),
    whichOther(said, among, names),
    ...(asked ? evidence(said, names) : []),
  ].filter(Boolean));
}

/** Answer a question; of several entities that it may be about, one may be chosen. */
function ask(question, given, choices) {
  const began = performance.now();
  const said = answerer.answer(question, given);
  const { topic } = said;
  const among = choices ?? (topic ? [topic, ...topic.candidates].map(({ entity }) => entity) : []);
  last = { said, among, seconds: (performance.now() - began) / 1000 };
  element("question").value = question;
  show(last);
}

/** The question in the page's address, if there is one: a link to the file can ask. */
function askAddressed() {
  let question;
  try {
    question = decodeURIComponent(location.hash.slice(1)).trim();
  } catch {
    return; // an address that somebody mistyped asks nothing
  }
  if (question && question !== last?.said.question) ask(question.slice(0, element("question").maxLength));
}

/** Ask, and say so in the address. */
function askAnew(question) {
  ask(question);
  location.hash = encodeURIComponent(question);
}

// --- what stands around it -----------------------------------------------------------------------

function about() {
  const { student, graph: name, made, hash, teacher, base, weights, changes, scores, heard } = data.about;
  const facts = [
    ["offline.student", `${student} (${base}; ${t("offline.weights", { count: weights })})`],
    ["offline.graph", `${name}: ${t("offline.size", { facts: data.graph.heads.length, entities: graph.size })}`],
    ["offline.hash", hash],
    ["offline.teacher", teacher],
    ["offline.made", made],
  ];
  if (changes) facts.push(["offline.changed", changes]);
  if (!scores.some(({ alone }) => alone)) facts.push(["offline.scored", t("offline.not_scored")]);
  for (const { alone, hits, questions, set, split } of scores) {
    const values = { hits: share(hits), questions, set, split };
    facts.push(["offline.scored", t(alone ? "offline.score_alone" : "offline.score_heard", values)]);
  }
  const row = ([key, value]) => make("tr", [make("td", t(key)), make("td", String(value))]);
  const limits = { least: `${100 * LEAST} %`, most: data.student.shape.most };
  const notes = ["offline.private", heard && "offline.no_ear", "offline.bytes", "offline.differs"].filter(Boolean);
  element("about").replaceChildren(
    make("h3", t("offline.about")),
    make("table", [make("tbody", facts.map(row))]),
    ...notes.map((key) => make("p", t(key, limits), { class: "note" })),
  );
}

function examples() {
  const chosen = data.about.examples[language];
  const buttons = chosen.map((question) => {
    const button = make("button", printable(question), { type: "button" });
    button.addEventListener("click", () => askAnew(question));
    return button;
  });
  element("examples").replaceChildren(...(buttons.length ? [make("span", t("ask.try")), ...buttons] : []));
}

/** Say everything in the page's language. */
function speak() {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  document.querySelector("h1").textContent = t("offline.title", { student: data.about.student });
  element("intro").textContent = t("offline.intro", { graph: data.about.graph });
  element("language").textContent = language === "zh" ? "English" : "中文";
  document.querySelector("label").textContent = t("ask.question");
  document.querySelector("form button").textContent = t("ask.submit");
  element("ask").hidden = element("language").hidden = false;
  examples();
  about();
  if (last) show(last);
}

element("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  speak();
});
element("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const question = element("question").value.trim();
  if (question) askAnew(question);
});
addEventListener("hashchange", askAddressed);
let width = innerWidth;
addEventListener("resize", () => {
  if (last && innerWidth !== width) show(last);
  width = innerWidth;
});
speak();
askAddressed();
globalThis.pathdistill = answerer; // for programs: pathdistill.answer("...") gives the record
