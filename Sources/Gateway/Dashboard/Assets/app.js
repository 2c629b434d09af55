import { Board } from "./board.js";
import { Book } from "./book.js";
import { Connection } from "./connection.js";
import { byId, element } from "./dom.js";
import { RawEvents } from "./raw.js";
import { RoomList } from "./rooms.js";
import { SequenceCheck } from "./sequence.js";
import { Session } from "./session.js";
import { listenForShortcuts } from "./shortcuts.js";
import { Status } from "./status.js";
import { Subscriptions, parseRoom } from "./subscriptions.js";
import { Tape } from "./tape.js";
import { toast } from "./toasts.js";
import { Market } from "./market.js";

const defaultSymbols = ["BTC-USDC", "ETH-USDC", "SOL-USDC", "BTC-USDT", "XRP-USDT"];
/** How long the page waits for a symbol that moves before it shows the first one. */
const firstPriceWithin = 1500;

const market = new Market();
const sequence = new SequenceCheck();
const session = new Session();
const raw = new RawEvents();
const connection = new Connection(session, { changed: showConnection, connected, received, sent, failed, ended });
const status = new Status(connection, sequence);
const subscriptions = new Subscriptions(connection, roomChanged);
const rooms = new RoomList(subscriptions, sequence, leave);
const board = new Board(market, { choose, close: (symbol) => request("unsubscribe", `price:${symbol}`) });
const book = new Book(market);
const tape = new Tape(market);
let chosen = location.hash.slice(1).toUpperCase();
let development = true;

// Events ---------------------------------------------------------------------------------------------------------

const handlers = {
  price_update(payload) {
    if (!subscriptions.rooms.has(`price:${payload.symbol}`)) return;
    market.price(payload);
    board.update(payload.symbol);
    book.update(payload.symbol);
    if (!chosen) choose(payload.symbol);
  },
  order_book_update(payload) {
    market.book(payload);
    book.update(payload.symbol);
  },
  trade_notification(payload) {
    if (payload.personal) return toast("Your trade", `${payload.side} ${payload.amount} ${payload.symbol} at ${payload.price}`, "info");
    market.trade(payload);
    tape.update(payload.symbol);
  },
  authenticated({ user }) {
    session.userId = user.id;
    showSession();
  },
  error: ({ code, message, event }) => toast(code ?? "error", event ? `${event}: ${message}` : message),
  auth_error: ({ code, error }) => toast(code ?? "auth_error", error),
  system_alert: ({ level, message }) => toast(`Alert: ${level}`, message, "info"),
  notification: ({ title, body }) => toast(title ?? "Notification", body ?? "", "info"),
  direct_message: ({ from, message }) => toast(`Message from ${from}`, String(message), "info"),
  feed_stale: ({ room }) => toast("Feed is stale", room, "info"),
  server_draining: ({ reconnectAfter }) => toast("The server is going down", `reconnect after ${reconnectAfter} ms`, "info"),
};

function received(event, payload) {
  raw.add("in", event, payload);
  sequence.receive(event, payload);
  handlers[event]?.(payload ?? {});
  status.update();
  rooms.update();
}

function sent(event, payload) {
  raw.add("out", event, payload);
}

function failed(title, detail) {
  toast(title, detail);
}

// Connection -----------------------------------------------------------------------------------------------------

async function connected(recovered) {
  sequence.reconnected(recovered);
  if (subscriptions.rooms.size > 0) {
    await subscriptions.restore();
    return;
  }
  await Promise.all(defaultSymbols.map((symbol) => request("subscribe", `price:${symbol}`)));
  if (chosen) choose(chosen);
  else setTimeout(() => { if (!chosen && board.symbols.length) choose(board.symbols[0]); }, firstPriceWithin);
}

function ended() {
  subscriptions.suspend();
}

function showConnection() {
  status.update();
  byId("toggle").textContent = connection.phase === "offline" ? "Connect" : "Disconnect";
}

function open() {
  connection.open(new FormData(byId("login")).get("transports"));
}

