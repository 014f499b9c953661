// What if it were otherwise? The reader takes a relation of the tree or a word of the question away, and
// undoes that; Python asks anew, and what comes is drawn over what was.

/** Take a relation away, or undo that. */
function takeAway(view, id) {
  const place = view.data.places.find((one) => one.id === id);
  const begun = place?.shares.before ?? 1; // what only came with a change goes with it
  if (view.data.supposing && place?.kind === "relation" && begun) change(view, "step", id);
}

function isAway(view, id, kind = "step") {
  return Boolean(view.data.supposing?.changes.some((one) => one.kind === kind && one.id === id));
}

/** Tell Python, and show that an answer is awaited. */
function change(view, kind, id) {
  view.pause();
  view.root.classList.add("asking");
  view.setTriggerValue("change", { kind, id });
}

/** What is supposed, each with a button that undoes it; the words of the question are buttons too. */
function drawChanges(view) {
  const { supposing, words } = view.data;
  view.root.classList.remove("asking");
  view.root.classList.toggle("supposing", Boolean(supposing));
  view.changes.hidden = !supposing;
  if (!supposing) return;
  supposing.words.forEach((id, nth) => id && wordButton(view, view.words.children[nth], id));
  const { changes } = supposing;
  const entries = changes.map(({ kind, id, name }) => ({ sign: `${name}  ↶`, kind, id, label: `${words.undo} ${name}` }));
  if (changes.length > 1) entries.push({ sign: words.undo_all, kind: "all", id: "", label: words.undo_all });
  const list = [...view.changes.querySelectorAll("button")];
  if (list.map((one) => one.textContent).join() === entries.map(({ sign }) => sign).join() && list.length) return;
  view.changes.replaceChildren();
  child(view.changes, "span", "").textContent = changes.length ? words.supposed : words.take_away;
  for (const { sign, kind, id, label } of entries) button(view.changes, sign, label, () => change(view, kind, id));
}

function wordButton(view, word, id) {
  word.setAttribute("role", "button");
  word.setAttribute("tabindex", "0");
  word.setAttribute("aria-pressed", isAway(view, id, "word"));
  word.onclick = () => change(view, "word", id);
  word.onkeydown = (event) => {
    if (!["Enter", " ", "Delete", "Backspace"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    change(view, "word", id);
  };
}
