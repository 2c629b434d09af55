"""`moonx gateway` and `moonx auth` as an operator runs them: one process each, on free ports, stopped by process id."""

import json
import os
import subprocess
import threading
import time
from pathlib import Path

import requests

from gateway import BINARY, READY_WITHIN, STOPPED_WITHIN


class Service:
    """One process of `moonx`, with its standard error line by line."""

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None, cwd: Path | None = None):
        self._lines: list[str] = []
        self._arrived = threading.Condition()
        self._process = subprocess.Popen(
            [BINARY, *map(str, arguments)], env=os.environ | (environment or {}), cwd=cwd,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            with self._arrived:
                self._lines.append(line.rstrip("\n"))
                self._arrived.notify_all()

    @property
    def lines(self) -> list[str]:
        with self._arrived:
            return list(self._lines)

    def expect_line(self, *parts: str) -> str:
        """The first line that holds all parts."""
        deadline = time.monotonic() + READY_WITHIN
        with self._arrived:
            while True:
                for line in self._lines:
                    if all(part in line for part in parts):
                        return line
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise AssertionError(f"no line with {parts}; the process wrote: {self._lines}")
                self._arrived.wait(remaining)

    def expect_json(self) -> dict:
        """The next line that has not been taken, as JSON."""
        deadline = time.monotonic() + READY_WITHIN
        with self._arrived:
            while not self._lines:
                remaining = deadline - time.monotonic()
                if remaining <= 0 or not self._arrived.wait(remaining):
                    raise AssertionError(f"nothing more within {READY_WITHIN} s")
            return json.loads(self._lines.pop(0))

    def wait_for(self, url: str, get=requests.get):
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            assert self._process.poll() is None, f"ended with status {self._process.returncode}: {self.lines}"
            try:
                if get(url, timeout=2).ok:
                    return
            except (requests.ConnectionError, requests.Timeout):
                pass
            time.sleep(0.05)
        raise AssertionError(f"{url} does not answer: {self.lines}")

    def wait(self) -> int:
        """Answers the status. All that it wrote is in `lines` then."""
        status = self._process.wait(READY_WITHIN)
        self._reader.join(READY_WITHIN)
        return status

    def kill(self):
        """As a crash would."""
        self._process.kill()
        self._process.wait()

    def freeze(self):
        """Stops it in the middle of whatever it does. Returns when no thread of it runs any more."""
        self._process.send_signal(19)
        deadline = time.monotonic() + READY_WITHIN
        while not all(file.read_text().rpartition(")")[2].split()[0] == "T" for file in Path(f"/proc/{self._process.pid}/task").glob("*/stat")):
            assert time.monotonic() < deadline, "it does not stop"
            time.sleep(0.01)

    def thaw(self):
        self._process.send_signal(18)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def terminate(self):
        """Asks it to drain, and does not wait."""
        self._process.terminate()

    def interrupt(self):
        self.signal(2)

    def signal(self, number: int):
        self._process.send_signal(number)

    def stop(self) -> int:
        if self._process.poll() is None:
            self._process.terminate()
        try:
            status = self._process.wait(STOPPED_WITHIN)
            self._reader.join(READY_WITHIN)
            return status
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise


def privy_key(directory: Path) -> Path:
    """The public half of a key that stands for Privy's."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    file = directory / "privy.pem"
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    file.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return file


def run(*arguments, environment=None, cwd=None, timeout=30, **options):
    return subprocess.run(
        [BINARY, *map(str, arguments)], env=os.environ | (environment or {}), cwd=cwd, capture_output=True, text=True, timeout=timeout, **options
    )


__all__ = ["Service", "privy_key", "run"]
