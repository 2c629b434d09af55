"""SwiftPM builds again what has not changed where its environment has: so that is the same for each call of make."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def environment_of_a_build(directory: Path, *arguments: str) -> set[str]:
    """What `swift` finds in its environment, in a recipe of the Makefile."""
    swift = directory / "swift"
    swift.write_text("#!/bin/sh\nenv\n")
    swift.chmod(0o755)
    recipe = directory / "recipe.mk"
    recipe.write_text("probe:\n\t@scripts/swift-build.sh\nin-a-make-of-its-own:\n\t@$(MAKE) --no-print-directory $(addprefix -f ,$(MAKEFILE_LIST)) probe\n")
    answer = subprocess.run(
        ["make", "--silent", "-f", "Makefile", "-f", recipe, *arguments],
        cwd=ROOT,
        env=os.environ | {"PATH": f"{directory}:{os.environ['PATH']}"},
        check=True,
        capture_output=True,
        text=True,
    )
    return {line for line in answer.stdout.splitlines() if not line.startswith(("SHLVL=", "_="))}


def test_what_make_is_called_with_does_not_reach_a_build(tmp_path):
    plain = environment_of_a_build(tmp_path, "probe")
    assert any(line.startswith("PATH=") for line in plain)
    assert environment_of_a_build(tmp_path, "probe", "REPLAY=a b", "SPEED=50", "PORT=3012", "HOST=::1", "ARGS=--help") == plain
    assert environment_of_a_build(tmp_path, "probe", "PYTEST=-k a", "WORKERS=2", "PATTERN=JSON.*", "SECONDS=9") == plain
    assert environment_of_a_build(tmp_path, "in-a-make-of-its-own") == plain
