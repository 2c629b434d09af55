/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** Creates an element: `element("li", { class: "row", dataset: { room } }, "text", child)`. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "dataset") Object.assign(node.dataset, value);
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** Sets the text only where it changed: most updates touch one field of many. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Time of day of a millisecond timestamp. */
export function clock(timestamp) {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return "–";
  const pad = (number, width) => String(number).padStart(width, "0");
  return `${pad(date.getHours(), 2)}:${pad(date.getMinutes(), 2)}:${pad(date.getSeconds(), 2)}.${pad(date.getMilliseconds(), 3)}`;
}
