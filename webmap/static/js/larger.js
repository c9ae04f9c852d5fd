// Photos of a record, seen larger: by mouse, by finger, and by keyboard alone.

import { node } from "./dom.js";
import { word } from "./words.js";

const links = [...document.querySelectorAll("[data-larger]")];
const image = node("img", { alt: "" });
const caption = node("p", { class: "small", role: "status" });
const [previous, next, close] = [word("photo.previous"), word("photo.next"), word("photo.close")].map(
  (words) => node("button", { type: "button", class: "quiet" }, words));
const dialog = node("dialog", { class: "larger", "aria-label": word("photo.larger") }, image, caption,
  node("p", { class: "two" }, previous, next, close));
let at = 0;

function show(number) {
  at = (number + links.length) % links.length;
  const { alt } = links[at].querySelector("img");
  image.src = links[at].href;
  image.alt = alt;
  caption.textContent = `${at + 1} / ${links.length} · ${alt}`;
}

links.forEach((link, number) => link.addEventListener("click", (event) => {
  event.preventDefault();
  show(number);
  dialog.showModal();
}));
previous.addEventListener("click", () => show(at - 1));
next.addEventListener("click", () => show(at + 1));
close.addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => links[at].focus());
dialog.addEventListener("keydown", ({ key }) => {
  if (key === "ArrowLeft") show(at - 1);
  if (key === "ArrowRight") show(at + 1);
});
previous.hidden = next.hidden = links.length < 2;
document.body.append(dialog);
