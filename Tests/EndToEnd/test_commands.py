"""`moonx` for people and for programs: help that teaches, exit codes, JSON, progress, and wrong input as a new user would give it."""

import json
import os
import pty
import socket
import subprocess

import jwt
import pytest

from gateway import BINARY
from ports import free_port
from recordings import write_trades
from services import run

SUBCOMMANDS = ["up", "gateway", "auth", "token", "revoke", "publish", "replay", "listen", "check", "bench"]


def at(gateway):
    return ["--data-dir", gateway.directory, "--url", gateway.url]


# Help ------------------------------------------------------------------------


@pytest.mark.parametrize("command", SUBCOMMANDS)
def test_help_teaches_by_examples_and_says_the_exit_codes(command):
    done = run(command, "--help")

    assert done.returncode == 0
    assert f"moonx {command}" in done.stdout.split("Example", 1)[1]
    assert "Status 0:" in done.stdout


@pytest.mark.parametrize("command", SUBCOMMANDS)
def test_the_flags_of_the_examples_exist(command):
    examples = run(command, "--help").stdout.split("Examples:", 1)[1].split("Status 0:")[0]
    known = run(command, "--help").stdout
    for bench in ("fanout", "connect", "idle", "hold", "feed") if command == "bench" else ():
        known += run("bench", bench, "--help").stdout
    for word in examples.split():
        flag = word.strip('"$()').split("=")[0]
        if flag.startswith("--"):
            assert flag in known or flag in run("token", "--help").stdout, f"{flag} of an example does not exist"


def test_no_subcommand_shows_where_to_begin():
    done = run()

    assert done.returncode == 0
    assert "moonx up" in done.stdout
    for command in SUBCOMMANDS:
        assert command in done.stdout


# Exit codes ------------------------------------------------------------------


NEEDED = ["--jwt-secret-file", __file__, "--jwt-issuer", "i", "--jwt-audience", "a", "--port", "0"]


@pytest.mark.parametrize("arguments, expected", [
    (["nonsense"], "nonsense"),
    (["up", "--port", "http"], "http"),
    (["up", "--port", "70000"], "70000"),
    (["up", "--port"], "--port"),
    (["up", "--replay", "no-such-file.csv"], "no-such-file.csv"),
    (["up", "--replay-speed", "-1"], "--replay-speed"),
    (["up", "--log-level", "loud"], "loud"),
    (["up", "--busy-poll", "soon"], "50ms"),
    (["gateway", "--busy-poll", "11s"], "at most 10s"),
    (["up", "--busy-poll", "10001ms"], "at most 10s"),
    (["up", "--max-token-lifetime", "500ms"], "500ms"),
    (["up", "--limits", "maybe"], "maybe"),
    (["token"], "--user"),
    (["token", "--user", "short"], "8 to 64"),
    (["token", "--user", "demo-user-0001", "--ttl", "soon"], "15m"),
    (["token", "--user", "demo-user-0001", "--ttl=-9223372036854775808s"], "15m"),
    (["token", "--user", "demo-user-0001", "--count", "0"], "1 to 1000000"),
    (["token", "--user", "u" * 63, "--count", "10"], "too long"),
    (["revoke"], "--user"),
    (["revoke", "--user", "demo-user-0001", "--jti", "x"], "--jti"),
    (["publish", "price_update"], "--data"),
    (["publish", "no_such_type", "--data", "{}"], "price_update"),
    (["publish", "price_update", "--data", "{}"], "--symbol"),
    (["publish", "notification", "--data", "{}"], "--user"),
    (["publish", "price_update", "--symbol", "BTC-USDC", "--data", "[1]", "--service-token-file", __file__], "JSON object"),
    (["publish", "--symbol", "BTC-USDC"], "standard input"),
    (["publish", "system_alert", "--data", "{}", "--data-dir", "/nowhere"], "--service-token-file"),
    (["replay"], "file"),
    (["replay", "no-such-file.csv"], "no-such-file.csv"),
    (["replay", __file__], "expected trades"),
    (["replay", __file__, "--speed", "-2"], "--speed"),
    (["replay", __file__, "--symbol", "bitcoin"], "BTC-USDC"),
    (["replay", __file__, "--depth", "0"], "1 to 1000"),
    (["replay", __file__, "--depth", "5", "--book-changes"], "exclude"),
    (["listen", "--count", "0"], "--count"),
    (["listen", "price:BTC-USDC", "--url", "nonsense"], "nonsense"),
    (["publish", "system_alert", "--data", "{}", "--service-token-file", __file__, "--url", "localhost:3011"], "http://127.0.0.1:3011"),
    (["revoke", "--user", "demo-user-0001", "--service-token-file", __file__, "--auth-url", "ftp://x"], "http://127.0.0.1:3001"),
    (["gateway", "--auth-url", "10.0.0.10:3001", *NEEDED], "http://127.0.0.1:3001"),
    (["bench", "connect", "--url", "127.0.0.1"], "http://127.0.0.1:3011"),
    (["bench", "connect", "--connections", "0"], "1 to 10000000"),
    (["bench", "connect", "--connections", "9223372036854775807"], "1 to 10000000"),
    (["bench", "fanout", "--rate", "1e-300", "--observe", "1"], "0.001"),
    (["bench", "fanout", "--rooms", "17577", "--observe", "1"], "17576"),
    (["bench", "slow", "--slow", "1", "--connections", "20000", "--rooms", "17577", "--slow-rooms", "17577", "--service-token-file", __file__], "17576"),
    (["bench", "fanout"], "--service-token-file"),
    (["bench", "idle"], "--server-pid"),
    (["bench", "hold", "--source", "nonsense"], "127.0.0.2"),
    (["bench", "hold", "--rooms", "0"], "17576"),
    (["bench", "hold", "--connections", "9223372036854775807"], "10000000"),
    (["bench", "feed"], "--redis"),
    (["bench", "feed", "--redis", "redis://127.0.0.1", "--seconds", "inf"], "0.001 to 1000000"),
    (["bench", "feed", "--redis", "redis://127.0.0.1", "--rooms", "17577"], "17576"),
    (["check", "--auth-port", "x"], "x"),
    (["up", "--cors-origins", "nonsense"], "nonsense"),
    (["up", "--cors-origins", "*"], "*"),
    (["gateway", "--cors-origins", "https://a.example/", "--jwt-issuer", "a", "--jwt-audience", "a", "--jwks", "a"], "https://a.example/"),
    (["up", "--allowed-origins", "ftp://a.example"], "ftp://a.example"),
    (["gateway", "--jwt-issuer", "", "--jwt-audience", ""], "--jwt-issuer"),
    (["--generate-completion-script", "cmd"], "cmd"),
])
def test_wrong_usage_is_64_and_one_line_that_says_what_to_do(arguments, expected, tmp_path):
    done = run(*arguments, cwd=tmp_path, stdin=subprocess.DEVNULL)

    assert done.returncode == 64, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ") and done.stderr.count("\n") == 1, done.stderr
    assert expected in done.stderr


