"""Ports of loopback for the servers of tests, several test processes at a time."""

import random
import socket

# Held until the process ends: the claims of `free_port`.
_claims: list[socket.socket] = []


def free_port() -> int:
    """A port that nothing uses, and that no other test on this machine is given while this process runs: a server may start on it late, or
    stop and come back.

    A port is claimed by a Unix socket of its number, since binding the port itself would keep the server from it. Connections that go out
    get ports from 32768 on, a node of a Redis Cluster listens 10,000 above its own, and the Redis of Swift tests (`FreePort`) is from 15,000
    on, so that none of them takes one of these.
    """
    while True:
        port = random.randrange(10_000, 15_000)
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with socket.socket() as probe, socket.socket() as above:
            try:
                claim.bind(f"\0moonx-test-port-{port}")
                probe.bind(("127.0.0.1", port))
                above.bind(("127.0.0.1", port + 10_000))
            except OSError:
                claim.close()
                continue
        _claims.append(claim)
        return port
