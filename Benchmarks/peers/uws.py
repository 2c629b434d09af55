"""uWebSockets behind its Python binding, as a minimal Socket.IO server, for `make bench`. python uws.py PORT REDIS-PORT

Fan-out is uWebSockets' own (`publish`); Python handles one call a message, a connection, a join.
"""

import json
import secrets
import sys
import time

import redis.asyncio
from socketify import App, AppListenOptions, OpCode

PORT, REDIS_PORT = int(sys.argv[1]), int(sys.argv[2])

app = App(lifespan=False)


def opened(ws):
    sid = secrets.token_urlsafe(15)
    ws.send(
        f'0{{"sid":"{sid}","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}}',
        OpCode.TEXT,
    )


def received(ws, message, _opcode):
    if message.startswith("40"):
        ws.send(f'40{{"sid":"{secrets.token_urlsafe(15)}"}}', OpCode.TEXT)
    elif message.startswith("42"):
        name, payload = json.loads(message[message.index("[") :])
        if name == "join_room":
            ws.subscribe(payload["room"])
            ws.send(f'42["room_joined",{json.dumps(payload)}]', OpCode.TEXT)
        elif name == "ping":
            now = time.time()
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
            ws.send(f'42["pong",{{"timestamp":{int(now * 1000)},"serverTime":"{stamp}.000Z"}}]', OpCode.TEXT)


async def forward():
    async with redis.asyncio.Redis(port=REDIS_PORT) as client, client.pubsub(ignore_subscribe_messages=True) as channels:
        await channels.psubscribe("moonx:events:*")
        async for message in channels.listen():
            envelope = json.loads(message["data"])
            payload = {"symbol": envelope["symbol"], **envelope["data"], "timestamp": envelope.get("timestamp")}
            packet = "42" + json.dumps([envelope["type"], payload], separators=(",", ":"))
            app.publish(f"price:{envelope['symbol']}", packet, OpCode.TEXT)


app.ws(
    "/socket.io/",
    {"open": opened, "message": received, "idle_timeout": 960, "max_payload_length": 1 << 20, "max_backpressure": 64 << 20},
)
# Kept: asyncio itself holds a task by a weak reference only.
forwarding = app.loop.create_task(forward())
app.listen(AppListenOptions(port=PORT, host="127.0.0.1"), lambda _config: print("listening", flush=True))
app.run()
