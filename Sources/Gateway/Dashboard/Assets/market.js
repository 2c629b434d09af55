const historyLength = 120;
const tapeLength = 60;

/** The last of everything the market sent. Values stay as received; numbers are parsed for drawing only. */
export class Market {
  prices = new Map();
  books = new Map();
  trades = new Map();

  price(payload) {
    const value = Number(payload.price);
    const known = this.prices.get(payload.symbol);
    const history = known?.history ?? [];
    history.push(value);
    if (history.length > historyLength) history.shift();
    const before = known?.value ?? value;
    this.prices.set(payload.symbol, { ...payload, value, history, direction: Math.sign(value - before), updates: (known?.updates ?? 0) + 1 });
  }

  book(payload) {
    this.books.set(payload.symbol, payload);
  }

  trade(payload) {
    const tape = this.trades.get(payload.symbol) ?? [];
    tape.unshift(payload);
    if (tape.length > tapeLength) tape.pop();
    this.trades.set(payload.symbol, tape);
  }

  forget(kind, symbol) {
    ({ price: this.prices, orderbook: this.books, trade: this.trades })[kind]?.delete(symbol);
  }
}
