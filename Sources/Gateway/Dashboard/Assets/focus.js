const controls = (row) => [...row.querySelectorAll("button")];

/** Takes a row of a list away. Where the keyboard was on one of its buttons, it goes on with the same button of the row beside it, or where there is
 * none with `fallback`, and not from the top of the page. */
export function removeRow(row, fallback) {
  const place = controls(row).indexOf(document.activeElement);
  const neighbour = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  if (place >= 0) (neighbour ? controls(neighbour)[place] : fallback).focus();
}

/** Does what may hide or disable the control that the keyboard is on; then `moveOn` says where it goes on. */
export function keepFocus(action, moveOn) {
  const held = document.activeElement;
  action();
  if (held?.disabled || held?.closest("[hidden]")) moveOn();
}
