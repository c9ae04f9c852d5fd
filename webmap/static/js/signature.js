// A field to sign in with a finger, a pen or a mouse; the strokes are kept in thousandths of its sides.

const SVG = "http://www.w3.org/2000/svg";
const PEN = 1000;
const MOST_POINTS = 2000;

export function signaturePad(field, wipe) {
  const strokes = JSON.parse(field.dataset.strokes ?? "[]");
  let line = null;

  function at({ clientX, clientY }) {
    const box = field.getBoundingClientRect();
    const part = (value, start, size) => Math.round(Math.min(1, Math.max(0, (value - start) / size)) * PEN);
    return [part(clientX, box.left, box.width), part(clientY, box.top, box.height)];
  }

  function begin() {
    line = document.createElementNS(SVG, "polyline");
    field.append(line);
  }

  function draw(stroke) {
    line.setAttribute("points", stroke.map((point) => point.join(",")).join(" "));
  }

  field.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    field.setPointerCapture(event.pointerId);
    strokes.push([at(event)]);
    begin();
    draw(strokes.at(-1));
  });
  field.addEventListener("pointermove", (event) => {
    if (!line || strokes.at(-1).length >= MOST_POINTS) return;
    strokes.at(-1).push(at(event));
    draw(strokes.at(-1));
  });
  const lift = () => {
    line = null;
  };
  field.addEventListener("pointerup", lift);
  field.addEventListener("pointercancel", lift);
  wipe.addEventListener("click", () => {
    strokes.length = 0;
    field.replaceChildren();
  });
  for (const stroke of strokes) {
    begin();
    draw(stroke);
  }
  lift();
  return { strokes: () => (strokes.length ? strokes : null) };
}
