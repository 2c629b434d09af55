import { byId, clock, element, setText } from "./dom.js";
import { invalidate } from "./frame.js";

const kept = 500;
const shown = 120;
const longest = 600;
/** Nobody reads faster than this, and a long list costs a layout each time. */
const drawEvery = 120;

function text(payload) {
  const json = payload === undefined ? "" : JSON.stringify(payload);
  return json.length > longest ? `${json.slice(0, longest)}… (${json.length} characters)` : json;
}

/** A token is a key: it is not for the screen, nor for a screenshot in a bug report. */
function withoutToken(payload) {
  return payload?.token === undefined ? payload : { ...payload, token: "…" };
}

/** Every event in both directions. Payloads become text only when they are shown. */
export class RawEvents {
  #entries = [];
  #count = 0;
  #paused = false;
  #filter = [];
  #rate = 0;
  #timer = 0;
  #render = () => this.#draw();

  constructor() {
    byId("raw-filter").addEventListener("input", (event) => {
      this.#filter = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
      this.#draw();
    });
    byId("raw-pause").addEventListener("click", () => this.pause());
    byId("raw-clear").addEventListener("click", () => this.clear());
    setInterval(() => {
      setText(byId("rate"), String(this.#rate));
      this.#rate = 0;
    }, 1000);
  }

  add(direction, event, payload) {
    this.#count += 1;
    if (direction === "in") this.#rate += 1;
    this.#entries.unshift({ direction, event, payload: withoutToken(payload), at: Date.now() });
    if (this.#entries.length > kept) this.#entries.pop();
    if (this.#paused || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      if (!this.#paused) invalidate(this.#render);
    }, drawEvery);
  }

  pause() {
    this.#paused = !this.#paused;
    const button = byId("raw-pause");
    button.setAttribute("aria-pressed", String(this.#paused));
    button.textContent = this.#paused ? "Resume" : "Pause";
    if (!this.#paused) this.#draw();
  }

  clear() {
    this.#entries = [];
    this.#count = 0;
    this.#draw();
  }

  #draw() {
    setText(byId("raw-count"), String(this.#count));
    const rows = [];
    for (const entry of this.#entries) {
      if (rows.length === shown) break;
      if (this.#matches(entry)) rows.push(entry.node ??= this.#row(entry));
    }
    byId("raw").replaceChildren(...rows);
  }

  #matches(entry) {
    if (this.#filter.length === 0) return true;
    entry.line ??= `${entry.event} ${text(entry.payload)}`.toLowerCase();
    return this.#filter.every((word) => entry.line.includes(word));
  }

  #row({ direction, event, payload, at }) {
    const failed = event === "error" || event === "connect_error" || payload?.ok === false;
    return element("li", { dataset: { direction, event, failed } },
      element("time", {}, clock(at)), element("b", {}, event), element("code", {}, text(payload)));
  }
}
