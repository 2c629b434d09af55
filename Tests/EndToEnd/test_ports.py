"""The ports that tests give their servers are theirs alone, also before a server listens and while it is down."""

import random
import subprocess
import sys
from pathlib import Path

import ports
from ports import free_port

# Draws the number it is told, then one of its own choice.
ANOTHER_PROCESS = """
import random, sys, ports
chance = random.randrange
drawn = iter([int(sys.argv[1])])
random.randrange = lambda *range: next(drawn, None) or chance(*range)
print(ports.free_port())
"""


def drawn_by_another_process(number: int) -> int:
    """The port that another process is given when chance yields this number first; it ends, and its claim with it."""
    done = subprocess.run(
        [sys.executable, "-c", ANOTHER_PROCESS, str(number)], cwd=Path(ports.__file__).parent, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_a_process_is_given_a_port_once(monkeypatch):
    mine, chance = free_port(), random.randrange
    drawn = iter([mine, mine])
    monkeypatch.setattr(random, "randrange", lambda *range: next(drawn, None) or chance(*range))
    assert free_port() != mine


def test_no_other_process_is_given_it():
    mine = free_port()
    assert drawn_by_another_process(mine) != mine


def test_it_is_free_again_when_its_process_has_ended():
    # Others may be given it in between.
    assert any(drawn_by_another_process(theirs) == theirs for theirs in (drawn_by_another_process(0) for _ in range(3)))
