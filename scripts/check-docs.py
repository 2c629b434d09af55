#!/usr/bin/env python3
"""Demands a doc comment of every public symbol of the libraries: scripts/check-docs.py FOLDER-OF-SYMBOL-GRAPHS MODULE…

What the compiler writes (`==`, `hash(into:)`) and what implements a protocol of somebody else needs none: its meaning is the protocol's.
"""

import json
import sys
from pathlib import Path

folder, modules = Path(sys.argv[1]), sys.argv[2:]
FAMILIAR = {
    "==(_:_:)", "<(_:_:)", "hash(into:)", "encode(to:)", "init(from:)", "description", "debugDescription", "rawValue", "init(rawValue:)",
    "allCases", "AllCases", "RawValue", "Failure",
}  # fmt: skip

documented, missing = 0, []
for module in modules:
    graphs = [folder / f"{module}.symbols.json", *folder.glob(f"{module}@*.symbols.json")]
    for symbol in (symbol for graph in graphs for symbol in json.loads(graph.read_text())["symbols"]):
        # A symbol without a place was written by the compiler.
        if "::SYNTHESIZED::" in symbol["identifier"]["precise"] or "location" not in symbol:
            continue
        if any(line["text"].strip() for line in symbol.get("docComment", {}).get("lines", [])):
            documented += 1
        elif symbol["names"]["title"].split(".")[-1] not in FAMILIAR:
            place = symbol["location"]
            path = place["uri"].split("/Sources/")[-1]
            missing.append(f"Sources/{path}:{place['position']['line'] + 1}: {'.'.join(symbol['pathComponents'])} has no doc comment")

for line in sorted(missing):
    print(line)
print(f"{documented} of {documented + len(missing)} public symbols of {', '.join(modules)} are documented")
sys.exit(1 if missing or not documented else 0)
