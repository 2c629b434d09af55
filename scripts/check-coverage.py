#!/usr/bin/env python3
"""Checks that every test named in docs/contract-coverage.md and docs/conformance.md exists.

In the last cells of tables that say what something is `shown by`, in backticks: `Suite`, `Suite.test`, `.test` (of the suite named before it),
`test_file.py`, `test_file.py::test`, `::test` (of the file named before it).
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "docs/contract-coverage.md", ROOT / "docs/conformance.md"]
NAME = re.compile(r"`(?:(?P<file>test_\w+\.py)?(?:::(?P<case>test_\w+))?|(?P<suite>[A-Z]\w*Tests)?(?:\.(?P<test>\w+))?)`")


def swift_suites() -> dict[str, set[str]]:
    """The functions of each suite, over all files that extend it."""
    suites: dict[str, set[str]] = {}
    for file in (ROOT / "Tests").rglob("*.swift"):
        suite = None
        for line in file.read_text().splitlines():
            if found := re.match(r"(?:@\w+(?:\(.*\))? )*(?:final )?(?:struct|class|actor|extension) (\w+Tests)\b", line):
                suite = found[1]
                suites.setdefault(suite, set())
            elif suite and (found := re.match(r"    .*\bfunc (\w+|`[^`]+`)[(<]", line)):
                suites[suite].add(found[1])
    return suites


def python_tests() -> dict[str, set[str]]:
    return {file.name: set(re.findall(r"^def (test_\w+)", file.read_text(), re.M)) for file in (ROOT / "Tests/EndToEnd").glob("test_*.py")}


def missing(line: str, suites: dict[str, set[str]], files: dict[str, set[str]]) -> list[str]:
    """The names of one row that nothing answers to."""
    wrong, file, suite = [], None, None
    for name in NAME.finditer(line):
        text = name[0].strip("`")
        if not text:
            continue
        if name["file"] or name["case"]:
            file = name["file"] or file
            if file not in files or (name["case"] and name["case"] not in files[file]):
                wrong.append(text if name["file"] else f"{file}{text}")
        else:
            suite = name["suite"] or suite
            if suite not in suites or (name["test"] and name["test"] not in suites[suite]):
                wrong.append(text if name["suite"] else f"{suite}{text}")
    return wrong


def check(page: Path, suites: dict[str, set[str]], files: dict[str, set[str]]) -> tuple[int, list[str]]:
    """How many tests the page names, and what is wrong with its tables of them."""
    failures, named = [], 0
    heading = ""
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if not line.startswith("|"):
            heading = ""
        elif not heading:
            heading = line
        elif heading.endswith("| shown by |") and not line.startswith("| ---"):
            cell = line.rsplit("|", 2)[1]
            found = sum(1 for name in NAME.finditer(cell) if name[0] != "``")
            named += found
            if not found:
                failures.append(f"{number}: names no test: {line[:80]}")
            failures += [f"{number}: there is no {name}" for name in missing(cell, suites, files)]
    return named, [f"docs/{page.name}:{failure}" for failure in failures]


def main() -> int:
    suites, files = swift_suites(), python_tests()
    checked = [check(page, suites, files) for page in PAGES]
    failures = [failure for _, wrong in checked for failure in wrong]
    for failure in failures:
        print(failure, file=sys.stderr)
    print(f"coverage: {sum(named for named, _ in checked)} tests named, {len(failures)} wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
