import { byId, clock, element } from "./dom.js";
import { invalidate } from "./frame.js";

const shown = 40;

function row(trade) {
  const cell = (field, text) => element("span", { dataset: { field } }, text);
  return element("li", { dataset: { side: trade.side ?? "", id: trade.id ?? "" } },
    cell("price", String(trade.price)), cell("amount", String(trade.amount)), cell("time", clock(trade.timestamp)));
}

/** The trades of the chosen symbol, newest first. */
export class Tape {
  #market;
  #symbol = "";
  #drawn = new WeakMap();
  #render = () => this.#draw();

  constructor(market) {
    this.#market = market;
  }

  show(symbol) {
    this.#symbol = symbol;
    byId("tape").dataset.symbol = symbol;
    byId("tape-symbol").textContent = symbol;
    invalidate(this.#render);
  }

  update(symbol) {
    if (symbol === this.#symbol) invalidate(this.#render);
  }

  #draw() {
    const trades = (this.#market.trades.get(this.#symbol) ?? []).slice(0, shown);
    const rows = trades.map((trade) => {
      if (!this.#drawn.has(trade)) this.#drawn.set(trade, row(trade));
      return this.#drawn.get(trade);
    });
    const tape = byId("tape");
    const kept = new Set(rows);
    for (const old of [...tape.children]) if (!kept.has(old)) old.remove();
    const fresh = rows.findIndex((node) => node.parentNode === tape);
    tape.prepend(...(fresh < 0 ? rows : rows.slice(0, fresh)));
  }
}
