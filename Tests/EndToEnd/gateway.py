"""The real `moonx` binary: started on free ports, spoken to over HTTP and the command line, stopped by its process id."""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import requests

import prometheus
from ports import free_port

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("MOONX_BINARY", ROOT / ".build/debug/moonx"))
CLIENT_BUNDLE = ROOT / ".cache/client/socket.io.min.js"
READY_WITHIN = 30
STOPPED_WITHIN = 60


class Gateway:
    """`moonx up` in a data directory of its own. `restart` keeps ports and directory, as an operator would."""

    scheme = "http"

    def __init__(self, directory: Path, *flags: str):
        self.directory = directory
        self.port, self.auth_port = free_port(), free_port()
        self.url = f"{self.scheme}://127.0.0.1:{self.port}"
        self._flags = flags
        self._process: subprocess.Popen | None = None

    # Life --------------------------------------------------------------------

    def start(self) -> "Gateway":
        with open(self.log_file, "ab") as log:
            self._process = subprocess.Popen(
                [BINARY, "up", "--host", "127.0.0.1", "--port", str(self.port), "--auth-port", str(self.auth_port)]
                + ["--data-dir", self.directory, "--client-bundle", CLIENT_BUNDLE, *self._flags],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )
        self._wait_until_ready()
        return self

    def stop(self) -> int:
        """Asks it to drain, and answers its exit status."""
        self.terminate()
        return self.wait()

    def signal(self, number: int):
        self._process.send_signal(number)

    def terminate(self):
        self._process.terminate()

    def wait(self) -> int:
        """Waits for its end, and answers its exit status."""
        try:
            return self._process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running {STOPPED_WITHIN} s after SIGTERM\n{self.log}") from None

    def begin_stop(self):
        """Asks it to drain, and does not wait."""
        self._process.terminate()

    def freeze(self):
        """Stops it in the middle of whatever it does: it takes bytes in and answers nothing. Returns when no thread of it runs any more."""
        self._process.send_signal(signal.SIGSTOP)
        deadline = time.monotonic() + READY_WITHIN
        while not all(file.read_text().rpartition(")")[2].split()[0] == "T" for file in Path(f"/proc/{self.pid}/task").glob("*/stat")):
            assert time.monotonic() < deadline, "it does not stop"
            time.sleep(0.01)

    def kill(self):
        self._process.kill()
        self._process.wait()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log_file(self) -> Path:
        return self.directory / "moonx-test.log"

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")[-4000:]

    def _wait_until_ready(self):
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            assert self.running, f"moonx up ended with status {self._process.returncode}\n{self.log}"
            try:
                if requests.get(f"{self.url}/ready", timeout=2).ok:
                    # The auth service begins to listen when the gateway does.
                    socket.create_connection(("127.0.0.1", self.auth_port), timeout=2).close()
                    return
            except OSError:
                pass
            time.sleep(0.05)
        self.kill()
        raise AssertionError(f"not ready within {READY_WITHIN} s\n{self.log}")

    # Speaking to it ----------------------------------------------------------

    def get(self, path: str, **options) -> requests.Response:
        return requests.get(self.url + path, timeout=30, **options)

    def metric(self, name: str) -> float:
        """The value of one metric, by its name with its labels."""
        return prometheus.parse(self.get("/metrics").text)[name if name.endswith("}") else name + "{}"]

    def post(self, path: str, **options) -> requests.Response:
        return requests.post(self.url + path, timeout=30, **options)

    def command(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)

    def token(self, user: str, ttl: str = "15m") -> str:
        done = self.command("token", "--user", user, f"--ttl={ttl}", "--data-dir", str(self.directory))
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @property
    def service_token(self) -> str:
        return (self.directory / "service-token").read_text().strip()

    def post_events(self, body: str | bytes, token: str | None = None) -> requests.Response:
        """Publishes a body exactly as it is written."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token or self.service_token}"}
        return self.post("/api/v1/events", data=body, headers=headers)

    def publish(self, type: str, symbol: str | None = None, user: str | None = None, **data):
        envelope = {"type": type, "symbol": symbol, "userId": user, "data": data}
        answer = self.post_events(json.dumps({key: value for key, value in envelope.items() if value is not None}))
        assert answer.status_code == 202, f"{answer.status_code} {answer.text}"
        assert answer.json()["accepted"] == 1

    def publish_price(self, symbol: str, price: str):
        self.publish("price_update", symbol, price=price, change="0.10", volume="12.50")
