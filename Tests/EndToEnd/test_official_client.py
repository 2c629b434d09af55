"""The official browser client in Chromium against the libraries: every transport, any payload, namespaces, recovery."""

import pytest

from official_client import LibraryServer, OfficialClient


@pytest.fixture(scope="module")
def library_server():
    server = LibraryServer().start()
    yield server
    server.kill()


@pytest.fixture(params=["polling", "websocket", "both"])
def transports(request):
    return request.param


@pytest.fixture
def client(page, library_server, transports):
    return OfficialClient(page, library_server.url, transports)


def test_connects_over_the_transport(client, transports):
    name = client.run(
        """
        const socket = await opened(url, options);
        if (options.transports.length > 1) await until(() => socket.io.engine.transport.name === "websocket", "the upgrade");
        return socket.io.engine.transport.name;
        """
    )
    assert name == ("polling" if transports == "polling" else "websocket")


def test_binary_in_nested_values_both_ways(client):
    assert client.run(
        """
        const socket = await opened(url, options);
        const sent = { list: [bytes(5, 1), { deep: bytes(70_000, 2), text: "é😀", none: null }], empty: bytes(0, 0), price: "105433.60000" };
        const [answer, second] = await ask(socket, "echo", sent, bytes(3, 9)).then((value) => [value, socket.heard.at(-1)]);
        const [name, back, more] = second;
        for (const got of [answer, back]) {
          if (!same(got.list[0], sent.list[0]) || !same(got.list[1].deep, sent.list[1].deep) || got.empty.byteLength !== 0) return "bytes";
          if (got.list[1].text !== "é😀" || got.list[1].none !== null || got.price !== "105433.60000") return "text";
        }
        return name === "echo" && same(more, bytes(3, 9)) ? "same" : "event";
        """
    ) == "same"


def test_acks_both_ways_and_their_time_outs(client):
    assert client.run(
        """
        const socket = await opened(url, options);
        socket.on("question", ({ sum: [left, right] }, answer) => answer({ sum: left + right, raw: bytes(4, 4) }));
        const answer = await ask(socket, "ask me");
        const failed = await socket.timeout(200).emitWithAck("silence").then(() => "answered", (error) => error.message);
        return [answer.sum, same(answer.raw, bytes(4, 4)), failed];
        """
    ) == [3, True, "operation has timed out"]


def test_the_servers_acks_time_out(client):
    """Where the client does not answer the server gives up in time, and nobody else has to wait for it."""
    assert client.run(
        """
        const socket = await opened(url, options);
        const unanswered = once(socket, "outcome");
        socket.once("question", () => {});
        socket.emit("ask within", 200);
        const [{ outcome: first }] = await unanswered;
        socket.once("question", (answer) => answer(1, 2));
        const answered = once(socket, "outcome");
        socket.emit("ask within", 30_000);
        const [{ outcome: second }] = await answered;
        return [first, second];
        """
    ) == ["timedOut", "answered 2"]


@pytest.mark.parametrize("end", ["socket.disconnect()", "socket.io.engine.close()", "socket.emit('leave')"])
def test_a_disconnect_fails_the_acks_that_are_due(client, end):
    assert client.run(
        f"""
        const watcher = await opened(url, options);
        const socket = await opened(url, {{ ...options, reconnection: false }});
        const id = socket.id;
        const asked = once(socket, "question");
        socket.emit("ask within", 60_000);
        await asked;
        const outcome = until(() => watcher.heard.some(([name, value]) => name === "outcome" && value.id === id), "the outcome");
        {end};
        await outcome;
        return watcher.heard.find(([name, value]) => name === "outcome" && value.id === id)[1].outcome;
        """
    ) == "disconnected"


