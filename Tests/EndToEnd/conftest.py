import collections
import logging
import random
import string
import uuid

import pytest
from playwright.sync_api import sync_playwright

from clients import Client
from gateway import BINARY, CLIENT_BUNDLE, Gateway

CHROMIUM = "/usr/bin/chromium"


def pytest_configure():
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is not there: run `make e2e`, which builds it", returncode=2)
    if not CLIENT_BUNDLE.exists():
        pytest.exit(f"{CLIENT_BUNDLE} is not there: run `scripts/setup.sh test`, which fetches it", returncode=2)
    # A python-socketio client whose logger has no level adds a handler that writes to the stderr of the test that made it, also when that is
    # closed. With a level what it logs goes to pytest, which shows it with the test that fails.
    for name in ("engineio.client", "socketio.client"):
        logging.getLogger(name).setLevel(logging.ERROR)


def pytest_collection_modifyitems(items):
    """Files that take long come first, those with a time-out of their own before those of many tests: whoever is last should be so with little."""
    counts = collections.Counter(item.path for item in items)
    time_outs = {item.path: max((mark.args[0] for mark in marks(item.module) if mark.name == "timeout"), default=0) for item in items}
    items.sort(key=lambda item: (time_outs[item.path], counts[item.path], item.path.name), reverse=True)


def marks(module) -> list[pytest.Mark]:
    found = getattr(module, "pytestmark", [])
    return [mark.mark for mark in (found if isinstance(found, list) else [found])]


@pytest.fixture(scope="session")
def gateway(tmp_path_factory):
    """One gateway with the market simulator, for all tests that do not stop it."""
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), "--seed", "7").start()
    yield gateway
    assert gateway.running, f"the gateway died during the tests\n{gateway.log}"
    assert gateway.stop() == 0, gateway.log


@pytest.fixture
def start_gateway(tmp_path):
    """Starts gateways of the test's own: `start_gateway("--replay", path)`."""
    started = []

    def start(*flags):
        directory = tmp_path / f"gateway-{len(started)}"
        directory.mkdir()
        started.append(Gateway(directory, *map(str, flags)))
        return started[-1].start()

    yield start
    for gateway in started:
        if gateway.running:
            gateway.kill()


@pytest.fixture
def user():
    return str(uuid.uuid4())


@pytest.fixture
def symbol():
    """A pair that nobody else publishes, so that a test sees its own events only."""
    return "".join(random.choices(string.ascii_uppercase, k=8)) + "-USDC"


@pytest.fixture
def connect(gateway):
    """Connects clients, each a user of its own unless told otherwise, and closes them after the test."""
    clients = []

    def connect(user=None, to=gateway, **options):
        if "token" not in options:
            options["token"] = to.token(user or str(uuid.uuid4()))
        clients.append(Client(to.url, **options))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def client(connect, user):
    """A connected client, past its greeting."""
    client = connect(user)
    client.expect("authenticated")
    return client


@pytest.fixture
def neighbour(gateway, connect):
    """Somebody else's connection. After the test it must still be receiving: what one client does wrong is not felt by another."""
    symbol = "".join(random.choices(string.ascii_uppercase, k=9)) + "-USDC"
    client = connect()
    client.join(f"price:{symbol}")
    gateway.publish_price(symbol, "1.10")
    client.expect("price_update", symbol=symbol, price="1.10")
    yield client
    gateway.publish_price(symbol, "1.20")
    client.expect("price_update", symbol=symbol, price="1.20")


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        # No sandbox: CI runs as root, in which Chromium's sandbox does not start.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    """A page that may not log a script error or a violation of its content security policy."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if "Content Security Policy" in message.text else None)
    yield page
    context.close()
    assert problems == []
