"""Settings: where they come from, what is said where they are wrong, and what they do to the logs."""

import json
import re
import subprocess
import time

import pytest
import requests

from gateway import BINARY, READY_WITHIN, STOPPED_WITHIN
from ports import free_port
from services import run


def checked(done) -> dict:
    """What `moonx check --json` found, by name."""
    return {finding["check"]: finding for finding in map(json.loads, done.stdout.splitlines())}


def test_flags_come_before_variables_before_the_file_before_defaults(tmp_path):
    file = tmp_path / "moonx.conf"
    ports = [free_port() for _ in range(3)]
    settings = ["check", "--json", "--data-dir", tmp_path, "--auth-port", free_port()]

    def port(*flags, text="", variable=None):
        file.write_text(f"# the gateway\n\n{text}\n")
        environment = {"MOONX_PORT": str(variable)} if variable else {}
        return checked(run(*settings, "--config", file, *flags, environment=environment))["port"]["detail"]

    assert port().startswith("127.0.0.1:3011")
    assert port(text=f"port = {ports[0]}") == f"127.0.0.1:{ports[0]} is free"
    assert port(text=f"port = {ports[0]}", variable=ports[1]) == f"127.0.0.1:{ports[1]} is free"
    assert port("--port", ports[2], text=f"port={ports[0]}", variable=ports[1]) == f"127.0.0.1:{ports[2]} is free"


def test_the_file_may_be_named_by_a_variable(tmp_path):
    port = free_port()
    file = tmp_path / "moonx.conf"
    file.write_text(f"port = {port}\n")

    done = run("check", "--json", "--data-dir", tmp_path, "--auth-port", free_port(), environment={"MOONX_CONFIG": str(file)})

    assert checked(done)["port"]["detail"] == f"127.0.0.1:{port} is free"


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("port 3011", ":1: a setting looks like: port = 3011"),
        ("\nport =", ":2: a setting looks like: port = 3011"),
        ("prot = 3011", ":1: there is no setting “prot”"),
        ("port = 1\nport = 2", ":2: “port” is set twice"),
        ("port = 70000", "--port must be from 0 to 65535, not 70000"),
        ("port = many", "“many” is not a valid value for --port"),
        ("log-format = xml", "--log-format must be text or json, not “xml”"),
        ("allow-guests = perhaps", "--allow-guests is on or off"),
        ("trusted-proxies = ten/8", "“ten/8” is neither an address nor a block"),
        ("max-token-lifetime = long", "--max-token-lifetime must look like"),
    ],
)
def test_a_bad_file_stops_the_start_with_one_clear_line(tmp_path, text, complaint):
    file = tmp_path / "moonx.conf"
    file.write_text(text)

    done = run("up", "--config", file, "--data-dir", tmp_path)

    assert done.returncode == 64
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert complaint in done.stderr


def test_a_file_that_is_not_there_stops_the_start(tmp_path):
    done = run("gateway", "--config", tmp_path / "absent.conf")

    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1
    assert "absent.conf" in done.stderr


@pytest.mark.parametrize("arguments", [["up", "--no-such-flag"], ["gateway"], ["auth"], ["up", "--port", "x"], ["no-such-command"], ["up", "--log-level", "loud"]])
def test_what_is_wrong_is_said_in_one_line(arguments):
    done = run(*arguments)

    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("Error: ")


def options(command: str) -> dict[str, str]:
    """The flags that a service's help lists, and what it says of each."""
    text = run(command, "--help").stdout.split("OPTIONS:")[1]
    blocks = re.split(r"\n(?=  -)", text)
    found = {name[0]: " ".join(block.split()) for block in blocks if (name := re.findall(r"--([a-z0-9-]+)", block))}
    return {name: block for name, block in found.items() if name not in ("config", "help", "version")}


@pytest.mark.parametrize("command", ["up", "gateway", "auth"])
def test_help_says_each_default(command):
    listed = options(command)

    assert {"port", "host", "log-format", "trusted-proxies", "max-token-lifetime"} <= set(listed)
    assert [block for block in listed.values() if not re.search("Default: |Required", block)] == []


@pytest.mark.parametrize("command", ["up", "gateway", "auth"])
def test_every_flag_of_a_service_may_stand_in_the_file(tmp_path, command):
    names = list(options(command))
    file = tmp_path / "moonx.conf"
    file.write_text("".join(f"{name} = x\n" for name in [*names, "nonsense"]))

    # The line that does not belong there is reached: those before it were understood.
    assert f":{len(names) + 1}: there is no setting" in run(command, "--config", file).stderr


# Logs ------------------------------------------------------------------------


