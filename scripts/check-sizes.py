#!/usr/bin/env python3
"""Keeps files small enough to be read at one go."""

import sys
from pathlib import Path

WARN, FAIL = 300, 400
SUFFIXES = {".swift", ".py", ".js", ".css", ".html", ".sh"}

root = Path(__file__).resolve().parent.parent
lengths = {
    path.relative_to(root): len(path.read_text().splitlines())
    for folder in ("Sources", "Tests", "Examples/Sources", "FuzzTesting/Sources", "scripts")
    for path in sorted((root / folder).rglob("*"))
    if path.suffix in SUFFIXES and not path.is_symlink()
}
for path, lines in lengths.items():
    if lines > FAIL:
        print(f"{path}: {lines} lines, at most {FAIL} are allowed")
    elif lines > WARN:
        print(f"{path}: warning: {lines} lines, over {WARN}")

too_long = sum(lines > FAIL for lines in lengths.values())
print(f"sizes: {len(lengths)} files, longest {max(lengths.values(), default=0)} lines")
sys.exit(too_long > 0)
