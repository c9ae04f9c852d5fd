// The border between two maps that lie one above the other: dragged, or moved by keys.

const STEP = 2;
const LEAP = 10;
const KEYS = {
  ArrowLeft: (share) => share - STEP,
  ArrowRight: (share) => share + STEP,
  PageDown: (share) => share - LEAP,
  PageUp: (share) => share + LEAP,
  Home: () => 0,
  End: () => 100,
};

export function swipeable(pair, slider) {
  const show = (share) => {
    const bounded = Math.min(100, Math.max(0, share));
    pair.style.setProperty("--swipe", `${bounded}%`);
    slider.setAttribute("aria-valuenow", String(Math.round(bounded)));
  };

  slider.addEventListener("keydown", (event) => {
    const next = KEYS[event.key];
    if (!next) return;
    event.preventDefault();
    show(next(Number(slider.getAttribute("aria-valuenow"))));
  });
  slider.addEventListener("pointerdown", (event) => slider.setPointerCapture(event.pointerId));
  slider.addEventListener("pointermove", (event) => {
    if (!slider.hasPointerCapture(event.pointerId)) return;
    const { left, width } = pair.getBoundingClientRect();
    show((100 * (event.clientX - left)) / width);
  });
}
