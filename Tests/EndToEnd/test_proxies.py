"""The client's address behind a proxy, as limits count it."""


def failed_logins(gateway, forwarded: str, count: int) -> list[int]:
    headers = {"X-Forwarded-For": forwarded}
    return [gateway.post("/api/v1/auth/login", json={"privyToken": "bad"}, headers=headers).status_code for _ in range(count)]


def test_a_trusted_proxy_is_believed_about_the_address(start_gateway):
    gateway = start_gateway("--trusted-proxies", "10.0.0.0/8", "127.0.0.1/32", "--no-feed")

    # What stands left of the right-most untrusted address is the client's own invention.
    statuses = [failed_logins(gateway, f"192.0.2.{number % 250}, 198.51.100.1, 10.0.0.1", 1)[0] for number in range(70)]

    assert statuses[:60] == [401] * 60
    assert 429 in statuses
    assert failed_logins(gateway, "198.51.100.2", 1) == [401]


def test_others_are_not_believed_about_the_address(start_gateway):
    gateway = start_gateway("--trusted-proxies", "10.0.0.0/8", "--no-feed")

    statuses = [failed_logins(gateway, f"198.51.100.{number}", 1)[0] for number in range(70)]

    assert 429 in statuses
