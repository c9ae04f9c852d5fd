// The parts of the panel, one of which is shown; the arrow keys go from tab to tab.

export function tabs(list, onShow) {
  const all = [...list.querySelectorAll("[role=tab]")];
  const show = (chosen) => {
    for (const tab of all) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      panelOf(tab).hidden = tab !== chosen;
    }
    onShow(panelOf(chosen).id);
  };
  for (const tab of all) tab.addEventListener("click", () => show(tab));
  list.addEventListener("keydown", ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (!step) return;
    const next = all.at((all.indexOf(document.activeElement) + step) % all.length);
    next.focus();
    show(next);
  });
  return (id) => show(all.find((tab) => panelOf(tab).id === id));
}

function panelOf(tab) {
  return document.getElementById(tab.getAttribute("aria-controls"));
}
