import { Account } from "./account.js";
import { Board } from "./board.js";
import { Book } from "./book.js";
import { Connection } from "./connection.js";
import { byId, element } from "./dom.js";
import { keepFocus } from "./focus.js";
import { Limits } from "./limits.js";
import { Messages, short } from "./messages.js";
import { Notices } from "./notices.js";
import { People } from "./people.js";
import { RawEvents } from "./raw.js";
import { RoomList } from "./rooms.js";
import { SequenceCheck } from "./sequence.js";
import { Session } from "./session.js";
import { listenForShortcuts } from "./shortcuts.js";
import { SlowClient } from "./slow.js";
import { Status } from "./status.js";
import { Subscriptions, normalRoom, parseRoom } from "./subscriptions.js";
import { Tabs } from "./tabs.js";
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
const rooms = new RoomList(subscriptions, sequence, (room) => request("leave", room));
const board = new Board(market, { choose, close: (symbol) => request("unsubscribe", `price:${symbol}`) });
const book = new Book(market);
const tape = new Tape(market);
const tabs = new Tabs();
const account = new Account();
const ask = (event, payload) => connection.request(event, payload);
const messages = new Messages({ request: ask, join: (room) => request("join", room), failed }, session);
const people = new People({ request: ask, write, failed });
const notices = new Notices({ request: ask, failed });
const limits = new Limits((event, payload) => connection.send(event, payload));
const slow = new SlowClient(session, () => [...new Set([...defaultSymbols, ...board.symbols])]);
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
    if (payload.personal) {
      account.trade(payload);
      return tabs.news("account");
    }
    market.trade(payload);
    tape.update(payload.symbol);
  },
  authenticated({ user }) {
    session.userId = user.id;
    showSession();
    for (const kind of ["user", "portfolio", "orders"]) {
      if (!subscriptions.wants(`${kind}:${user.id}`)) request("subscribe", `${kind}:${user.id}`);
    }
  },
  portfolio_update: (payload) => account.portfolio(payload),
  order_update(payload) {
    account.order(payload);
    tabs.news("account");
  },
  error: ({ code, message, event }) => toast(code ?? "error", event ? `${event}: ${message}` : message),
  auth_error: ({ code, error }) => toast(code ?? "auth_error", error),
  system_alert: ({ level, message }) => toast(`Alert: ${level}`, message, "info"),
  notification(payload) {
    if (!notices.add(payload)) return;
    tabs.news("notices");
    toast(payload.title ?? "Notification", payload.body ?? "", "info");
  },
  direct_message(payload) {
    const isNew = messages.direct(payload);
    // It is on the page, now or since before: the server need not keep it. Where that did not reach the server it sends the message again.
    ask("received", { ids: [payload.messageId] });
    if (!isNew) return;
    tabs.news("messages");
    if (payload.from !== session.userId) toast(`Message from ${short(payload.from)}`, String(payload.message), "info");
  },
  room_message(payload) {
    if (messages.group(payload)) tabs.news("messages");
  },
  presence_subscribed: (payload) => people.states(payload),
  presence_update: (payload) => people.update(payload),
  feed_stale: ({ room }) => toast("Feed is stale", room, "info"),
  server_draining({ reconnectAfter }) {
    byId("draining").hidden = false;
    byId("draining-after").textContent = `${(reconnectAfter / 1000).toFixed(1)} s`;
  },
};

function received(event, payload) {
  raw.add("in", event, payload);
  if (limits.receive(event, payload)) tabs.news("limits");
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
  byId("draining").hidden = true;
  people.restore();
  if (subscriptions.rooms.size > 0) {
    for (const { room, reply } of await subscriptions.restore()) {
      if (!subscriptions.rooms.has(room) && !reply.ok) toast(reply.code ?? "Refused", `${room}: ${reply.message}`);
    }
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

/** Whether it is a room of one user, and not of this one: the events made for such rooms are for one's own. */
function isOthers(room) {
  const { kind, name } = parseRoom(room);
  return (kind === "portfolio" || kind === "orders") && name !== session.userId;
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
    if (before !== symbol && subscriptions.wants(old)) request("unsubscribe", old);
    if (!subscriptions.wants(fresh)) request("subscribe", fresh);
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
  keepFocus(() => {
    byId("login").hidden = inside;
    byId("session").hidden = !inside;
  // On a phone the prices stand above it, and stay in view.
  }, () => byId(inside ? "session" : "connect").focus({ preventScroll: true }));
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
    byId("token").value = "";
    showSession();
    open();
  } catch (error) {
    toast("Log-in failed", error.message);
  }
}

async function logOut() {
  connection.close();
  slow.close();
  subscriptions.clear();
  for (const view of [account, messages, notices, people, raw, tabs]) view.clear();
  const leaving = session.logOut();
  showSession();
  await leaving.catch((error) => toast("Log-out failed", error.message));
}

/** Begins a message to a user. */
function write(user) {
  byId("message-to").value = user;
  tabs.open("messages");
  byId("message-text").focus();
}

// Controls -------------------------------------------------------------------------------------------------------

byId("login").addEventListener("submit", (event) => {
  event.preventDefault();
  logIn();
});
byId("logout").addEventListener("click", logOut);
byId("copy-id").addEventListener("click", async () => {
  await navigator.clipboard.writeText(session.userId).then(() => toast("Copied", session.userId, "info"), (error) => toast("Not copied", error.message));
});
byId("toggle").addEventListener("click", () => (connection.phase === "offline" ? open() : connection.close()));
byId("symbol").addEventListener("change", (event) => choose(event.target.value));
byId("theme").addEventListener("click", globalThis.toggleTheme);
byId("room-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const room = normalRoom(byId("room").value.trim());
  if (room) request(isOthers(room) ? "join" : event.submitter?.value ?? "subscribe", room);
});
listenForShortcuts({
  "/": () => byId("room").focus(),
  f() {
    tabs.open("raw");
    byId("raw-filter").focus();
  },
  a: () => tabs.open("account"),
  m: () => tabs.open("messages"),
  n: () => tabs.open("notices"),
  l: () => tabs.open("limits"),
  s: () => tabs.open("slow"),
  e: () => tabs.open("raw"),
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