def test_logs_may_be_json(start_gateway):
    gateway = start_gateway("--log-format", "json")

    lines = [json.loads(line) for line in gateway.log.splitlines() if line.startswith("{")]

    warning = next(line for line in lines if line["level"] == "warning")
    assert "DEVELOPMENT LOGIN" in warning["message"]
    assert warning["label"] == "moonx"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", warning["time"])


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_log_that_cannot_be_written_does_not_end_the_service(tmp_path, form):
    port = free_port()
    flags = ["--data-dir", tmp_path, "--port", port, "--auth-port", free_port(), "--log-format", form, "--no-feed"]
    # As on a disk that is full, or behind a log collector that has gone. Its first warning is that of the development login.
    with open("/dev/full", "wb") as full:
        service = subprocess.Popen([BINARY, "up", *map(str, flags)], stdin=subprocess.DEVNULL, stdout=full, stderr=full)
    try:
        wait_until_ready(service, port)
    finally:
        service.terminate()
        status = service.wait(STOPPED_WITHIN)
    assert status == 0


def wait_until_ready(service: subprocess.Popen, port: int):
    deadline = time.monotonic() + READY_WITHIN
    while True:
        assert service.poll() is None, f"ended with status {service.returncode}"
        assert time.monotonic() < deadline, "not ready"
        try:
            if requests.get(f"http://127.0.0.1:{port}/ready", timeout=2).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.05)


def test_logs_are_text_by_default(gateway):
    first = (gateway.directory / "moonx-test.log").read_text().splitlines()[0]

    assert not first.startswith("{")
    assert "warning" in first


# Before the start -------------------------------------------------------------


def test_check_finds_nothing_wrong(tmp_path):
    done = run("check", "--data-dir", tmp_path / "data", "--port", free_port(), "--auth-port", free_port())

    assert done.returncode == 0, done.stdout
    assert all(line.startswith("ok ") for line in done.stdout.splitlines())
    # It changes nothing.
    assert not (tmp_path / "data").exists()


def test_check_says_what_is_wrong(gateway, tmp_path):
    (tmp_path / "secret").write_text("short")
    done = run(
        "check", "--json", "--data-dir", tmp_path, "--port", gateway.port, "--auth-port", free_port(), "--jwt-secret-file", tmp_path / "secret",
        "--service-token-file", tmp_path / "absent", "--privy-app-id", "app", "--privy-key", "http://127.0.0.1:1/jwks.json",
    )

    assert done.returncode == 1
    findings = checked(done)
    assert {name for name, finding in findings.items() if not finding["ok"]} == {"port", "token keys", "service token", "Privy"}
    assert "the port is in use" in findings["port"]["detail"]
    assert "at least 32" in findings["token keys"]["detail"]


@pytest.mark.parametrize("text, check, complaint", [
    ("auth-url = 10.0.0.10:3001", "settings", "--auth-url must look like"),
    ("cors-origins = app.example.com", "settings", "--cors-origins takes origins"),
    ("client-bundle = absent.js", "settings", "--client-bundle absent.js cannot be read"),
    ("failed-logins = many", "settings", "--failed-logins"),
    ("sessions-per-user = 0", "settings", "--sessions-per-user must be from 1"),
    ("require-rotation = perhaps", "settings", "--require-rotation is on or off"),
    ("feed = perhaps", "settings", "--feed is on or off"),
    ("replay-speed = -1", "settings", "--replay-speed must be 0 or a positive number"),
    ("seed = x", "settings", "--seed"),
    ("socketio-adapter = classic", "settings", "--socketio-adapter needs --redis"),
    ("replay = absent.csv", "recordings", "absent.csv"),
])
def test_check_reads_what_services_read_only_when_they_start(tmp_path, text, check, complaint):
    file = tmp_path / "moonx.conf"
    file.write_text(text)
    done = run("check", "--json", "--config", file, "--data-dir", tmp_path, "--port", free_port(), "--auth-port", free_port(), cwd=tmp_path)

    assert done.returncode == 1
    wrong = {name: finding["detail"] for name, finding in checked(done).items() if not finding["ok"]}
    assert list(wrong) == [check]
    assert complaint in wrong[check]


def test_check_demands_what_a_gateway_that_verifies_by_published_keys_needs(gateway, tmp_path):
    settings = [
        "check", "--json", "--data-dir", tmp_path, "--port", free_port(), "--auth-port", free_port(),
        "--jwks", f"{gateway.url}/.well-known/jwks.json",
    ]

    without = checked(run(*settings))
    assert [name for name, finding in without.items() if not finding["ok"]] == ["token rules"]
    assert "--jwt-issuer and --jwt-audience are required" in without["token rules"]["detail"]
    # Where such a gateway listens.
    assert without["port"]["detail"].startswith("0.0.0.0:")

    done = run(*settings, "--jwt-issuer", "moonx-auth", "--jwt-audience", "moonx-gateway")
    assert done.returncode == 0, done.stdout
    assert checked(done)["token rules"]["detail"] == "issuer moonx-auth, audience moonx-gateway"
