// The words of the page's language, from the data block that the page carries.

const catalogue = JSON.parse(document.getElementById("words").textContent);

export function word(key, fields = {}) {
  return (catalogue[key] ?? key).replace(/\{(\w+)\}/g, (gap, name) => fields[name] ?? gap);
}

export function number(value, digits = 0) {
  return value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits });
}
