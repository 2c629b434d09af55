import { byId } from "./dom.js";

const typing = (target) => target.matches("input:not([type=radio]), textarea, select");

/** Single keys, as long as nobody is typing. `actions` maps a key to what it does; `digit(n)` takes 1 to 9. */
export function listenForShortcuts(actions, digit) {
  const dialog = byId("shortcuts");
  const help = () => dialog.showModal();
  byId("help").addEventListener("click", help);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    if (event.key === "Escape" && typing(event.target)) return event.target.blur();
    if (typing(event.target)) return;
    const action = event.key === "?" ? help : actions[event.key.toLowerCase()];
    if (!action && !/^[1-9]$/.test(event.key)) return;
    event.preventDefault();
    if (action) action();
    else digit(Number(event.key));
  });
}