@pytest.mark.parametrize("arguments", [
    ["publish", "system_alert", "--data", "{}", "--url"], ["replay", "trades-BTC-USDT.csv", "--url"], ["listen", "price:BTC-USDC", "--url"],
    ["revoke", "--user", "demo-user-0001", "--auth-url"], ["bench", "connect", "--connections", "1", "--url"],
])
def test_what_cannot_be_reached_is_1_and_says_so(arguments, tmp_path):
    (tmp_path / "token").write_text("a-service-token")
    write_trades(tmp_path / "trades-BTC-USDT.csv", ["1.10"], ["1"], count=2)
    token = [] if arguments[0] in ("listen", "bench") else ["--service-token-file", "token"]

    done = run(*arguments, f"http://127.0.0.1:{free_port()}", *token, cwd=tmp_path)

    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("Error: ") and done.stderr.count("\n") == 1, done.stderr
    assert "127.0.0.1" in done.stderr and "NIO" not in done.stderr


def test_what_the_gateway_refuses_is_1(gateway, symbol, tmp_path):
    (tmp_path / "wrong").write_text("not-the-service-token")
    done = run("publish", "price_update", "--symbol", symbol, "--data", "{}", "--url", gateway.url, "--service-token-file", tmp_path / "wrong")
    assert done.returncode == 1
    assert "401" in done.stderr

    done = run("listen", "no-such-room", "--url", gateway.url, "--token", gateway.token("demo-user-0001"))
    assert done.returncode == 1
    assert "no-such-room" in done.stderr


# For programs ----------------------------------------------------------------


def test_token_as_json(gateway, user):
    answer = json.loads(run("token", "--user", user, "--json", "--data-dir", gateway.directory).stdout)

    claims = jwt.decode(answer["token"], options={"verify_signature": False})
    assert answer["userId"] == user
    assert answer["jti"] == claims["jti"]
    assert answer["expiresAt"] == claims["exp"] * 1000


def test_token_says_when_it_has_made_a_key(tmp_path):
    first, second = (run("token", "--user", "demo-user-0001", "--data-dir", tmp_path) for _ in range(2))

    assert first.returncode == second.returncode == 0
    assert "one was made" in first.stderr and second.stderr == ""
    assert first.stdout.count("\n") == 1


def test_publish_as_json(gateway, symbol):
    one = run("publish", "price_update", "--symbol", symbol, "--data", '{"price":"1.10"}', "--json", *at(gateway))
    envelope = json.dumps({"type": "price_update", "symbol": symbol, "data": {"price": "1.20"}})
    many = run("publish", "--json", *at(gateway), input=f"{envelope}\n\n{envelope}\n")

    assert json.loads(one.stdout) == {"published": 1}
    assert json.loads(many.stdout) == {"published": 2}


