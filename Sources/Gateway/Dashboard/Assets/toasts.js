import { byId, element } from "./dom.js";

const most = 4;
const lasts = 7000;

/** Shows a message for some seconds; `level` is `info` or `error`. The same message twice is one with a count. */
export function toast(title, detail = "", level = "error") {
  const region = byId("toasts");
  const key = `${title}\n${detail}`;
  const same = [...region.children].find((node) => node.dataset.key === key);
  const times = Number(same?.dataset.times ?? 0) + 1;
  same?.remove();

  const close = element("button", { type: "button", class: "quiet", "aria-label": "Dismiss" }, "×");
  const node = element("div", { class: "toast", dataset: { level, key, times } },
    element("div", {}, element("strong", {}, times > 1 ? `${title} ×${times}` : title), element("p", {}, detail)), close);
  close.addEventListener("click", () => node.remove());
  setTimeout(() => node.remove(), lasts);
  region.append(node);
  while (region.children.length > most) region.firstChild.remove();
}
