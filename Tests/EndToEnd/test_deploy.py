"""HAProxy and nginx with the configurations of `deploy/` before three gateways and one Redis; the services with the files of `deploy/systemd`."""

import contextlib
import json
import re
import socket
import threading
import time
import uuid
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from clients import Client
from fleet import Fleet
from gateway import ROOT
from load import Load, record, wait_for
from official_client import OfficialClient
from ports import free_port
from proxies import HAProxy, Nginx, changed, session_from
from redis_server import RedisServer
from services import Service, privy_key
from wire import RawSocket

pytestmark = pytest.mark.timeout(180)

PROXIES = {"haproxy": HAProxy, "nginx": Nginx}
TRANSPORTS = ["polling", "websocket", "polling+websocket"]
SYSTEMD = ROOT / "deploy/systemd"


@pytest.fixture
def redis_server(tmp_path):
    server = RedisServer(tmp_path / "redis").start()
    yield server
    server.stop()


class Site:
    """Three gateways behind a proxy, as `deploy/` puts them up."""

    def __init__(self, proxy: type, directory, redis_url: str, *flags: str):
        # Gateways trust 127.0.0.1, from which the proxy speaks to them.
        self.fleet = Fleet(directory, redis_url, session_from("127.0.0.2"))
        self.nodes = self.fleet.start(3, *proxy.flags, "--limits", "on", *flags)
        self.proxy = proxy(directory / "proxy", [node.port for node in self.nodes]).start()
        self.url = self.proxy.url
        self._clients = []

    def connect(self, transport: str) -> Client:
        client = Client(self.url, self.fleet.token(str(uuid.uuid4())), transport)
        client.expect("authenticated")
        self._clients.append(client)
        return client

    def stop(self):
        for client in self._clients:
            client.close()
        self.proxy.stop()
        self.fleet.stop()


@pytest.fixture(params=PROXIES)
def kind(request):
    return PROXIES[request.param]


@pytest.fixture
def start_site(kind, redis_server, tmp_path):
    sites = []

    def start(*flags):
        sites.append(Site(kind, tmp_path, redis_server.url, *flags))
        return sites[-1]

    yield start
    for site in sites:
        site.stop()


def test_clients_of_every_transport_keep_to_their_nodes(start_site, symbol):
    site = start_site()
    clients = [site.connect(transport) for transport in TRANSPORTS * 4]
    for client in clients:
        client.join(f"trade:{symbol}")
    for number in range(10):
        site.nodes[number % 3].publish({"type": "trade_notification", "symbol": symbol, "data": {"n": number}})
        for client in clients:
            assert client.ask("ping", {})["ok"] is True
    for client in clients:
        assert [client.expect("trade_notification", symbol=symbol)["n"] for _ in range(10)] == list(range(10))

    assert [client.transport for client in clients] == ["polling", "websocket", "websocket"] * 4
    loads = [node.metric("moonx_connections") for node in site.nodes]
    assert sum(loads) == 12
    # HAProxy spreads all sessions, nginx those that begin as a WebSocket; to a gateway that stands still they lead nobody.
    assert sum(load > 0 for load in loads) >= 2
    assert all(node.metric("moonx_proxy_headers_refused_total") == 0 for node in site.nodes)


def test_the_proxies_wait_for_longer_than_a_heartbeat_takes(start_site):
    opening = requests.get(f"{start_site().url}/socket.io/?EIO=4&transport=polling", timeout=60).text
    handshake = json.loads(opening.removeprefix("0"))
    heartbeat = (handshake["pingInterval"] + handshake["pingTimeout"]) / 1000
    configurations = [(ROOT / "deploy/haproxy/haproxy.cfg").read_text(), (ROOT / "deploy/nginx/nginx.conf").read_text()]
    waits = re.findall(r"(?:timeout (?:client|server|tunnel)|proxy_(?:read|send)_timeout) +(\d+)s", "".join(configurations))
    assert len(waits) == 5 and all(int(wait) > heartbeat for wait in waits)


def test_nginx_gives_idle_connections_back_before_the_gateway_closes_them(gateway):
    upstream = re.search(r"upstream by_address \{.*?\n    \}", (ROOT / "deploy/nginx/nginx.conf").read_text(), re.DOTALL)[0]
    kept = int(re.search(r"keepalive_timeout (\d+)s;", upstream)[1])
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as idle:
        # From here, because the answer may be there long before it is read, on a busy machine.
        asked = time.monotonic()
        idle.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += idle.recv(4096)
        while idle.recv(4096):
            pass
        # The gateway has closed it.
        assert time.monotonic() - asked > kept