def test_publish_names_the_line_that_was_refused_and_goes_on(gateway, symbol):
    good = json.dumps({"type": "price_update", "symbol": symbol, "data": {"price": "1.20"}})

    done = run("publish", "--json", *at(gateway), input=f"{good}\nnonsense\n{good}\n")

    assert done.returncode == 1
    assert "line 2" in done.stderr
    assert done.stderr.splitlines()[-1] == "Error: 1 of 3 envelopes were refused"
    assert json.loads(done.stdout) == {"published": 2}


@pytest.mark.parametrize("taken, name", [("--port", "the gateway"), ("--auth-port", "the auth service")])
def test_up_with_a_port_in_use_says_which_and_nothing_else(tmp_path, taken, name):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ports = {"--port": "0", "--auth-port": "0", taken: str(port)}
        done = run("up", "--data-dir", tmp_path, "--no-feed", *[part for pair in ports.items() for part in pair])

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1] == f"Error: {name} cannot listen on 127.0.0.1:{port}: the port is in use; choose another"


def test_replay_and_revoke_as_json(gateway, symbol, user, tmp_path):
    recording = write_trades(tmp_path / "trades.csv", ["1.10"], ["1"], count=11)

    replayed = run("replay", recording, "--symbol", symbol, "--speed", "0", "--json", *at(gateway))
    revoked = run("revoke", "--user", user, "--json", "--data-dir", gateway.directory, "--auth-url", f"http://127.0.0.1:{gateway.auth_port}")

    summary = json.loads(replayed.stdout)
    # A trade is three events; the recording spans ten times 100 ms.
    assert summary["published"] == 33
    assert summary["recordedSeconds"] == 1.0
    assert summary["seconds"] >= 0
    assert replayed.stderr == ""
    assert json.loads(revoked.stdout)


def test_check_bench_and_listen_as_json(gateway, user, symbol, tmp_path):
    check = run("check", "--json", "--data-dir", tmp_path, "--port", "0", "--auth-port", "0", cwd=tmp_path)
    assert all({"check", "ok", "detail"} <= set(json.loads(line)) for line in check.stdout.splitlines())

    bench = run("bench", "connect", "--connections", "3", "--json", "--token", gateway.token(user), "--url", gateway.url)
    assert bench.returncode == 0, bench.stderr
    assert json.loads(bench.stdout)["connections"] == 3
    assert bench.stderr == ""

    gateway.publish_price(symbol, "1.10")
    listen = run("listen", f"price:{symbol}", "--count", "4", "--token", gateway.token(user), "--url", gateway.url)
    events = [json.loads(line) for line in listen.stdout.splitlines()]
    assert [event["event"] for event in events] == ["connected", "authenticated", "room_joined", "price_update"]


# For people ------------------------------------------------------------------


def on_a_terminal(*arguments) -> tuple[int, str]:
    """Status and what came on standard error, which is a terminal."""
    here, there = pty.openpty()
    process = subprocess.Popen([BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=there)
    os.close(there)
    shown = b""
    try:
        while chunk := os.read(here, 4096):
            shown += chunk
    except OSError:
        pass  # The terminal's other end is closed.
    finally:
        os.close(here)
    return process.wait(120), shown.decode()


def test_replay_shows_its_progress_on_a_terminal_only(gateway, symbol, tmp_path):
    recording = write_trades(tmp_path / "trades.csv", ["1.10"], ["1"], count=200)
    arguments = ["replay", recording, "--symbol", symbol, "--speed", "0", *at(gateway)]

    status, shown = on_a_terminal(*arguments)
    quiet = run(*arguments, timeout=120)

    assert status == quiet.returncode == 0
    assert "\r" in shown and "events published," in shown
    assert shown.splitlines()[-1].rsplit("\x1b[K")[-1].startswith("600 events published in")
    assert "\r" not in quiet.stderr
    assert quiet.stderr.startswith("600 events published in") and quiet.stderr.count("\n") == 1


def test_bench_shows_its_progress_on_a_terminal(gateway, user):
    status, shown = on_a_terminal("bench", "connect", "--connections", "20", "--token", gateway.token(user), "--url", gateway.url, "--json")

    assert status == 0, shown
    assert "of 20 connections opened" in shown


def test_bench_publishes_on_after_a_pause_in_which_the_gateway_closed_its_connection(gateway, user, symbol):
    # A second message nearly seven seconds after the first: the gateway waits five for the next request of a connection.
    done = run(
        "bench", "fanout", "--connections", "1", "--messages", "2", "--rate", "0.15", "--room", f"price:{symbol}", "--json",
        "--token", gateway.token(user), "--service-token-file", gateway.directory / "service-token", "--url", gateway.url, timeout=60,
    )

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["deliveries"] == 2
    assert figures["seconds"] > 6
