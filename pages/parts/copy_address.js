// A button that copies the address of what is seen. Where the browser lets no page copy (plain http from
// another machine), the address is shown, to be copied by hand.

const SVG = "http://www.w3.org/2000/svg";
const LINK = "M10 14a4 4 0 0 0 6 0l4-4a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-4 4a4 4 0 0 0 6 6l1-1";
const CHECK = "M4 13l5 5L20 6";

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".copier");
  const { words, further } = data;
  const button = root.querySelector("button") ?? root.appendChild(document.createElement("button"));
  button.type = "button";
  tell(button, LINK, words.copy);
  button.onclick = async () => {
    root.querySelector("input")?.remove();
    const address = new URL(location.href);
    for (const [name, values] of Object.entries(further)) {
      address.searchParams.delete(name);
      for (const value of values) address.searchParams.append(name, value);
    }
    try {
      await navigator.clipboard.writeText(address.href);
      tell(button, CHECK, words.copied);
      setTimeout(() => tell(button, LINK, words.copy), 2000);
    } catch {
      showAddress(root, address.href, words.by_hand);
    }
  };
}

function tell(button, lines, said) {
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.append(document.createElementNS(SVG, "path"));
  icon.firstChild.setAttribute("d", lines);
  button.replaceChildren(icon);
  button.title = said;
  button.setAttribute("aria-label", said);
}

function showAddress(root, address, label) {
  const field = document.createElement("input");
  Object.assign(field, { readOnly: true, value: address });
  field.setAttribute("aria-label", label);
  root.append(field);
  field.select();
}
