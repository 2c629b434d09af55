#!/usr/bin/env python3
"""Judges a report of the Autobahn test suite: fails where a case failed, or where cases are missing."""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

# INFORMATIONAL says how an implementation behaves where the standard leaves it open; NON-STRICT is right, but later than it might be.
GOOD = {"OK", "NON-STRICT", "INFORMATIONAL"}


def number(case: str) -> list[int]:
    return [int(part) for part in case.split(".")]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path, help="the index.json of the suite")
    parser.add_argument("--expect", type=int, default=1, help="at least so many cases must have run")
    parser.add_argument("--complete", action="store_true", help="fail on UNIMPLEMENTED too")
    arguments = parser.parse_args()

    allowed = GOOD if arguments.complete else GOOD | {"UNIMPLEMENTED"}
    agents = json.loads(arguments.report.read_text())
    cases = [(case, result) for results in agents.values() for case, result in results.items()]
    bad = [
        (case, result)
        for case, result in sorted(cases, key=lambda item: number(item[0]))
        if result["behavior"] not in allowed or result["behaviorClose"] not in GOOD
    ]
    for case, result in bad:
        print(f"{case}: {result['behavior']}, closing {result['behaviorClose']} (code {result['remoteCloseCode']})")
    tally = Counter(result["behavior"] for _, result in cases)
    print("autobahn: " + ", ".join(f"{count} {name}" for name, count in sorted(tally.items())))
    if len(cases) < arguments.expect:
        print(f"only {len(cases)} cases have run, {arguments.expect} were expected")
    print(f"{len(cases) - len(bad)} passed, {len(bad)} failed")
    return bool(bad) or len(cases) < arguments.expect


sys.exit(main())
