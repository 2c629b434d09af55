import { byId, element, setText } from "./dom.js";
import { invalidate } from "./frame.js";

const levels = 10;

function makeRows(list) {
  const rows = Array.from({ length: levels }, (_, index) => {
    const cells = ["price", "size", "total"].map((field) => element("span", { dataset: { field } }));
    const root = element("div", { role: "listitem", class: "level blank", dataset: { level: index } }, ...cells);
    return { root, cells };
  });
  list.replaceChildren(...rows.map((row) => row.root));
  return rows;
}

/** Decimals of a price or size as it was written, so that what is computed of it is shown alike. */
function decimals(value) {
  return String(value).split(".")[1]?.length ?? 0;
}

function compact(value) {
  return value >= 10000 ? Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 }).format(value) : String(+value.toPrecision(6));
}

/** The ladder: best prices around the spread, bars for the depth up to each level. */
export class Book {
  #market;
  #symbol = "";
  #asks = makeRows(byId("asks"));
  #bids = makeRows(byId("bids"));
  #render = () => this.#draw();

  constructor(market) {
    this.#market = market;
  }

  show(symbol) {
    this.#symbol = symbol;
    byId("asks").dataset.symbol = symbol;
    byId("bids").dataset.symbol = symbol;
    invalidate(this.#render);
  }

  update(symbol) {
    if (symbol === this.#symbol) invalidate(this.#render);
  }

  #draw() {
    const book = this.#market.books.get(this.#symbol);
    const asks = this.#side(book?.asks);
    const bids = this.#side(book?.bids);
    const deepest = Math.max(asks.at(-1)?.total ?? 0, bids.at(-1)?.total ?? 0);
    // The best ask stands next to the spread, so the rows of the asks run from the bottom up.
    this.#asks.forEach((row, index) => this.#fill(row, asks[levels - 1 - index], deepest));
    this.#bids.forEach((row, index) => this.#fill(row, bids[index], deepest));
    this.#middle(asks[0], bids[0]);
  }

  /** A book that is none of pairs is passed on as its publisher wrote it: there is nothing to draw. */
  #side(entries) {
    let total = 0;
    return (Array.isArray(entries) ? entries : []).filter(Array.isArray).slice(0, levels).map(([price, size]) => {
      total += Number(size);
      return { price, size, total };
    });
  }

  #fill({ root, cells }, level, deepest) {
    root.classList.toggle("blank", !level);
    setText(cells[0], level ? String(level.price) : "");
    setText(cells[1], level ? String(level.size) : "");
    setText(cells[2], level ? compact(level.total) : "");
    root.style.setProperty("--depth", level && deepest ? (level.total / deepest).toFixed(3) : "0");
  }

  #middle(ask, bid) {
    const last = this.#market.prices.get(this.#symbol);
    const middle = byId("mid");
    setText(middle, String(last?.price ?? bid?.price ?? "–"));
    middle.dataset.trend = last?.direction ?? 0;
    if (!ask || !bid) return setText(byId("spread"), "–");
    const places = Math.max(decimals(ask.price), decimals(bid.price));
    setText(byId("spread"), (Number(ask.price) - Number(bid.price)).toFixed(places));
  }
}
