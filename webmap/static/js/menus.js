// Menus close by Escape, by a click elsewhere, and when the keyboard leaves them.

const open = () => [...document.querySelectorAll("details.menu[open]")];
const closeOthers = (target) => {
  for (const menu of open()) if (!menu.contains(target)) menu.open = false;
};

document.addEventListener("click", ({ target }) => closeOthers(target));
document.addEventListener("focusin", ({ target }) => closeOthers(target));
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const menu of open()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
