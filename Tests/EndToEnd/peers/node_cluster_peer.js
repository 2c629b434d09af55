// Two servers on one Redis, of which the first is the Node server with an official adapter: everything that crosses them, in both directions.
// Prints what clients and servers saw, a line each. The second server is the one at <url>, or another Node server where there is none: so
// the Node server itself says what the lines have to be.
//
//     node node_cluster_peer.js <adapter> <redis url> [url]
//
// Adapters: classic, specific (classic with publishOnSpecificResponseChannel), sharded, sharded-private (with dynamic-private), streams,
// several-streams (three), recovery (streams, where clients of the Node server recover what they missed). Needs socket.io, socket.io-client,
// @redis/client, the two adapters and the two emitters where require finds them (NODE_PATH).

const http = require("node:http");
const { Server } = require("socket.io");
const { io: connect } = require("socket.io-client");
const { createClient } = require("@redis/client");
const [adapter, redis, url] = process.argv.slice(2);
const isSharded = adapter.startsWith("sharded");

// MARK: Servers

async function makeRedis() {
  const client = createClient({ url: redis });
  client.on("error", () => {});
  return client.connect();
}

async function makeAdapter() {
  const client = await makeRedis();
  if (adapter.endsWith("streams") || adapter === "recovery") {
    return require("@socket.io/redis-streams-adapter").createAdapter(client, { streamCount: adapter === "several-streams" ? 3 : 1 });
  }
  const { createAdapter, createShardedAdapter } = require("@socket.io/redis-adapter");
  if (isSharded) {
    return createShardedAdapter(client, await makeRedis(), { subscriptionMode: adapter === "sharded" ? "dynamic" : "dynamic-private" });
  }
  return createAdapter(client, await makeRedis(), { publishOnSpecificResponseChannel: adapter === "specific" });
}

function chosen(io, { rooms = [], except = [] }) {
  const set = rooms.length ? io.to(rooms) : io.except([]);
  return except.length ? set.except(except) : set;
}

// A socket's own room, which has its id for name, as "".
function describe(sockets) {
  return sockets.map(({ id, data, rooms }) => [data.name, [...rooms].map((room) => (room === id ? "" : room)).sort()]).sort();
}

// What a client may order its server to do; the Swift server has the same (NodeServerTests.swift).
const orders = {
  count: (io) => io.adapter.serverCount(),
  emit: (io, order) => void chosen(io, order).emit(order.name, ...order.args),
  volatile: (io, order) => void chosen(io, order).volatile.emit(order.name, ...order.args),
  local: (io, order) => void chosen(io, order).local.emit(order.name, ...order.args),
  uncompressed: (io, order) => void chosen(io, order).compress(false).emit(order.name, ...order.args),
  fetch: async (io, order) => describe(await chosen(io, order).fetchSockets()),
  join: (io, order) => void chosen(io, order).socketsJoin(order.names),
  flood: (io, order) => {
    for (let n = 0; n < order.count; n++) (n % 2 ? io.to("r") : io).emit("n", n);
  },
  leave: (io, order) => void chosen(io, order).socketsLeave(order.names),
  disconnect: (io, order) => void chosen(io, order).disconnectSockets(order.close),
  tell: (io, order) => void io.serverSideEmit("tell", ...order.args),
  ask: (io, order) => io.serverSideEmitWithAck("ask", ...order.args),
  // As ours: where clients do not answer, what has come.
  question: async (io, order) => {
    const set = chosen(io, order).timeout(order.timeout);
    const answers = await set.emitWithAck(order.name, ...order.args).catch((error) => error.responses);
    return answers.map((answer) => answer ?? null);
  },
  // Of the Node server only.
  allRooms: async (io) => [...(await io.adapter.allRooms())],
  remote: async (io, order) => {
    const socket = (await io.fetchSockets()).find((socket) => socket.data.name === order.who);
    socket.emit("remote", 1);
    socket.join("remote room");
    socket.leave("r");
    return socket.timeout(5000).emitWithAck("question", 1);
  },
};