def opened(url: str, transport: str, token: str, source: str, headers: dict, kept: list) -> str:
    """The answer to a CONNECT that comes from this address; the connection stays for as long as `kept` does."""
    if transport == "websocket":
        raw = RawSocket(url, source=source, headers=headers)
        kept.append(raw)
        raw.send(f'40{{"token":"{token}"}}')
        return raw.expect("4")
    session = session_from(source)
    session.headers.update(headers)
    url += "/socket.io/?EIO=4&transport=polling"
    sid = re.search(r'"sid":"([^"]+)"', session.get(url, timeout=60).text)[1]
    assert session.post(f"{url}&sid={sid}", data=f'40{{"token":"{token}"}}', timeout=60).text == "ok"
    return session.get(f"{url}&sid={sid}", timeout=60).text


@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_limits_count_the_address_of_the_client(start_site, transport):
    site = start_site("--connections-per-address", "2")
    kept = []
    connect = lambda source, **headers: opened(site.url, transport, site.fleet.token(str(uuid.uuid4())), source, headers, kept)

    # Each claims to be somebody else.
    for number in range(2):
        assert connect("127.0.0.11", **{"X-Forwarded-For": f"198.51.100.{number}"}).startswith("40")
    answer = connect("127.0.0.11", **{"X-Forwarded-For": "198.51.100.9"})
    assert answer.startswith("44") and "CONNECTION_LIMIT" in answer
    assert connect("127.0.0.12").startswith("40")


