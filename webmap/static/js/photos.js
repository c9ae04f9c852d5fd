// Photos that are taken or chosen for what is about to be filed: each is sent at once, and shown small.

import { sendForm, telling } from "./ask.js";
import { node } from "./dom.js";
import { word } from "./words.js";

const FORGETFUL = { kept: {}, keep() {} };

// Gives a function that waits for all that is on its way, and tells the ids of the photos by what they show.
// A draft keeps those that arrived; pictures that are still here it can't.
export function photosOf(form, alert, draft = FORGETFUL) {
  const fields = [...form.querySelectorAll("[data-photos]")].map((field) => gathering(field, alert, draft));
  return async () => Object.fromEntries(await Promise.all(fields.map(async ({ name, ids }) => [name, await ids()])));
}

function gathering(field, alert, draft) {
  const part = `photos ${field.dataset.photos}`;
  const told = node("p", { class: "small soft", role: "status" });
  const kept = [];
  let waiting = [];
  let coming = Promise.resolve();

  // What gets no answer waits until the form is sent.
  async function upload(picture) {
    const body = new FormData();
    body.append("file", picture);
    const answered = () => (waiting = waiting.filter((one) => one !== picture));
    const photo = await sendForm("/api/v1/photos", body).catch((failure) => {
      if (failure.document?.status) answered();
      throw failure;
    });
    answered();
    show({ id: photo.id, name: picture.name });
    draft.keep(part, kept);
  }

  function show(photo) {
    kept.push(photo);
    const image = node("img", { src: `/api/v1/photos/${photo.id}/thumbnail`, alt: photo.name });
    const remove = node("button", { type: "button", class: "quiet" }, word("photo.remove"));
    const item = node("li", {}, image, remove);
    remove.addEventListener("click", () => {
      kept.splice(kept.indexOf(photo), 1);
      draft.keep(part, kept);
      item.remove();
    });
    field.querySelector(".thumbnails").append(item);
  }

  async function uploadAll() {
    field.setAttribute("aria-busy", "true");
    try {
      for (const picture of waiting) await upload(picture);
    } finally {
      field.removeAttribute("aria-busy");
      told.textContent = waiting.length ? word("photo.waiting", { count: waiting.length }) : "";
    }
  }

  for (const input of field.querySelectorAll("[type=file]")) {
    input.addEventListener("change", () => {
      const pictures = [...input.files];
      input.value = "";
      coming = coming.then(async () => {
        waiting.push(...pictures);
        await telling(alert, uploadAll);
      });
    });
  }

  draft.kept[part]?.forEach(show);
  field.append(told);

  async function ids() {
    await coming;
    await uploadAll();
    return kept.map(({ id }) => id);
  }

  return { name: field.dataset.photos, ids };
}
