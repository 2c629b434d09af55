import { byId, setText } from "./dom.js";

/** The tabs under the prices. Arrow keys move between them, as the pattern for tabs has it; a badge counts what came while a tab was not open. */
export class Tabs {
  #tabs = [...document.querySelectorAll("#tabs [role=tab]")];
  #unseen = new Map();

  constructor() {
    for (const tab of this.#tabs) tab.addEventListener("click", () => this.open(tab.dataset.tab));
    byId("tabs").addEventListener("keydown", (event) => {
      const at = this.#tabs.indexOf(document.activeElement);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: this.#tabs.length - 1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      const tab = this.#tabs.at(to % this.#tabs.length);
      this.open(tab.dataset.tab);
      tab.focus();
    });
  }

  open(name) {
    for (const tab of this.#tabs) {
      const chosen = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      byId(`tab-${tab.dataset.tab}`).hidden = !chosen;
    }
    this.#unseen.delete(name);
    this.#badge(name);
  }

  /** Something new is in a tab. */
  news(name) {
    if (!byId(`tab-${name}`).hidden) return;
    this.#unseen.set(name, (this.#unseen.get(name) ?? 0) + 1);
    this.#badge(name);
  }

  /** What has come has been seen, or is nobody's any more. */
  clear() {
    for (const name of [...this.#unseen.keys()]) {
      this.#unseen.delete(name);
      this.#badge(name);
    }
  }

  #badge(name) {
    const badge = byId(`badge-${name}`);
    if (!badge) return;
    const count = this.#unseen.get(name) ?? 0;
    badge.hidden = count === 0;
    setText(badge, count > 99 ? "99+" : String(count));
  }
}
