import { byId, clock, element, setText } from "./dom.js";
import { invalidate } from "./frame.js";

const keptOrders = 12;
const keptTrades = 12;

/** What concerns the user alone: portfolio, orders, own trades. Values stay as received. */
export class Account {
  #portfolio = null;
  #orders = new Map();
  #trades = [];
  #render = () => this.#draw();

  portfolio(payload) {
    this.#portfolio = payload;
    invalidate(this.#render);
  }

  order(payload) {
    const key = payload.orderId ?? payload.id;
    // The newest first, whether it is a new order or news of an old one.
    this.#orders.delete(key);
    this.#orders.set(key, payload);
    if (this.#orders.size > keptOrders) this.#orders.delete(this.#orders.keys().next().value);
    invalidate(this.#render);
  }

  trade(payload) {
    this.#trades.unshift(payload);
    this.#trades.length = Math.min(this.#trades.length, keptTrades);
    invalidate(this.#render);
  }

  clear() {
    this.#portfolio = null;
    this.#orders.clear();
    this.#trades = [];
    invalidate(this.#render);
  }

  #draw() {
    const { totalValue = "–", pnl = "–", positions = [], timestamp } = this.#portfolio ?? {};
    setText(byId("total-value"), String(totalValue));
    setText(byId("pnl"), String(pnl));
    byId("pnl").dataset.trend = Math.sign(Number(pnl)) || 0;
    setText(byId("portfolio-time"), timestamp === undefined ? "–" : time(timestamp));
    byId("positions").replaceChildren(...(Array.isArray(positions) ? positions : []).map((position) =>
      row([position.symbol, position.amount, position.price, position.value ?? position.pnl])));
    byId("orders").replaceChildren(...[...this.#orders.values()].reverse().map((order) =>
      row([time(order.timestamp), order.symbol, order.side, order.amount, order.price, order.status],
        { id: order.orderId ?? order.id ?? "", side: order.side ?? "", status: order.status ?? "" })));
    byId("own-trades").replaceChildren(...this.#trades.map((trade) =>
      row([time(trade.timestamp), trade.symbol, trade.side, trade.amount, trade.price], { side: trade.side ?? "" })));
    for (const [id, isEmpty] of [["positions", !this.#portfolio], ["orders", this.#orders.size === 0], ["own-trades", this.#trades.length === 0]]) {
      byId(`${id}-empty`).hidden = !isEmpty;
    }
  }
}

/** To the second: nobody compares orders by milliseconds. */
const time = (timestamp) => clock(timestamp).slice(0, 8);

function row(cells, dataset = {}) {
  return element("tr", { dataset }, ...cells.map((cell) => element("td", {}, cell === undefined ? "–" : String(cell))));
}
