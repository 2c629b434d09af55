"""What each block is for that an idle authenticated connection in a room keeps alive, and who has allocated it.

    python3 Benchmarks/live-blocks/live_blocks.py .build/release/moonx
"""

import bisect
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

CONNECTIONS = 1000
HERE = Path(__file__).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, within: float = 60):
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, "in vain"
        time.sleep(0.1)


def is_ready(url: str) -> bool:
    try:
        return urllib.request.urlopen(f"{url}/ready", timeout=1).status == 200
    except OSError:
        return False


def lines_of(moonx: str, directory: Path) -> tuple[list[str], int]:
    """A line for each block, and where the executable lay."""
    library, file = directory / "live_blocks.so", directory / "blocks"
    subprocess.run(["cc", "-O1", "-fno-omit-frame-pointer", "-fPIC", "-shared", "-o", library, HERE / "live_blocks.c"], check=True)
    port = free_port()
    url, data = f"http://127.0.0.1:{port}", ["--data-dir", directory / "data"]
    up = [moonx, "up", "--host", "127.0.0.1", "--port", str(port), "--auth-port", str(free_port()), *data]
    up += ["--event-loops", "1", "--limits", "off", "--no-feed", "--log-level", "error"]
    environment = {**os.environ, "LD_PRELOAD": str(library), "LIVE_BLOCKS_FILE": str(file)}
    server = subprocess.Popen(up, env=environment, stdout=subprocess.DEVNULL)
    clients = None
    try:
        wait_for(lambda: is_ready(url))
        token = directory / "token"
        token.write_bytes(subprocess.run([moonx, "token", "--user", "demo-user", *data], check=True, capture_output=True).stdout)
        maps = Path(f"/proc/{server.pid}/maps").read_text().splitlines()
        base = min(int(line.split("-")[0], 16) for line in maps if line.endswith(os.path.realpath(moonx)))
        server.send_signal(signal.SIGUSR2)
        idle = [moonx, "bench", "idle", "--url", url, "--server-pid", str(server.pid), "--connections", str(CONNECTIONS), "--quiet", "15"]
        clients = subprocess.Popen([*idle, "--token-file", token], stdout=subprocess.DEVNULL)
        wait_for(lambda: len(os.listdir(f"/proc/{server.pid}/fd")) > CONNECTIONS)
        # All are in their rooms, and what was needed for that is given back.
        time.sleep(3)
        server.send_signal(signal.SIGUSR2)
        wait_for(lambda: file.exists() and file.read_text().endswith("end\n"))
        return file.read_text().splitlines()[:-1], base
    finally:
        for process in filter(None, [clients, server]):
            process.kill()
            process.wait()


def names_of(moonx: str, base: int, addresses: set[int]) -> dict[int, str]:
    symbols = []
    for line in subprocess.run(["nm", "-n", moonx], check=True, capture_output=True, text=True).stdout.splitlines():
        parts = line.split()
        if len(parts) == 3 and parts[1] in "tTwW":
            symbols.append((int(parts[0], 16), parts[2]))
    starts = [start for start, _ in symbols]
    mangled = {address: symbols[max(0, bisect.bisect(starts, address - base) - 1)][1] for address in addresses}
    every = sorted(set(mangled.values()))
    demangle = ["swift", "demangle", "--simplified", "--compact"]
    plain = subprocess.run(demangle, input="\n".join(every), check=True, capture_output=True, text=True).stdout.splitlines()
    return {address: dict(zip(every, plain))[name] for address, name in mangled.items()}


def main():
    moonx = sys.argv[1]
    with tempfile.TemporaryDirectory() as directory:
        lines, base = lines_of(moonx, Path(directory))
    kinds = [(line.split(), count) for line, count in Counter(lines).items() if count > CONNECTIONS / 5]
    names = names_of(moonx, base, {int(caller, 16) for parts, _ in kinds for caller in parts[1:]})
    print("bytes with the allocator's own 8, blocks a connection, who asked for them")
    for parts, count in sorted(kinds, key=lambda kind: -int(kind[0][0])):
        callers = [names[int(caller, 16)] for caller in parts[1:] if caller != "0"]
        told = [name[:70] for name in callers if not name.startswith("swift_")]
        print(f"{int(parts[0]) + 8:5} {count / CONNECTIONS:5.2f}  {' < '.join(told[:5])}")


if __name__ == "__main__":
    main()