def test_volatile_events_come_or_are_gone(client):
    """Who is there gets them; who is away gets only the others when it comes back."""
    assert client.run(
        """
        const socket = await opened(url, { ...options, auth: { name: "alice" } });
        const speaker = await opened(url, { ...options, auth: { name: "bob" } });
        await ask(socket, "join", "news");
        // Sent again until it comes: while a poll is on its way even a good client may miss one.
        for (let number = 0; !socket.heard.some(([name]) => name === "volatile"); number++) await ask(speaker, "volatile", { number });
        await ask(speaker, "say", { rooms: ["news"] }, { number: 0 });
        await until(() => socket.heard.some(([name]) => name === "said"), "the first");
        socket.io.reconnection(false);
        socket.io.engine.close();
        if (socket.connected) await once(socket, "disconnect");
        await ask(speaker, "volatile", { number: "gone" });
        await ask(speaker, "say", { rooms: ["news"] }, { number: 1 });
        socket.io.reconnection(true);
        socket.connect();
        await once(socket, "connect");
        await ask(socket, "echo", { number: 2 });
        const numbers = socket.heard.map(([, value]) => value?.number);
        return [socket.recovered, numbers.includes("gone"), [0, 1, 2].every((number) => numbers.includes(number))];
        """
    ) == [True, False, True]


@pytest.mark.parametrize("size", [100_000, 999_900])
def test_large_payloads_both_ways(client, size):
    """The larger is just under `maxPayload`, with the packet around it."""
    assert client.run(
        f"""
        const socket = await opened(url, options);
        const text = "x".repeat({size});
        const raw = bytes({size} - 400_000 > 0 ? 500_000 : 100_000, 7);
        return [(await ask(socket, "echo", text)) === text, same(await ask(socket, "echo", raw), raw)];
        """
    ) == [True, True]


def largest_binary(transports):
    """What `maxPayload` leaves room for: over polling an attachment is a letter and base64."""
    return 749_997 if transports == "polling" else 1_000_000


UPGRADED = """
    const upgraded = (socket) => until(() => options.transports.length < 2 || socket.io.engine.transport.name === "websocket", "the upgrade");
"""


def test_binary_of_just_max_payload_both_ways(client, transports):
    assert client.run(
        f"""
        {UPGRADED}
        const socket = await opened(url, options);
        await upgraded(socket);
        // Behind a POST that is under way the client would put header and attachment into one, and it reckons base64 at 1.33 bytes for each: a
        // little too few for what it may send.
        await until(() => socket.io.engine.transport.writable, "the end of the POST before");
        const raw = bytes({largest_binary(transports)}, 7);
        return same(await ask(socket, "echo", raw), raw);
        """
    ) is True


@pytest.mark.parametrize("payload", ["text", "binary"])
def test_more_than_max_payload_ends_the_connection(client, transports, payload):
    reason = client.run(
        f"""
        {UPGRADED}
        const socket = await opened(url, {{ ...options, reconnection: false }});
        await upgraded(socket);
        const ended = once(socket, "disconnect");
        socket.emit("echo", "{payload}" === "text" ? "x".repeat(1_000_001) : bytes({largest_binary(transports)} + 1, 7));
        return (await ended)[0];
        """
    )
    # While polling the POST is answered 413, which the client takes for an error of the transport.
    assert reason == "transport error" if transports == "polling" else reason in ("transport close", "transport error")


def test_namespaces(client):
    assert client.run(
        """
        const manager = new io.Manager(url, { ...options, forceNew: true });
        const [root, chat, room, none] = ["/", "/chat", "/room-7", "/none"].map((name) => manager.socket(name));
        const [[error]] = await Promise.all([once(none, "connect_error"), ...[root, chat, room].map((socket) => once(socket, "welcome"))]);
        const answers = await Promise.all([root, chat, room].map((socket, index) => ask(socket, "echo", index)));
        const ids = new Set([root.id, chat.id, room.id]);
        chat.disconnect();
        return [error.message, answers, ids.size, root.connected];
        """
    ) == ["Invalid namespace", [0, 1, 2], 3, True]


def test_a_middleware_refuses_with_its_data(client):
    assert client.run(
        """
        const socket = open(url, { ...options, auth: { token: "bad" } });
        const [error] = await once(socket, "connect_error");
        return [error.message, error.data, socket.active];
        """
    ) == ["401 who are you", {"code": "AUTH_FAILED"}, False]