async function startNode() {
  const server = http.createServer();
  const recovery = adapter === "recovery" ? { connectionStateRecovery: {} } : {};
  const io = new Server(server, { adapter: await makeAdapter(), ...recovery });
  for (const namespace of [io.of("/"), io.of("/other")]) {
    namespace.on("connection", (socket) => {
      socket.data.name = socket.handshake.auth.name;
      socket.on("join", (room, ack) => ack(socket.join(room) ?? true));
      socket.on("do", async (order, ack) => ack((await orders[order.do](namespace, order)) ?? null));
    });
    namespace.on("tell", (...args) => namespace.local.emit("told", ...args));
    namespace.on("ask", (...args) => args.pop()(["answer", ...args]));
  }
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, io };
}

// MARK: Clients

class Client {
  constructor(name, url, namespace = "") {
    this.name = name;
    this.events = [];
    this.socket = connect(url + namespace, { transports: ["websocket"], auth: { name }, reconnection: false, forceNew: true });
    this.socket.onAny((name, ...args) => {
      const ack = typeof args.at(-1) === "function" ? args.pop() : undefined;
      this.events.push([name, ...args]);
      if (ack) this.answer(ack);
    });
    this.socket.on("disconnect", (reason) => this.events.push(["disconnect", reason]));
    this.answer = (ack) => ack(`answer of ${name}`);
  }

  connected() { return new Promise((resolve) => (this.socket.connected ? resolve() : this.socket.on("connect", resolve))); }
  order(what, order = {}) { return this.socket.timeout(20_000).emitWithAck("do", { do: what, ...order }); }
  join(room) { return this.socket.timeout(20_000).emitWithAck("join", room); }
  has(name) { return this.events.some((event) => event[0] === name); }
  take() { return this.events.splice(0).filter((event) => event[0] !== "warm"); }
}

