"""The plain HTTP side of the gateway."""

import pytest
import requests

import prometheus


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_health_and_readiness(gateway, path):
    assert gateway.get(path).status_code == 200
    # As some load balancers ask.
    answer = requests.head(gateway.url + path, timeout=60)
    assert (answer.status_code, answer.content) == (200, b"")


def test_metrics_are_prometheus_text(gateway, client):
    answer = gateway.get("/metrics")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    samples = prometheus.parse(answer.text)
    assert any("connections" in name and value >= 1 for name, value in samples.items())


def test_stats_are_for_the_service_token_only(gateway):
    assert gateway.get("/stats").status_code == 401
    assert gateway.get("/stats", headers={"Authorization": f"Bearer {gateway.service_token}"}).status_code == 200


@pytest.mark.parametrize("path", ["/no-such-page", "/dashboard/no-such-file.js", "/dashboard/../service-token", "/dashboard/%2e%2e/service-token", "/socket.io"])
def test_unknown_paths(gateway, path):
    assert gateway.get(path).status_code == 404


@pytest.mark.parametrize(
    "path, type",
    [("/", "text/html"), ("/dashboard/app.js", "text/javascript"), ("/dashboard/theme.css", "text/css"), ("/dashboard/favicon.svg", "image/svg+xml")],
)
def test_the_page_and_its_files(gateway, path, type):
    answer = gateway.get(path)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].split(";")[0].replace("application/javascript", "text/javascript") == type
    assert "default-src 'self'" in gateway.get("/").headers["Content-Security-Policy"]


def test_the_client_bundle(gateway):
    answer = gateway.get("/socket.io/socket.io.js")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].split(";")[0] in {"text/javascript", "application/javascript"}
    assert "Socket.IO v4" in answer.text[:200]
