"""python-socketio on uvicorn and uvloop, for `make bench`. python socketio_server.py PORT REDIS-PORT"""

import asyncio
import json
import sys
import time

import redis.asyncio
import socketio
import uvicorn

PORT, REDIS_PORT = int(sys.argv[1]), int(sys.argv[2])

server = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")


@server.event
async def join_room(sid, payload):
    await server.enter_room(sid, payload["room"])
    await server.emit("room_joined", payload, to=sid)


@server.event
async def ping(sid, _payload=None):
    now = time.time()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
    await server.emit("pong", {"timestamp": int(now * 1000), "serverTime": f"{stamp}.000Z"}, to=sid)


async def forward():
    async with redis.asyncio.Redis(port=REDIS_PORT) as client, client.pubsub(ignore_subscribe_messages=True) as channels:
        await channels.psubscribe("moonx:events:*")
        async for message in channels.listen():
            envelope = json.loads(message["data"])
            payload = {"symbol": envelope["symbol"], **envelope["data"], "timestamp": envelope.get("timestamp")}
            await server.emit(envelope["type"], payload, room=f"price:{envelope['symbol']}")


async def main():
    config = uvicorn.Config(
        socketio.ASGIApp(server), host="127.0.0.1", port=PORT, loop="uvloop", ws="websockets-sansio", log_level="error",
        ws_per_message_deflate=False, ws_ping_interval=None,
    )
    task = asyncio.create_task(forward())
    serving = uvicorn.Server(config)
    print("listening", flush=True)
    await serving.serve()
    task.cancel()


asyncio.run(main())
