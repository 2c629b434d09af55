"""The official browser client in a page of its own, and a server of the libraries for it to speak to."""

import os
import subprocess
import time
from pathlib import Path

import requests

from gateway import CLIENT_BUNDLE, ROOT
from ports import free_port

SERVER = Path(os.environ.get("CONFORMANCE_SERVER", ROOT / "Examples/.build/debug/ConformanceServer"))
READY_WITHIN = 30
TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "both": ["polling", "websocket"]}

# Opens sockets and waits for what they say. Whoever waits in vain is told by the test's own time limit.
HARNESS = """
const limit = 30_000;
function open(url, options = {}) {
  const socket = io(url, { forceNew: true, reconnectionDelay: 100, reconnectionDelayMax: 500, ...options });
  socket.heard = [];
  socket.onAny((...event) => socket.heard.push(event));
  return socket;
}
function once(target, event) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event} within ${limit} ms`)), limit);
    target.once(event, (...values) => { clearTimeout(timer); resolve(values); });
  });
}
async function until(condition, what, patience = limit) {
  const end = Date.now() + patience;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${patience} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
async function opened(url, options) {
  const socket = open(url, options);
  await once(socket, "welcome");
  return socket;
}
const ask = (socket, ...event) => socket.timeout(limit).emitWithAck(...event);
const bytes = (count, seed) => Uint8Array.from({ length: count }, (_, index) => (index * 31 + seed) & 255).buffer;
const same = (left, right) => left.byteLength === right.byteLength
  && new Uint8Array(left).every((byte, index) => byte === new Uint8Array(right)[index]);
"""


class LibraryServer:
    """The `ConformanceServer` on two event loops and a port that stays the same over restarts."""

    def __init__(self, scenario: str = "browser"):
        self._scenario = scenario
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen | None = None

    def start(self) -> "LibraryServer":
        # No skip: where the server is missing nothing here is shown.
        assert SERVER.exists(), f"{SERVER} is not there: run `make e2e`, which builds it"
        self._process = subprocess.Popen([SERVER, self._scenario, "2", str(self.port)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            assert self._process.poll() is None, f"the server ended with status {self._process.returncode}"
            try:
                requests.get(self.url, timeout=2)
                return self
            except (requests.ConnectionError, requests.Timeout):
                time.sleep(0.05)
        self.kill()
        raise AssertionError(f"not listening within {READY_WITHIN} s")

    def kill(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class OfficialClient:
    """A page with the client's bundle; `run` is the body of an async function that knows `url` and `options`."""

    def __init__(self, page, url: str, transports: str, path: str = "/"):
        self._page = page
        self._url = url
        self._options = {"transports": TRANSPORTS[transports]}
        # A page that the server itself gave, though it be a 404: Chromium keeps all others away from loopback addresses.
        page.goto(f"{url}{path}")
        page.add_script_tag(path=str(CLIENT_BUNDLE))
        page.add_script_tag(content=HARNESS)

    def run(self, body: str):
        return self._page.evaluate(f"async ([url, options]) => {{ {body} }}", [self._url, self._options])
