"""A real Redis on a free port, or a cluster of three masters: killed, paused, cut and started again as a test needs it."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import redis

from ports import free_port

READY_WITHIN = 60
# Another server that speaks Redis' protocol, such as a valkey-server.
PROGRAM = os.environ.get("MOONX_REDIS_SERVER", "redis-server")
# Figures are made as docs/reliability.md says. The Redis of a test is killed, never its machine: what was written stays, without waiting for a
# disk that others use too.
MAKES_FIGURES = bool(os.environ.get("MOONX_FAULT_FIGURES"))


class RedisServer:
    """Keeps what it has in an append-only file, so that `restart` finds it again."""

    def __init__(self, directory: Path, *flags: str):
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self._flags = flags
        self._process: subprocess.Popen | None = None

    # Life --------------------------------------------------------------------

    def start(self) -> "RedisServer":
        with open(self.directory / "log", "ab") as log:
            self._process = subprocess.Popen(
                [PROGRAM, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.directory), "--save", ""]
                + ["--appendonly", "yes", "--appendfsync", "always" if MAKES_FIGURES else "no", *self._flags],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )
        # It gets the processor when it wants it, where that is allowed: nodes take one that says nothing for seconds for gone.
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, -10)
        self.client = redis.Redis(port=self.port, socket_timeout=30)
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            try:
                if self.client.ping():
                    return self
            except redis.RedisError:
                time.sleep(0.02)
        raise AssertionError((self.directory / "log").read_text())

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self):
        """As a crash would."""
        self._process.kill()
        self._process.wait()

    def pause(self):
        """It takes connections and bytes, and answers nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self):
        self._process.send_signal(signal.SIGCONT)

    def stop(self):
        if self.is_running:
            self._process.send_signal(signal.SIGCONT)
            self.kill()

    # Speaking to it ----------------------------------------------------------

    def cli(self, *arguments: str) -> str:
        done = subprocess.run(["redis-cli", "-p", str(self.port), *arguments], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def cut_subscribers(self) -> int:
        return self.client.client_kill_filter(_type="pubsub")

    def channels(self) -> set[str]:
        return {name.decode() for name in self.client.pubsub_channels()}


class RedisCluster:
    """Three masters that have all slots between them, with as many replicas of each."""

    def __init__(self, directory: Path, replicas: int = 0):
        # How long a node may be silent before the others take it for dead. Without replicas nothing but a busy machine makes it so.
        silence = "15000" if not replicas else "1000" if MAKES_FIGURES else "3000"
        flags = ["--cluster-enabled", "yes", "--cluster-node-timeout", silence, "--repl-diskless-sync-delay", "0"]
        self.nodes = [RedisServer(directory / str(number), *flags) for number in range(3 * (1 + replicas))]
        self._replicas = replicas
        # Several addresses: any of them will do.
        self.url = "redis://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def start(self) -> "RedisCluster":
        for node in self.nodes:
            node.start()
        addresses = [f"127.0.0.1:{node.port}" for node in self.nodes]
        done = subprocess.run(
            ["redis-cli", "--cluster", "create", *addresses, "--cluster-replicas", str(self._replicas), "--cluster-yes"],
            capture_output=True, text=True, timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        self.wait_until_whole()
        return self

    def wait_until_whole(self):
        """Until all nodes that live say so, and replicas have what their masters have."""
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if all(self._is_whole(node) for node in self.nodes if node.is_running):
                return
            time.sleep(0.05)
        raise AssertionError("the cluster does not become ready")

    @staticmethod
    def _is_whole(node: RedisServer) -> bool:
        replication = node.cli("info", "replication")
        return "cluster_state:ok" in node.cli("cluster", "info") and ("role:master" in replication or "master_link_status:up" in replication)

    def master(self, key: str) -> RedisServer:
        """Who has a key."""
        found = self.find_master(key)
        assert found, f"nobody has {key}"
        return found

    def find_master(self, key: str) -> RedisServer | None:
        """Who has a key, in the eyes of the first node that lives: nobody, for the moments of a fail-over."""
        first = next(node for node in self.nodes if node.is_running)
        slot = int(first.cli("cluster", "keyslot", key))
        for start, end, (_, port, *_), *_ in first.client.execute_command("CLUSTER SLOTS"):
            if start <= slot <= end:
                return next(node for node in self.nodes if node.port == port)
        return None

    def cli(self, *arguments: str) -> str:
        done = subprocess.run(["redis-cli", "-c", "-p", str(self.nodes[0].port), *arguments], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def stop(self):
        for node in self.nodes:
            node.stop()