@pytest.fixture
def auth_service():
    """Answers every login with the address that it was told of."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.dumps({"from": self.headers["x-forwarded-for"]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_logins_are_passed_on_with_the_address_and_nothing_that_is_for_the_inside(start_site, auth_service):
    site = start_site("--auth-url", auth_service)
    answer = session_from("127.0.0.11").post(f"{site.url}/api/v1/auth/login", headers={"X-Forwarded-For": "198.51.100.9"}, timeout=30)
    assert answer.json() == {"from": "127.0.0.11"}

    inside = ["/metrics", "/stats", "/ready", "/health", "/api/v1/events", "/", "//metrics", "/socket.io/../metrics", "/socket.io%2f..%2fmetrics"]
    inside += ["/api/v1/auth/development", "/api/v1/auth/revoke", "/api/v1/auth/%72evoke"]
    for path in inside:
        request = requests.Request("GET", site.url).prepare()
        # As it stands: the library would tidy it up.
        request.url = site.url + path
        answer = requests.Session().send(request, timeout=60)
        assert answer.status_code in (400, 404) and "moonx_" not in answer.text, path
    headers = {"Authorization": f"Bearer {site.fleet.service_token}"}
    for path in ("/api/v1/events", "/api/v1/auth/revoke", "/api/v1/auth/development/privy-token"):
        assert requests.post(site.url + path, data="{}", headers=headers, timeout=60).status_code == 404, path


class Newcomers:
    """Opens sessions one after the other: none may be refused."""

    def __init__(self, site: Site):
        self.count = 0
        self._site = site
        self._stopping = threading.Event()
        self._failure = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            while not self._stopping.is_set():
                client = self._site.connect(TRANSPORTS[self.count % 3])
                assert client.ask("ping", {})["ok"] is True
                client.close()
                self.count += 1
                # Others need the processors too.
                self._stopping.wait(0.1)
        except BaseException as failure:  # Told to the test, which runs in another thread.
            self._failure = failure

    def stop(self):
        self._stopping.set()
        self._thread.join(60)
        if self._failure:
            raise self._failure


SOCKETS = """
window.sockets = transports.map((names) => {
  const socket = open(url, { transports: names.split("+"), auth: { token } });
  socket.comebacks = [];
  socket.on("connect", async () => {
    const { recovered } = socket;
    // Again where Redis, which gets no processor, has not confirmed it in time.
    if (!recovered) for (const room of rooms) while (!(await ask(socket, "join_room", { room })).ok) await new Promise((done) => setTimeout(done, 500));
    socket.comebacks.push(recovered);
  });
  return socket;
});
window.numbers = (type) => sockets.map(({ heard }) => heard.filter(([name]) => name === type).map(([, { n }]) => n));
await until(() => sockets.every(({ comebacks }) => comebacks.length === 1), "all are in the rooms", 90_000);
"""


@pytest.mark.timeout(360)
@pytest.mark.parametrize("end", ["drained", "killed"])
def test_the_clients_of_a_node_that_goes_are_taken_in_by_others(start_site, page, symbol, end):
    # A browser may not get to poll for more than ten seconds, and have a ping wait behind twenty seconds of events, where other tests have the
    # processors: nobody else is to lose a connection for that.
    site = start_site("--drain-time", "3s", "--queue-age", "90s", "--ping-interval", "10s", "--ping-timeout", "90s")
    browser = OfficialClient(page, site.url, "both", path="/socket.io/")
    token, rooms = site.fleet.token(str(uuid.uuid4())), [f"trade:{symbol}", f"price:{symbol}"]
    browser.run(f'const [token, rooms, transports] = ["{token}", {rooms}, {TRANSPORTS}]; {SOCKETS}')
    leaving = max(site.nodes, key=lambda node: node.metric("moonx_connections"))
    staying = [node for node in site.nodes if node is not leaving]
    moving = int(leaving.metric("moonx_connections"))
    assert moving >= 1
    # Events are published at the node that goes, as long as it is there.
    load = Load([leaving, *staying], symbol).start()
    browser.run("await until(() => numbers('trade_notification').every((trades) => trades.length > 100), 'trades', 90_000)")

    start = time.monotonic()
    if end == "killed":
        leaving.service.kill()
    else:
        before = leaving.metric("moonx_sessions_opened_total")
        leaving.service.terminate()
        with contextlib.suppress(requests.ConnectionError):  # Has ended already, on a busy machine.
            leaving.wait_until_ready(False)
    newcomers = Newcomers(site)
    if end == "drained":
        after = before
        with contextlib.suppress(requests.ConnectionError):
            while leaving.service.running:
                after = leaving.metric("moonx_sessions_opened_total")
                time.sleep(0.1)
        assert after == before, "the node that drains gets new sessions"
        assert leaving.service.wait() == 0, leaving.service.lines
    # Each of a browser's steps may wait as long as said above, and coming back by polling takes three. One whose server is killed in mid-upgrade
    # is told by its own clock only: ping interval and time-out.
    browser.run(f"await until(() => sockets.filter(({{ comebacks }}) => comebacks.length > 1).length >= {moving}, 'they come back', 130_000)")
    back = time.monotonic() - start
    wait_for(lambda: newcomers.count >= 6, "others come")
    newcomers.stop()
    # No more is made before the browser is waited for: one that gets a tenth of a processor never catches up with what goes on.
    count = load.stop()
    for event, what in [("price_update", "the newest price"), ("trade_notification", "the last trade")]:
        browser.run(f"await until(() => numbers('{event}').every((heard) => heard.at(-1) === {count - 1}), '{what}', 90_000)")

    comebacks = browser.run("return sockets.map(({ comebacks }) => comebacks)")
    assert sum(len(connected) > 1 for connected in comebacks) == moving
    # Whoever moved is the same socket at another node, and has missed nothing.
    assert all(all(connected[1:]) for connected in comebacks), comebacks
    for place, numbers in enumerate(browser.run("return numbers('trade_notification')")):
        lost, seen = set(range(count)) - set(numbers), Counter(numbers)
        twice = {number for number in seen if seen[number] > 1}
        assert numbers == list(range(count)), f"socket {place}, {comebacks[place]}: lost {sorted(lost)}, twice {sorted(twice)}"
    record(f"gateway {end}", proxy=type(site.proxy).__name__, events=2 * count, clients_back=round(back, 2), refused=load.refused)


def command(unit: str) -> list[str]:
    """What a unit starts, without the executable."""
    start = re.search(r"^ExecStart=/usr/local/bin/moonx (.+)$", (SYSTEMD / unit).read_text(), re.MULTILINE)
    return start[1].split()


def test_the_services_start_with_the_files_of_systemd(redis_server, tmp_path):
    token = tmp_path / "service-token"
    token.write_text("0123456789abcdef0123456789abcdef")
    port, auth_port = free_port(), free_port()
    settings = {"redis://10.0.0.20:6379": redis_server.url, "/etc/moonx/service-token": str(token)}
    privy = {"/etc/moonx/privy.pem": str(privy_key(tmp_path)), "/var/lib/moonx": str(tmp_path / "data")}
    (tmp_path / "auth.conf").write_text(changed((SYSTEMD / "auth.conf").read_text(), settings | privy))
    (tmp_path / "gateway.conf").write_text(
        changed((SYSTEMD / "gateway.conf").read_text(), settings | {"http://10.0.0.10:3001": f"http://127.0.0.1:{auth_port}"})
    )
    services = []
    try:
        for unit, its_port, path in [("moonx-auth.service", auth_port, "/health"), ("moonx-gateway.service", port, "/ready")]:
            arguments = [argument.replace("/etc/moonx", str(tmp_path)) for argument in command(unit)]
            services.append(Service(*arguments, "--host", "127.0.0.1", "--port", its_port))
            services[-1].wait_for(f"http://127.0.0.1:{its_port}{path}")
        assert requests.get(f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=polling", timeout=60).cookies["moonx"]
        # The gateway passes logins on to the auth service.
        assert requests.post(f"http://127.0.0.1:{port}/api/v1/auth/login", json={"privyToken": "x"}, timeout=60).status_code == 401
    finally:
        for service in reversed(services):
            assert service.stop() == 0, service.lines
