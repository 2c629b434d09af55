#!/usr/bin/env python3
"""Holds the layers: a target may import what this table lists, and nothing else."""

import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path

# The protocol libraries know nothing of trading; the domain knows nothing of sockets.
# `NIO*` stands for every module of SwiftNIO, `Foundation*` for Foundation and its parts.
LIBC = "Glibc Musl Darwin"
MAY_IMPORT = {
    "JSONScan": "",
    "MessagePack": "JSONScan",
    "EngineIOCore": "NIOCore Foundation*",
    "SocketIOCore": "EngineIOCore JSONScan MessagePack NIOCore",
    "CZlib": "",
    "EngineIO": f"EngineIOCore CZlib NIO* Crypto Logging {LIBC}",
    "SocketIO": "SocketIOCore EngineIOCore EngineIO JSONScan NIOCore Logging Foundation*",
    "SocketIOClient": f"SocketIOCore EngineIOCore JSONScan NIO* {LIBC}",
    "SocketIOTesting": "SocketIO SocketIOCore SocketIOClient EngineIO EngineIOCore JSONScan NIO* Logging",
    "RESP": "NIOCore",
    "RedisClient": "RESP NIO* Crypto Logging",
    "SocketIORedis": "SocketIO SocketIOCore EngineIOCore MessagePack JSONScan RESP RedisClient NIOCore Logging",
    "GatewayDomain": "JSONScan",
    "MarketFeed": "GatewayDomain Foundation*",
    "AccessToken": f"GatewayDomain JSONScan JWTKit Crypto AsyncHTTPClient NIO* Foundation* {LIBC}",
    "Store": f"GatewayDomain RedisClient RESP NIOCore GRDB Crypto Logging Foundation* {LIBC}",
    "AuthService": "AccessToken Store GatewayDomain Hummingbird HummingbirdCore HTTPTypes JWTKit Logging Crypto NIOCore Foundation* ServiceLifecycle",
    "Gateway": (
        "GatewayDomain AccessToken Store RedisClient RESP SocketIORedis SocketIO SocketIOCore EngineIO EngineIOCore JSONScan "
        "Hummingbird HTTPTypes AsyncHTTPClient NIO* Crypto Configuration Logging Metrics ServiceLifecycle Foundation*"
    ),
    "CMalloc": "",
    "moonx": "*",
}
ALWAYS = "Swift Synchronization"

IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)"
)


def violations(target: Path) -> list[str]:
    if target.name not in MAY_IMPORT:
        return [f"{target.name}: a target without a line in the table of scripts/check-imports.py"]
    allowed = f"{MAY_IMPORT[target.name]} {ALWAYS}".split()
    return [
        f"{path.relative_to(target.parent.parent)}:{number}: {target.name} may not import {match[1]}"
        for path in sorted(target.rglob("*.swift"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if (match := IMPORT.match(line)) and not any(fnmatchcase(match[1], pattern) for pattern in allowed)
    ]


sources = Path(__file__).resolve().parent.parent / "Sources"
targets = sorted(path for path in sources.iterdir() if path.is_dir())
found = [line for target in targets for line in violations(target)]
for line in found:
    print(line)
print(f"imports: {len(targets)} targets checked, {len(found)} not allowed")
sys.exit(bool(found))
