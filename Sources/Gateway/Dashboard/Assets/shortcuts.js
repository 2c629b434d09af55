import { byId } from "./dom.js";

const root = document.documentElement;
const stored = "moonx-shortcuts";
const typing = (target) => target.matches("input:not([type=radio], [type=checkbox]), textarea, select");

/** Whoever speaks to the page, or hits keys by mistake, can do without: https://www.w3.org/WAI/WCAG22/Understanding/character-key-shortcuts */
function offerChoice(choice) {
  const show = (isOn) => { root.dataset.shortcuts = isOn ? "on" : "off"; };
  try { choice.checked = localStorage.getItem(stored) !== "off"; } catch { /* private browsing: on, as for a new visitor */ }
  show(choice.checked);
  choice.addEventListener("change", () => {
    show(choice.checked);
    try { localStorage.setItem(stored, root.dataset.shortcuts); } catch { /* the choice lasts for this page */ }
  });
}

/** Single keys, as long as nobody is typing and the user has not turned them off. `actions` maps a key to what it does; `digit(n)` takes 1 to 9. */
export function listenForShortcuts(actions, digit) {
  const dialog = byId("shortcuts");
  const help = () => dialog.showModal();
  byId("help").addEventListener("click", help);
  offerChoice(byId("shortcuts-on"));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    if (event.key === "Escape" && typing(event.target)) return event.target.blur();
    if (typing(event.target) || root.dataset.shortcuts === "off") return;
    const action = event.key === "?" ? help : actions[event.key.toLowerCase()];
    if (!action && !/^[1-9]$/.test(event.key)) return;
    event.preventDefault();
    if (action) action();
    else digit(Number(event.key));
  });
}
