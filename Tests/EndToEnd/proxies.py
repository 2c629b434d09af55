"""HAProxy and nginx with the configurations of `deploy/`: only ports, addresses and folders are others."""

import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter

from gateway import ROOT
from ports import free_port

DEPLOY = ROOT / "deploy"
READY_WITHIN = 60


def changed(text: str, changes: dict[str, str]) -> str:
    """`text` with each of these replaced; all must be there."""
    for before, after in changes.items():
        assert before in text, f"{before} is not in the configuration"
        text = text.replace(before, after)
    return text


class FromAddress(HTTPAdapter):
    """Requests that come from an address of the caller's choice."""

    def __init__(self, address: str):
        self._address = address
        super().__init__()

    def init_poolmanager(self, *arguments, **options):
        super().init_poolmanager(*arguments, source_address=(self._address, 0), **options)


def session_from(address: str) -> requests.Session:
    """Each request over a connection of its own: one that is kept may be closed in the moment in which the next request is sent."""
    session = requests.Session()
    session.headers["Connection"] = "close"
    session.mount("http://", FromAddress(address))
    return session


class Proxy:
    """A process with a configuration; `flags` are what gateways behind it must be started with."""

    flags: list[str]

    def __init__(self, directory: Path, ports: list[int]):
        directory.mkdir()
        self.directory = directory
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = directory / "process.log"
        self._servers = {f"10.0.0.{11 + index}:3011": f"127.0.0.1:{port}" for index, port in enumerate(ports)}
        self._process: subprocess.Popen | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> "Proxy":
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            assert self._process.poll() is None, self.log
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError(self.log)

    def stop(self):
        # The master and its workers: one process group would take the test along.
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")[-4000:]


class HAProxy(Proxy):
    flags = ["--trusted-proxies", "127.0.0.1/32", "--proxy-protocol", "--cookie", "moonx"]

    def command(self) -> list[str]:
        # Where nobody gets a processor all nodes would be down at once; one that has gone refuses, and one that drains answers.
        check = {"option httpchk\n": "option httpchk\n    timeout check 10s\n"}
        changes = {"bind :80\n": f"bind 127.0.0.1:{self.port}\n", **check, **self._servers}
        text = changed((DEPLOY / "haproxy/haproxy.cfg").read_text(), changes)
        if os.geteuid() != 0:
            text = re.sub(r"    (user|group|chroot) .*\n", "", text)
        (self.directory / "haproxy.cfg").write_text(text)
        return [program("haproxy"), "-f", str(self.directory / "haproxy.cfg")]


class Nginx(Proxy):
    flags = ["--trusted-proxies", "127.0.0.1/32"]

    def command(self) -> list[str]:
        folders = {"/run/nginx.pid": f"{self.directory}/nginx.pid", "/var/log/nginx": str(self.directory)}
        changes = {"listen 80;": f"listen 127.0.0.1:{self.port};", **folders, **self._servers}
        (self.directory / "nginx.conf").write_text(changed((DEPLOY / "nginx/nginx.conf").read_text(), changes))
        return [program("nginx"), "-c", str(self.directory / "nginx.conf"), "-e", f"{self.directory}/error.log", "-g", "daemon off;"]


def program(name: str) -> str:
    # Not everybody has /usr/sbin in the path.
    path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    assert path, f"{name} is not there: run `scripts/setup.sh test`, which installs it"
    return path
