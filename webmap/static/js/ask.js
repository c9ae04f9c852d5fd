// Asks the API, and turns whatever goes wrong into words on the page.

import { word } from "./words.js";

export class Problem extends Error {}

export async function ask(path, parameters) {
  const address = `${path}?${new URLSearchParams(parameters)}`;
  const answer = await fetch(address, { headers: { accept: "application/json" } }).catch(() => null);
  if (!answer) throw new Problem(word("unreachable"));
  if (!answer.ok) throw new Problem(await wordsOf(answer));
  return answer.json();
}

async function wordsOf(answer) {
  const problem = await answer.json().catch(() => ({}));
  const inEnglish = document.documentElement.lang === "en";
  const detail = inEnglish ? problem.detail : problem.detail_zh;
  return detail ?? word("failed", { status: answer.status });
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
