"""Several `moonx gateway` processes on one Redis, as an operator runs them, with tokens that all of them take."""

import json
import secrets
import time
import uuid
from pathlib import Path

import jwt
import requests

from clients import Client
from ports import free_port
from prometheus import parse
from services import Service
from tokens import AUDIENCE, ISSUER


class Node:
    def __init__(self, fleet: "Fleet", redis_url: str | None, *flags: str):
        self.fleet = fleet
        self._http = fleet.http
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.service = Service(
            "gateway", "--host", "127.0.0.1", "--port", self.port, *(["--redis", redis_url] if redis_url else []), "--event-loops", "1",
            "--jwt-secret-file", fleet.secret_file, "--jwt-issuer", ISSUER, "--jwt-audience", AUDIENCE,
            "--service-token-file", fleet.service_token_file, "--limits", "off", *flags,
        )
        self.service.wait_for(f"{self.url}/ready", self._http.get)

    @property
    def is_ready(self) -> bool:
        return self._http.get(f"{self.url}/ready", timeout=30).ok

    def wait_until_ready(self, is_ready: bool = True, within: float = 60) -> float:
        """Waits until `/ready` says so, and answers after how many seconds."""
        start = time.monotonic()
        while True:
            # Taken before the look, so that one follows however long the test itself stood still.
            is_over = time.monotonic() - start >= within
            if self.is_ready == is_ready:
                return time.monotonic() - start
            assert not is_over, f"/ready is not {is_ready} within {within} s: {self.service.lines[-10:]}"
            time.sleep(0.02)

    def metric(self, name: str) -> float:
        """The value of a metric, by its name with its labels: `moonx_bus_up{}`."""
        return parse(self._http.get(f"{self.url}/metrics", timeout=30).text)[name if "{" in name else name + "{}"]

    def publish(self, *envelopes: dict) -> requests.Response:
        return self._http.post(
            f"{self.url}/api/v1/events", data=json.dumps(envelopes if len(envelopes) != 1 else envelopes[0]),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.fleet.service_token}"}, timeout=30,
        )


class Fleet:
    def __init__(self, directory: Path, redis_url: str | None, http=requests):
        """`http` is how nodes are asked: a session whose requests come from another address than those of a proxy."""
        self.redis_url, self.http = redis_url, http
        self.secret, self.service_token = secrets.token_hex(32), secrets.token_hex(16)
        self.secret_file, self.service_token_file = directory / "secret", directory / "fleet-token"
        self.secret_file.write_text(self.secret)
        self.service_token_file.write_text(self.service_token)
        self.nodes: list[Node] = []
        self._clients: list[Client] = []

    def start(self, count: int, *flags: str) -> list[Node]:
        self.nodes += [Node(self, self.redis_url, *flags) for _ in range(count)]
        return self.nodes

    def token(self, user: str) -> str:
        now = int(time.time())
        claims = {"sub": user, "iss": ISSUER, "aud": AUDIENCE, "type": "access", "jti": str(uuid.uuid4()), "iat": now, "exp": now + 900}
        return jwt.encode(claims, self.secret, "HS256")

    def connect(self, node: Node, user: str | None = None) -> Client:
        client = Client(node.url, self.token(user or str(uuid.uuid4())))
        client.expect("authenticated")
        self._clients.append(client)
        return client

    def stop(self):
        """Stops all; what went wrong with some is raised when the others are stopped too."""
        failures = []
        for stop in [*(client.close for client in self._clients), *(node.service.stop for node in self.nodes)]:
            try:
                stop()
            except Exception as failure:
                failures.append(failure)
        if failures:
            raise ExceptionGroup("what did not stop", failures)