def test_a_broadcast_to_several_rooms_comes_once(client):
    assert client.run(
        """
        const [speaker, listener, other] = await Promise.all([1, 2, 3].map(() => opened(url, options)));
        await Promise.all([ask(listener, "join", "a"), ask(listener, "join", "b"), ask(other, "join", "c"), ask(speaker, "join", "a")]);
        await ask(speaker, "say", { rooms: ["a", "b"] }, { text: "hello" });
        await ask(speaker, "say", { rooms: ["a", "c"] }, { text: "end" });
        await Promise.all([listener, other].map((socket) => until(() => socket.heard.some(([, value]) => value?.text === "end"), "the end")));
        const said = (socket) => socket.heard.filter(([name]) => name === "said").map(([, { text }]) => text);
        return [said(listener), said(other), said(speaker)];
        """
    ) == [["hello", "end"], ["end"], []]


def test_a_lost_connection_is_recovered_with_what_was_missed(client):
    assert client.run(
        """
        const socket = await opened(url, { ...options, auth: { name: "alice" } });
        const speaker = await opened(url, { ...options, auth: { name: "bob" } });
        await ask(socket, "join", "news");
        await ask(speaker, "say", { rooms: ["news"] }, { number: 0 });
        await until(() => socket.heard.some(([name]) => name === "said"), "the first");
        const id = socket.id;
        // Away until the speaker has said three things.
        socket.io.reconnection(false);
        socket.io.engine.close();
        if (socket.connected) await once(socket, "disconnect");
        for (const number of [1, 2, 3]) await ask(speaker, "say", { rooms: ["news"] }, { number });
        socket.io.reconnection(true);
        socket.connect();
        await once(socket, "connect");
        await ask(speaker, "say", { rooms: ["news"] }, { number: 4 });
        await until(() => socket.heard.some(([, value]) => value?.number === 4), "the last");
        const numbers = socket.heard.filter(([name]) => name === "said").map(([, { number }]) => number);
        return [socket.recovered, socket.id === id, numbers];
        """
    ) == [True, True, [0, 1, 2, 3, 4]]


def test_cut_by_the_server_the_client_comes_back_by_itself(client):
    assert client.run(
        """
        const socket = await opened(url, { ...options, auth: { name: "alice" } });
        await ask(socket, "echo", 1);
        const back = once(socket, "connect");
        socket.emit("cut");
        await back;
        return [socket.recovered, await ask(socket, "echo", 2)];
        """
    ) == [True, 2]


def test_somebody_elses_session_is_not_given_back(client):
    assert client.run(
        """
        const socket = await opened(url, { ...options, auth: { name: "alice" } });
        const id = socket.id;
        await ask(socket, "echo", 1);
        socket.auth = { name: "mallory" };
        const back = once(socket, "connect");
        socket.emit("cut");
        await back;
        return [socket.recovered, socket.id !== id];
        """
    ) == [False, True]


def test_told_to_leave_the_client_stays_away(client):
    assert client.run(
        """
        const socket = await opened(url, options);
        socket.emit("leave");
        const [reason] = await once(socket, "disconnect");
        return [reason, socket.active];
        """
    ) == ["io server disconnect", False]


def test_reconnects_by_itself_after_the_server_was_killed(page, transports):
    server = LibraryServer().start()
    try:
        client = OfficialClient(page, server.url, transports)
        client.run("window.socket = await opened(url, options); await ask(window.socket, 'echo', 1);")
        server.kill()
        # At the latest by its own clock, 25 + 20 s: the client hears of nothing where it had just been told `3probe` and waited for its last poll
        # to end (engine.io-client, `lib/socket.ts`, `_probe`: the end of the WebSocket fails the upgrade, and polling stays paused).
        client.run("await until(() => !window.socket.connected, 'the end of the connection', 90_000);")
        server.start()
        assert client.run(
            """
            await until(() => window.socket.connected, "the new connection");
            return [window.socket.recovered, await ask(window.socket, "echo", 2)];
            """
        ) == [False, 2]
    finally:
        server.kill()
