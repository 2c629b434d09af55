"""Compression, origins and the cookie, as settings."""

import pytest
import requests

HANDSHAKE = "/socket.io/?EIO=4&transport=polling"


def test_the_cookie_names_the_session(start_gateway):
    gateway = start_gateway("--no-feed", "--cookie", "moonx")
    answer = gateway.get(HANDSHAKE)
    assert answer.cookies["moonx"] in answer.text
    assert "set-cookie" not in gateway.get("/health").headers


def test_only_allowed_origins_may_connect(start_gateway):
    gateway = start_gateway("--no-feed", "--allowed-origins", "https://app.example.com")
    assert gateway.get(HANDSHAKE, headers={"Origin": "https://app.example.com"}).status_code == 200
    assert gateway.get(HANDSHAKE, headers={"Origin": "https://evil.example.com"}).status_code == 403
    # Not from a browser.
    assert gateway.get(HANDSHAKE).status_code == 200


@pytest.mark.parametrize("value, coding", [("on", "gzip"), ("off", None)])
def test_answers_to_polls_are_compressed_unless_turned_off(start_gateway, user, value, coding):
    gateway = start_gateway("--no-feed", "--http-compression", value)
    token = gateway.token(user)
    sid = gateway.get(HANDSHAKE).text.split('"sid":"')[1][:20]
    path = f"{HANDSHAKE}&sid={sid}"
    assert gateway.post(path, data=f'40{{"token":"{token}"}}').text == "ok"
    gateway.get(path)
    gateway.publish("system_alert", text="x" * 2000)
    answer = requests.get(gateway.url + path, headers={"Accept-Encoding": "gzip"}, timeout=60)
    assert "x" * 2000 in answer.text
    assert answer.headers.get("content-encoding") == coding


@pytest.mark.parametrize("flags, message", [
    (["--cookie", "a b"], "--cookie must be a cookie's name"),
    (["--allowed-origins", "app.example.com"], "--allowed-origins takes origins such as"),
    (["--per-message-deflate", "maybe"], "per-message-deflate"),
])
def test_bad_values_stop_the_start(gateway, flags, message):
    done = gateway.command("up", *flags)
    assert done.returncode != 0
    assert message in done.stderr
