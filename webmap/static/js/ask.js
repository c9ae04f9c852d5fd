// Asks the API, and turns whatever goes wrong into words on the page.

import { word } from "./words.js";

export class Problem extends Error {
  constructor(words, document = {}) {
    super(words);
    this.document = document;
  }
}

export async function ask(path, parameters = {}) {
  return answered(`${path}?${new URLSearchParams(parameters)}`, {});
}

export async function send(path, body) {
  return write("POST", path, body);
}

// A change says which revision it is based on.
export async function write(method, path, body, revision) {
  const headers = { "content-type": "application/json", ...token() };
  if (revision) headers["if-match"] = `"${revision}"`;
  return answered(path, { method, headers, body: JSON.stringify(body) });
}

export async function sendForm(path, form, headers = {}) {
  return answered(path, { method: "POST", headers: { ...token(), ...headers }, body: form });
}

// Readers without an account have none.
function token() {
  return { "x-csrf-token": document.querySelector("[name=csrf_token]")?.value ?? "" };
}

async function answered(address, { headers, ...request }) {
  const asked = { ...request, headers: { accept: "application/json", ...headers } };
  const answer = await fetch(address, asked).catch(() => null);
  if (!answer) throw new Problem(word("unreachable"));
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(wordsOf(told, answer.status), told);
  return told;
}

function wordsOf(problem, status) {
  const inEnglish = document.documentElement.lang === "en";
  const detail = inEnglish ? problem.detail : problem.detail_zh;
  return detail ?? word("failed", { status });
}

// Asks a question again and again: an answer that a later question has overtaken becomes the answer to that one.
export function newest(question) {
  let last = null;
  return (...parameters) => {
    const mine = question(...parameters).then((found) => (mine === last ? found : last));
    last = mine;
    return mine;
  };
}

export async function telling(alert, task) {
  alert.textContent = "";
  try {
    return await task();
  } catch (failure) {
    if (!(failure instanceof Problem)) throw failure;
    alert.textContent = failure.message;
    return null;
  }
}
