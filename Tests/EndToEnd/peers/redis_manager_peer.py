"""python-socketio beside one of our servers, both on one Redis: rooms, emits and callbacks cross. Prints what happened, a line each.

Arguments: the URL of Redis, the URL of our server, whose handlers are those of PythonManagerTests.swift.
"""

import asyncio
import sys

import socketio
from aiohttp import web


async def until(what, is_met, act=lambda: None):
    for _ in range(600):
        act()
        if is_met():
            return
        await asyncio.sleep(0.05)
    sys.exit(f"not met: {what}")


class Client:
    """A client that writes down what comes."""

    def __init__(self):
        self.events, self.client = [], socketio.AsyncClient()
        self.client.on("*", self.received)
        self.client.on("ask", lambda *args: (self.events.append(("ask", *args)), "answer")[1])
        self.client.on("disconnect", lambda *args: self.events.append(("disconnect",)))

    def received(self, name, *args):
        if name != "warm" or not self.has("warm"):
            self.events.append((name, *args))

    def has(self, name):
        return any(event[0] == name for event in self.events)

    async def take(self, name):
        await until(name, lambda: self.has(name))
        event = next(event for event in self.events if event[0] == name)
        self.events.remove(event)
        return event


async def main(redis, ours):
    server = socketio.AsyncServer(async_mode="aiohttp", client_manager=socketio.AsyncRedisManager(redis))

    @server.on("join")
    async def join(sid, room):
        await server.enter_room(sid, room)
        return True

    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    theirs = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"

    emitter = socketio.RedisManager(redis, write_only=True)
    python, moonx = Client(), Client()
    await python.client.connect(theirs, transports=["websocket"])
    await moonx.client.connect(ours, transports=["websocket"])
    for client in (python, moonx):
        await until("warm", lambda: client.has("warm"), lambda: emitter.emit("warm", 0))
        await client.client.call("join", "r")
    sid = moonx.client.get_sid()

    emitter.emit("news", {"n": 1.5}, room="r")
    print(await python.take("news"), await moonx.take("news"))
    emitter.emit("blob", (b"\x01\x02", [b"\x03"], "x"), room=["r", "other"])
    print(await moonx.take("blob"))
    emitter.emit("skipped", 1, room="r", skip_sid=sid)
    emitter.emit("none", (), room="r")
    print(await python.take("skipped"), await moonx.take("none"), moonx.has("skipped"))

    await moonx.client.emit("shout", ("hello", b"\x07", None))
    print(await python.take("shouted"), moonx.has("shouted"))

    answer = asyncio.get_running_loop().create_future()
    await server.emit("ask", ("a", 1), to=sid, callback=lambda *args: answer.set_result(args))
    print(await asyncio.wait_for(answer, 30), await moonx.take("ask"))

    await server.enter_room(sid, "vip")
    emitter.emit("vip", 1, room="vip")
    print(await moonx.take("vip"))
    await server.leave_room(sid, "vip")
    await server.close_room("r")
    emitter.emit("gone", 1, room="vip")
    emitter.emit("gone", 1, room="r")
    emitter.emit("last", 1)
    print(await moonx.take("last"), moonx.has("gone"))
    await server.disconnect(sid)
    print(await moonx.take("disconnect"))
    await python.client.disconnect()
    await runner.cleanup()


asyncio.run(main(*sys.argv[1:3]))
