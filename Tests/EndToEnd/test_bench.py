"""`moonx bench`, small: what it says of a gateway must be what the gateway has done."""

import json
from pathlib import Path

import pytest

from services import run

CONNECTIONS, MESSAGES = 20, 6
# Published before the messages that count: one to find out how long frames are, ten for the server to get warm.
WARM_UP = 11


@pytest.fixture
def start(start_gateway):
    return lambda *flags: start_gateway("--no-feed", "--limits", "off", "--allow-guests", *flags)


def bench(measurement, gateway, *flags) -> dict:
    done = run(
        "bench", measurement, "--url", gateway.url, "--server-pid", gateway.pid, "--connections", CONNECTIONS, "--json", *flags, timeout=60
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["measurement"], report["connections"]) == (measurement, CONNECTIONS)
    return report


def test_the_heaps_of_threads_are_usable_whole(start):
    # Else glibc makes them larger a page at a time, with a system call for most connections.
    assert [size for size in writable(start().pid) if size == 64 << 20]


def writable(pid: int) -> list[int]:
    """The sizes of the anonymous mappings that can be written to and begin where a heap of glibc's does."""
    found = []
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        addresses, rights, _, _, inode, *name = line.split()
        begin, end = (int(address, 16) for address in addresses.split("-"))
        if rights == "rw-p" and inode == "0" and not name and begin % (64 << 20) == 0:
            found.append(end - begin)
    return found


def fanout(gateway, *flags, messages=MESSAGES) -> dict:
    return bench("fanout", gateway, "--service-token-file", gateway.directory / "service-token", "--messages", messages, *flags)


@pytest.mark.parametrize("rooms, members", [(1, CONNECTIONS), (CONNECTIONS, 1)])
def test_a_fan_out_counts_what_the_members_got(start, rooms, members):
    gateway = start()

    report = fanout(gateway, "--rooms", rooms, "--in-flight", 3)

    assert report["deliveries"] == MESSAGES * members
    assert "ended" not in report
    assert gateway.metric('moonx_events_published_total{type="price_update"}') == WARM_UP + MESSAGES


def test_frames_have_the_length_that_was_asked_for(start):
    report = fanout(start(), "--payload-bytes", 300, messages=100)

    # All but the first, and `seq` gains a digit or two.
    assert abs(report["frameBytes"] - 300) < 3


def test_compressed_frames_count_where_both_sides_agree(start):
    gateway = start("--per-message-deflate", "on", "--event-loops", 1)

    report = fanout(gateway, "--deflate", "--payload-bytes", 4_000)

    assert report["deliveries"] == MESSAGES * CONNECTIONS
    assert report["frameBytes"] < 3_000
    # The first is too short: by it the tool sees how much is missing.
    assert gateway.metric("moonx_compressions_total") == WARM_UP - 1 + MESSAGES


def test_nothing_is_compressed_for_who_does_not_ask(start):
    gateway = start("--per-message-deflate", "on")

    assert fanout(gateway, "--payload-bytes", 4_000)["deliveries"] == MESSAGES * CONNECTIONS
    assert gateway.metric("moonx_compressions_total") == 0


def test_every_connection_echoes(start):
    gateway = start()

    for seconds in (1, 5, 20):
        # A busy machine may let a second pass in which nothing is said.
        report = bench("echo", gateway, "--seconds", seconds)
        if report["roundTrips"] >= CONNECTIONS:
            break

    assert report["roundTrips"] >= CONNECTIONS
    assert 0 < report["p50"] <= report["p99"] <= report["max"]


def test_idle_compares_memory_before_and_after(start):
    report = bench("idle", start(), "--warm-up", 5, "--quiet", 1)

    before, after = report["residentBefore"], report["residentAfter"]
    assert before > 0 and after > 0
    # It may be less: what the system takes back meanwhile counts too.
    assert abs(report["bytesPerConnection"] - (after - before) / CONNECTIONS) <= 1


def test_loops_that_are_to_poll_look_for_work_and_others_sleep(start):
    awake, asleep = start("--busy-poll", "200ms"), start()

    for gateway in (awake, asleep):
        fanout(gateway)

    assert awake.metric("moonx_busy_polls_total") > 0
    assert asleep.metric("moonx_busy_polls_total") == 0
