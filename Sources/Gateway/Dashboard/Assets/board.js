import { byId, element, setText } from "./dom.js";
import { removeRow } from "./focus.js";
import { invalidate } from "./frame.js";
import { Sparkline } from "./sparkline.js";

/** One tile for each price room. */
export class Board {
  #market;
  #actions;
  #tiles = new Map();
  #dirty = new Set();
  #selected = "";
  #render = () => this.#draw();

  /** `actions` has `choose(symbol)` and `close(symbol)`. */
  constructor(market, actions) {
    this.#market = market;
    this.#actions = actions;
  }

  get symbols() {
    return [...this.#tiles.keys()];
  }

  add(symbol) {
    if (this.#tiles.has(symbol)) return;
    const tile = this.#tile(symbol);
    this.#tiles.set(symbol, tile);
    byId("board").append(tile.root);
    byId("board-empty").hidden = true;
    this.select(this.#selected);
  }

  remove(symbol) {
    const tile = this.#tiles.get(symbol);
    if (tile) removeRow(tile.root, byId("room"));
    this.#tiles.delete(symbol);
    byId("board-empty").hidden = this.#tiles.size > 0;
  }

  select(symbol) {
    this.#selected = symbol;
    for (const [name, tile] of this.#tiles) tile.choose.setAttribute("aria-pressed", String(name === symbol));
  }

  update(symbol) {
    this.#dirty.add(symbol);
    invalidate(this.#render);
  }

  #tile(symbol) {
    const field = (name, tag = "span") => element(tag, { class: name, dataset: { field: name } }, "–");
    const sparkline = new Sparkline();
    const fields = { price: field("price", "strong"), change: field("change"), volume: field("volume") };
    const choose = element("button", { type: "button", class: "tile-choose", "aria-pressed": "false", title: `Show ${symbol}` },
      element("span", { class: "tile-symbol" }, symbol), fields.change, fields.price, sparkline.root,
      element("span", { class: "tile-volume" }, "volume ", fields.volume));
    const close = element("button", { type: "button", class: "tile-close quiet", "aria-label": `Unsubscribe from ${symbol}`, title: "Unsubscribe" }, "×");
    const root = element("article", { class: "tile", dataset: { symbol, waiting: "true" } }, choose, close);
    choose.addEventListener("click", () => this.#actions.choose(symbol));
    close.addEventListener("click", () => this.#actions.close(symbol));
    return { root, choose, fields, sparkline };
  }

  #draw() {
    for (const symbol of this.#dirty) {
      const tile = this.#tiles.get(symbol);
      const price = this.#market.prices.get(symbol);
      if (tile && price) this.#fill(tile, price);
    }
    this.#dirty.clear();
  }

  #fill({ root, fields, sparkline }, price) {
    delete root.dataset.waiting;
    setText(fields.price, String(price.price));
    setText(fields.change, String(price.change ?? "–"));
    setText(fields.volume, String(price.volume ?? "–"));
    fields.change.dataset.trend = Math.sign(Number(price.change)) || 0;
    root.dataset.updates = price.updates;
    // The name alternates, for an animation starts anew only where its name changes.
    if (price.direction) root.dataset.flash = `${price.direction > 0 ? "up" : "down"}-${price.updates % 2}`;
    sparkline.draw(price.history);
  }
}