// Rooms ----------------------------------------------------------------------------------------------------------

/** `action` is a method of `Subscriptions`; a refusal becomes a toast. */
async function request(action, room) {
  const reply = await subscriptions[action](room);
  if (!reply.ok) toast(reply.code ?? "Refused", `${room}: ${reply.message}`);
  return reply;
}

function leave(room) {
  return request("leave", room);
}

function roomChanged(room, left) {
  const { kind, name } = parseRoom(room);
  if (left) {
    sequence.forget(room);
    market.forget(kind, name);
    if (kind === "price") board.remove(name);
    if (kind === "orderbook") book.update(name);
    if (kind === "trade") tape.update(name);
  } else if (kind === "price") {
    board.add(name);
  }
  if (kind === "price") showSymbols();
  rooms.update();
}

// The chosen symbol ----------------------------------------------------------------------------------------------

/** Moves the order book and the trades to another symbol. */
function choose(symbol) {
  const before = chosen;
  chosen = symbol;
  history.replaceState(null, "", `#${symbol}`);
  board.select(symbol);
  book.show(symbol);
  tape.show(symbol);
  showSymbols();
  for (const kind of ["orderbook", "trade"]) {
    const [old, fresh] = [`${kind}:${before}`, `${kind}:${symbol}`];
    if (before !== symbol && subscriptions.rooms.has(old)) request("unsubscribe", old);
    if (!subscriptions.rooms.has(fresh)) request("subscribe", fresh);
  }
}

function showSymbols() {
  const names = new Set([...board.symbols, ...(chosen ? [chosen] : [])]);
  byId("symbol").replaceChildren(...[...names].map((name) => element("option", { value: name }, name)));
  byId("symbol").value = chosen;
  byId("symbol").hidden = names.size === 0;
}

// Identity -------------------------------------------------------------------------------------------------------

function showSession() {
  const inside = session.accessToken !== "";
  byId("login").hidden = inside;
  byId("session").hidden = !inside;
  byId("user-name").textContent = session.name;
  byId("user-id").textContent = session.userId;
  const own = session.userId ? ["user", "portfolio", "orders"].map((kind) => `${kind}:${session.userId}`) : [];
  const suggestions = [...own, "chart:BTC", "price:DOGE-USDT", "trade:ETH-USDC"];
  byId("room-suggestions").replaceChildren(...suggestions.map((value) => element("option", { value })));
}

async function logIn() {
  try {
    if (development) await session.logIn(byId("name").value.trim());
    else session.use(byId("token").value);
    showSession();
    open();
  } catch (error) {
    toast("Log-in failed", error.message);
  }
}

async function logOut() {
  connection.close();
  subscriptions.clear();
  const leaving = session.logOut();
  showSession();
  await leaving.catch((error) => toast("Log-out failed", error.message));
}

// Controls -------------------------------------------------------------------------------------------------------

byId("login").addEventListener("submit", (event) => {
  event.preventDefault();
  logIn();
});
byId("logout").addEventListener("click", logOut);
byId("toggle").addEventListener("click", () => (connection.phase === "offline" ? open() : connection.close()));
byId("symbol").addEventListener("change", (event) => choose(event.target.value));
byId("theme").addEventListener("click", globalThis.toggleTheme);
byId("room-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const room = byId("room").value.trim();
  if (room) request(event.submitter?.value ?? "subscribe", room);
});
listenForShortcuts({
  "/": () => byId("room").focus(),
  f: () => byId("raw-filter").focus(),
  p: () => raw.pause(),
  c: () => raw.clear(),
  t: globalThis.toggleTheme,
}, (digit) => { if (board.symbols[digit - 1]) choose(board.symbols[digit - 1]); });

if (typeof globalThis.io !== "function") {
  byId("no-client").hidden = false;
  byId("connect").disabled = true;
}
development = await Session.developmentLogin().catch(() => true);
byId("login-development").hidden = !development;
byId("login-token").hidden = development;