async function until(what, isMet) {
  for (let i = 0; i < 1200; i++) {
    if (await isMet()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  console.log(`not met: ${what}`);
  process.exit(1);
}

function show(value) {
  return JSON.stringify(value, (_, part) => {
    if (part?.type === "Buffer") return `<${Buffer.from(part.data).toString("hex").slice(0, 40)}>`;
    return typeof part === "string" && part.length > 200 ? `${part.slice(0, 20)}… of ${part.length}` : part;
  });
}

// MARK: What crosses

let clients, fences = 0;
const labels = new Map();

function labelled(text) {
  for (const [id, label] of labels) text = text.replaceAll(id, label);
  return text;
}

function print(line) { console.log(labelled(line)); }

// What everyone has got of an order, when a later event has reached all.
async function told(title, client, wait = () => true) {
  await until(`${title}: what it waits for`, wait);
  const fence = `fence ${fences++}`;
  await client.order("emit", { name: fence, args: [] });
  const there = clients.filter((other) => other.socket.connected);
  await until(`${title}: ${fence}`, () => there.every((other) => other.has(fence)));
  for (const other of clients) {
    const events = other.take().filter((event) => event[0] !== fence);
    // Sorted: with streams, questions take another way than events.
    if (events.length) print(`${title} | ${other.name} | ${events.map(show).sort().join(" ")}`);
  }
}

async function listening(redis, room, count) {
  if (!isSharded || (adapter === "sharded" && room.length === 20)) return;
  await until(`channel of ${room}`, async () => (await redis.sendCommand(["PUBSUB", "SHARDNUMSUB", `socket.io#/#${room}#`]))[1] === count);
}

const values = [1.5, -1, 2 ** 40, 2 ** 53, 1e-300, 1e-7, "é😀\u2028\"\\", "", null, true, false, { "k é": [[], {}, { n: null }] }];

async function flood(direction, from) {
  const counts = clients.map((client) => (client.name.endsWith("1") ? 1000 : 500));
  await from.order("flood", { count: 1000 });
  await until("the flood", () => clients.every((client, index) => client.events.length >= counts[index]));
  await told(`${direction} flood`, from, () => {
    for (const client of clients) {
      const numbers = client.take().map((event) => event[1]);
      const isInOrder = numbers.every((number, index) => index === 0 || number > numbers[index - 1]);
      print(`${direction} flood | ${client.name} | ${numbers.length} ${isInOrder ? "in order" : numbers}`);
    }
    return true;
  });
}

async function crossing(direction, from, far, near, lines) {
  const run = async (title, what, order, wait) => {
    const answer = await from.order(what, order);
    if (answer !== null) print(`${direction} ${title} | answer | ${show(answer)}`);
    await told(`${direction} ${title}`, from, wait);
  };
  const id = far.socket.id;
  await run("count", "count");
  await run("all", "emit", { name: "e", args: values });
  await run("nothing", "emit", { name: "e", args: [] });
  await run("room", "emit", { name: "e", args: [1], rooms: ["r"] });
  await run("two rooms", "emit", { name: "e", args: [2], rooms: ["r", "s"] });
  await run("nobody's room", "emit", { name: "e", args: [3], rooms: ["nobody's"] });
  await run("except a room", "emit", { name: "e", args: [4], except: ["s"] });
  await run("room except a room", "emit", { name: "e", args: [5], rooms: ["r"], except: ["s"] });
  await run("except a socket", "emit", { name: "e", args: [6], except: [id] });
  await run("a socket", "emit", { name: "e", args: [7], rooms: [id] });
  for (const room of ["orderbook:MATIC-USDC", "42", "a*[b]?\\", "with#one#", "é"]) {
    await run(`room ${room}`, "emit", { name: "e", args: [room], rooms: [room] });
  }
  await run("binary", "emit", { name: "e", args: [Buffer.from([0, 255]), { deep: [Buffer.from([1]), "x"] }, Buffer.alloc(0)] });
  await run("binary to a room", "emit", { name: "e", args: [{ b: Buffer.alloc(70_000, 7) }], rooms: ["r"] });
  await run("large", "emit", { name: "e", args: ["x".repeat(200_000)], rooms: ["r"] });
  await run("volatile", "volatile", { name: "e", args: [8] });
  await run("local", "local", { name: "e", args: [9] });
  await run("uncompressed", "uncompressed", { name: "e", args: ["y".repeat(3000)] });
  await run("fetch", "fetch");
  await run("fetch a room", "fetch", { rooms: ["s"] });
  await run("fetch except", "fetch", { except: ["s"] });
  await run("fetch a socket", "fetch", { rooms: [id] });
  await run("join", "join", { rooms: ["s"], names: ["x", "y"] });
  await listening(lines, "x", 2);
  await run("joined", "emit", { name: "e", args: [10], rooms: ["x"] });
  await run("fetch the joined", "fetch", { rooms: ["x"], except: [id] });
  await run("leave", "leave", { rooms: ["y"], except: [id], names: ["x"] });
  await run("left", "emit", { name: "e", args: [11], rooms: ["x"] });
  await run("leave all", "leave", { names: ["x", "y"] });
  await run("tell", "tell", { args: values }, () => far.has("told"));
  // Ours has no binary values in what servers tell each other.
  const isNode = direction === "a>b";
  if (isNode) await run("tell binary", "tell", { args: [{ b: Buffer.from([1, 2]) }] }, () => far.has("told"));
  await run("ask", "ask", { args: values });
  await run("ask nothing", "ask", { args: [] });
  if (isNode) await run("ask binary", "ask", { args: [Buffer.from([3])] });
  const questions = { name: "question", args: [1, "é"], timeout: 20_000 };
  const sorted = async (title, order) => {
    const answers = await from.order("question", { ...questions, ...order });
    print(`${direction} ${title} | answers | ${answers.map(show).sort().join(" ")}`);
    await told(`${direction} ${title}`, from);
  };
  await sorted("question to all", {});
  await sorted("question to a room", { rooms: ["r"] });
  await sorted("question except", { except: ["s", id] });
  await sorted("question to nobody", { rooms: ["nobody's"] });
  far.answer = (ack) => ack(Buffer.from([5, 6]));
  await sorted("binary answer", { rooms: ["r"] });
  far.answer = (ack) => ack({ deep: [Buffer.from([7]), 1] });
  await sorted("deep binary answer", { rooms: [id] });
  far.answer = (ack) => ack();
  await sorted("empty answer", { rooms: ["r"] });
  far.answer = (ack) => ack(1, 2);
  await sorted("two answers", { rooms: ["r"] });
  far.answer = () => {};
  await sorted("no answer", { rooms: ["r"], timeout: 1_500 });
  far.answer = (ack) => ack(values);
  await sorted("values answered", { rooms: ["r"] });
}

async function main() {
  const lines = await makeRedis();
  const first = await startNode();
  const second = url ? { url } : await startNode();
  const [a1, a2] = [new Client("a1", first.url), new Client("a2", first.url)];
  const [b1, b2, b3] = ["b1", "b2", "b3"].map((name) => new Client(name, second.url));
  clients = [a1, a2, b1, b2, b3];
  const others = [new Client("oa", first.url, "/other"), new Client("ob", second.url, "/other")];
  for (const client of [...clients, ...others]) await client.connected();
  for (const client of [...clients, ...others]) labels.set(client.socket.id, `<${client.name}>`);

  // Until each hears the other.
  for (const [from, to] of [[a1, b1], [b1, a1], [others[0], others[1]], [others[1], others[0]]]) {
    await until("hearing", async () => (await from.order("emit", { name: "warm", args: [] }), to.has("warm")));
    await until("counting", async () => (await from.order("count")) === 2);
  }
  for (const client of [a1, b1]) {
    for (const room of ["r", "orderbook:MATIC-USDC", "42", "a*[b]?\\", "with#one#", "é"]) {
      await client.join(room);
    }
  }
  for (const client of [b1, b2, a2]) await client.join("s");
  for (const room of ["r", "s", "42", "a*[b]?\\", "with#one#", "é"]) await listening(lines, room, 2);
  await told("warm", a1);
  await told("warm", b1);

  await crossing("a>b", a1, b1, a2, lines);
  await crossing("b>a", b1, a1, b2, lines);
  await flood("a>b", a1);
  await flood("b>a", b1);

  // The other namespace hears nothing of this one, and is heard.
  for (const [from, to] of [[others[0], others[1]], [others[1], others[0]]]) {
    to.take();
    await from.order("emit", { name: "other", args: [1] });
    await until("the other namespace", () => to.has("other"));
    print(`other namespace | ${to.name} | ${to.take().map(show)}`);
    print(`other namespace | answer | ${show(await from.order("fetch"))} ${show(await from.order("ask", { args: ["o"] }))}`);
  }

  print(`remote | answer | ${show(await a1.order("remote", { who: "b1" }))}`);
  await told("remote", a1);
  print(`remote | answer | ${show(await a1.order("fetch", { rooms: ["remote room"] }))}`);
  if (adapter === "classic" || adapter === "specific") print(`all rooms | ${(await a1.order("allRooms")).map(show).map(labelled).sort()}`);

  await emitters(lines, a1, b1, b2);

  if (b2.socket.connected) await a1.order("disconnect", { rooms: [b2.socket.id], close: false });
  await until("the disconnect", () => b2.has("disconnect"));
  await a1.order("disconnect", { rooms: [b3.socket.id], close: true });
  await until("the disconnect", () => b3.has("disconnect"));
  await b1.order("disconnect", { rooms: [a2.socket.id], close: true });
  await until("the disconnect", () => a2.has("disconnect"));
  await told("disconnects", a1);
  print(`disconnects | answer | ${show(await a1.order("fetch"))} ${show(await b1.order("fetch"))}`);

  // One leaves.
  if (url) await b1.order("close"); else second.io.close();
  await until("the end", () => b1.has("disconnect"));
  await until("counting", async () => (await a1.order("count")) === 1);
  print(`one left | answer | ${show(await a1.order("fetch"))} ${show(await a1.order("ask", { args: [] }))}`);
  print(`one left | answers | ${show(await a1.order("question", { name: "question", args: [], timeout: 20_000 }))}`);
  process.exit(0);
}

// What a client of the Node server missed comes back, whichever server sent it.
async function recovering() {
  const first = await startNode();
  const second = url ? { url } : await startNode();
  const [a, b] = [new Client("a", first.url), new Client("b", second.url)];
  clients = [a, b];
  for (const client of clients) await client.connected();
  await until("hearing", async () => (await b.order("emit", { name: "warm", args: [] }), a.has("warm")));
  await a.join("r");
  const emit = (...args) => b.order("emit", { name: "e", rooms: ["r"], args });
  await emit(1);
  await until("the first", () => a.has("e"));
  a.take();
  a.socket.io.engine.close();
  await until("the cut", () => a.has("disconnect"));
  await emit(2, "é");
  await b.order("emit", { name: "e", rooms: ["s"], args: [3] });
  await emit(4, Buffer.from([5]));
  await b.order("volatile", { name: "e", rooms: ["r"], args: [6] });
  a.socket.connect();
  await until("the connection", () => a.socket.connected);
  await emit(7);
  await until("the last", () => a.events.some((event) => event[1] === 7));
  // Each event's offset is its last argument, which only the one server adds.
  for (const event of a.take()) print(`recovery | a | ${show(event.slice(0, -1))}`);
  print(`recovery | a | ${a.socket.recovered}`);
  process.exit(0);
}

async function emitters(redis, a1, b1, b2) {
  let emitter;
  if (adapter === "streams") emitter = new (require("@socket.io/redis-streams-emitter").Emitter)(redis);
  else if (!isSharded && adapter !== "several-streams") emitter = new (require("@socket.io/redis-emitter").Emitter)(redis);
  if (!emitter) return;
  const ids = [a1.socket.id, b1.socket.id];
  const step = async (title, act, event = "e") => {
    act();
    const before = clients.filter((client) => client.socket.connected);
    emitter.emit("end of step");
    await until(`emitter: ${title}`, () => before.every((client) => client.has("end of step")));
    await until(`emitter: ${title}: ${event}`, () => !event || clients.some((client) => client.has(event)));
    for (const client of clients) {
      const events = client.take().filter((event) => event[0] !== "end of step");
      if (events.length) print(`emitter ${title} | ${client.name} | ${events.map(show).join(" ")}`);
    }
  };
  await step("all", () => emitter.emit("e", ...values));
  await step("room", () => emitter.to("s").emit("e", 1));
  await step("except", () => emitter.except("s").emit("e", 2));
  await step("rooms except", () => emitter.to(["r", "s"]).except(ids).emit("e", 3));
  await step("a socket", () => emitter.to(b1.socket.id).emit("e", 4));
  await step("binary", () => emitter.to("s").emit("e", Buffer.from([9, 8]), { x: Buffer.from([7]) }));
  await step("volatile", () => emitter.volatile.to("s").emit("e", 5));
  await step("uncompressed", () => emitter.compress(false).emit("e", "y".repeat(3000)));
  await step("join", () => emitter.in("s").socketsJoin("z"), null);
  await step("joined", () => emitter.to("z").emit("e", 6));
  await step("leave", () => emitter.in(b1.socket.id).socketsLeave("z"), null);
  await step("left", () => emitter.to("z").emit("e", 7));
  await step("tell", () => emitter.serverSideEmit("tell", 8, "é"), "told");
  await step("other namespace", () => emitter.of("/other").emit("e", 9), null);
  emitter.in(b2.socket.id).disconnectSockets();
  await until("the emitter's disconnect", () => b2.has("disconnect"));
}

(adapter === "recovery" ? recovering() : main()).catch((error) => {
  console.log(error);
  process.exit(1);
});
