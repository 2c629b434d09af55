"""Another Socket.IO server, for tests of what it shares with ours over Redis."""

import asyncio
import threading

import socketio
from aiohttp import web


class PythonServer:
    """A python-socketio server with a RedisManager, in a thread, and a client in one of its rooms."""

    def __init__(self, redis_url: str, room: str):
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.url = self._run(self._start(redis_url, room))

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    async def _start(self, redis_url, room):
        self.server = socketio.AsyncServer(async_mode="aiohttp", client_manager=socketio.AsyncRedisManager(redis_url))

        @self.server.event
        async def connect(sid, environ):
            await self.server.enter_room(sid, room)

        self._app = web.Application()
        self.server.attach(self._app)
        self._runner = web.AppRunner(self._app, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"

    def emit(self, *arguments, **options):
        self._run(self.server.emit(*arguments, **options))

    def stop(self):
        self._run(self._runner.cleanup())
