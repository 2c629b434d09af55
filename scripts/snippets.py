#!/usr/bin/env python3
"""The code of the documentation: scripts/snippets.py check | scripts/snippets.py write FILE

Articles show code that tests compile and run: the parts of Tests/SocketIOTestingTests/Snippets between `// snippet.NAME` and the next
name or `// snippet.end`, as SwiftPM writes them, and the chat server of Examples, whole. An article names them with
@Snippet(path: "Snippets/FILE", slice: "NAME").

`check` fails where an article names code that is not there, or code is named nowhere. `write` writes the symbol graph that docc reads
snippets from; its name must end in `-snippets.symbols.json`.
"""

import json
import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTED = ROOT / "Tests/SocketIOTestingTests/Snippets"
WHOLE = {"ChatServer": ROOT / "Examples/Sources/ChatServer/main.swift"}
MARK = re.compile(r"\s*// snippet\.([\w-]+)\s*$")
USE = re.compile(r'@Snippet\(path: "Snippets/([\w-]+)"(?:, slice: "([\w-]+)")?\)')


def slices(path: Path) -> dict[str, list[str]]:
    """The named parts of a file, each without the indentation that its lines share."""
    parts: dict[str, list[str]] = {}
    name = None
    for line in path.read_text().splitlines():
        if mark := MARK.match(line):
            name = None if mark[1] == "end" else mark[1]
            if name in parts:
                sys.exit(f"{path.relative_to(ROOT)}: two parts are named {name}")
            if name:
                parts[name] = []
        elif name:
            parts[name].append(line)
    return {name: textwrap.dedent("\n".join(lines)).strip("\n").split("\n") for name, lines in parts.items()}


def symbol(name: str, parts: dict[str, list[str]]) -> dict:
    lines, ranges = [], {}
    for part, content in parts.items():
        ranges[part] = [len(lines), len(lines) + len(content)]
        lines += content
    return {
        "kind": {"identifier": "snippet", "displayName": "Snippet"},
        "identifier": {"precise": f"$snippet__{name}", "interfaceLanguage": "swift"},
        "pathComponents": ["Snippets", name],
        "names": {"title": name},
        "docComment": {"lines": []},
        "accessLevel": "public",
        "snippet": {"language": "swift", "lines": lines, "slices": ranges},
    }


def graph(snippets: dict[str, dict[str, list[str]]]) -> dict:
    return {
        "metadata": {"formatVersion": {"major": 0, "minor": 5, "patch": 0}, "generator": "scripts/snippets.py"},
        "module": {"name": "Snippets", "platform": {}, "isVirtual": True},
        "symbols": [symbol(name, parts) for name, parts in snippets.items()],
        "relationships": [],
    }


def check(snippets: dict[str, dict[str, list[str]]]) -> None:
    there = {(name, part) for name, parts in snippets.items() for part in parts}
    used = set()
    articles = sorted(ROOT.glob("Sources/*/*.docc/*.md"))
    found = []
    for article in articles:
        text = article.read_text()
        for name, part in USE.findall(text):
            used.add((name, part or "whole"))
            if (name, part or "whole") not in there:
                found.append(f"{article.relative_to(ROOT)}: there is no snippet {name}, {part or 'whole'}")
        # Code that nobody compiles: only what goes into a manifest or a shell may stand in an article itself.
        if text.count("@Snippet(") != len(USE.findall(text)):
            found.append(f"{article.relative_to(ROOT)}: a @Snippet is written in another way than scripts/snippets.py reads")
    found += [f"{name}, {part}: no article shows it" for name, part in sorted(there - used)]
    for line in found:
        print(line)
    print(f"snippets: {len(there)} in {len(articles)} articles, {len(found)} wrong")
    sys.exit(bool(found))


snippets = {path.stem.removesuffix("Snippets"): slices(path) for path in sorted(TESTED.glob("*.swift"))}
snippets |= {name: {"whole": path.read_text().rstrip("\n").split("\n")} for name, path in WHOLE.items()}
match sys.argv[1:]:
    case ["check"]:
        check(snippets)
    case ["write", file]:
        Path(file).write_text(json.dumps(graph(snippets)))
    case _:
        sys.exit(__doc__)
