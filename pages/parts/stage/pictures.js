// The drawing as a file of its own, as it is seen: colours and fonts are written into it.

const SHARP = 2; // pixels of a picture for each of the drawing
const LARGEST = 8192; // pixels of its longer side

const KEPT = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "opacity",
  "font-family", "font-size", "font-weight", "paint-order", "text-anchor",
];

/** Save the drawing as an SVG file, whose text stays text. */
function saveDrawing(view) {
  saveAs(new Blob([drawingOf(view)], { type: "image/svg+xml" }), "path.svg");
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
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawingOf(view))}`;
}

function drawingOf(view) {
  const drawing = view.svg.node();
  const copy = drawing.cloneNode(true);
  const originals = [drawing, ...drawing.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((element, nth) => {
    const style = getComputedStyle(originals[nth]);
    for (const name of KEPT) element.style.setProperty(name, style.getPropertyValue(name));
    for (const name of ["class", "data-place", "tabindex"]) element.removeAttribute(name);
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.style.background = getComputedStyle(view.root).backgroundColor;
  return new XMLSerializer().serializeToString(copy);
}

function saveAs(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}
