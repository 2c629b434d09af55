#!/usr/bin/env python3
"""Writes the table of MessagePackTests: what the msgpack package of Python makes of values, and how it reads formats that it does not write itself.

Needs `pip install msgpack`; run by hand when a case is added: python3 scripts/msgpack-table.py
"""

import json
import struct
from pathlib import Path

import msgpack

INTEGERS = sorted(
    {
        sign * (2**bits) + near
        for bits in (0, 4, 5, 7, 8, 15, 16, 31, 32, 53, 63)
        for sign in (1, -1)
        for near in (-1, 0, 1)
        if -(2**63) <= sign * (2**bits) + near < 2**64
    }
    | {0, 2**64 - 1, -(2**63), 1762795433972}
)
FLOATS = [0.5, -0.5, 0.1, 3.141592653589793, 105433.6, 5e-324, 1.7976931348623157e308, 1e21, 1e-7, -2.5e-9]
STRINGS = ["", "a", "é", "😀", "\x00\x1f\"\\/", "x" * 31, "x" * 32, "x" * 255, "x" * 256, "x" * 65535, "x" * 65536]
VALUES = [
    None,
    True,
    False,
    *INTEGERS,
    *FLOATS,
    *STRINGS,
    [],
    [1, "2", None, [True, {}]],
    list(range(15)),
    list(range(16)),
    {},
    {"type": 2, "data": ["price", {"symbol": "BTC-USDC", "price": "105433.60000"}], "nsp": "/", "id": 7},
    {str(number): number for number in range(15)},
    {str(number): number for number in range(16)},
]
# Longer forms, and formats that the package reads only: what another writer may choose.
FOREIGN = [
    "cc05", "cd0005", "ce00000005", "cf0000000000000005", "d005", "d10005", "d200000005", "d30000000000000005", "d0ff", "d1ffff",
    "d2ffffffff", "d3ffffffffffffffff", "ca3f000000", "ca7f7fffff", "cb3ff0000000000000", "d90161", "da000161", "db0000000161",
    "dc000101", "dd0000000101", "de0001a16101", "df00000001a16101", "cb4341c37937e08000",
]  # fmt: skip
TIMES = [(0, 0), (1, 0), (2**32 - 1, 0), (2**32, 0), (0, 1), (2**34 - 1, 999_999_999), (2**34, 0), (-1, 0), (-1, 999_000_000), (-(2**63), 0)]
BLOBS = [0, 1, 2, 4, 8, 16, 17, 255, 256, 65535, 65536]


def swift(data: bytes) -> str:
    """Runs of a byte are folded, or the table would be megabytes: `.hex("dc")`, `.run(0, 65535)`."""
    parts, plain, index = [], b"", 0
    while index < len(data):
        end = index
        while end < len(data) and data[end] == data[index]:
            end += 1
        if end - index > 20:
            if plain:
                parts.append(f'.hex("{plain.hex()}")')
            parts.append(f".run(0x{data[index]:02x}, {end - index})")
            plain = b""
        else:
            plain += data[index:end]
        index = end
    if plain or not parts:
        parts.append(f'.hex("{plain.hex()}")')
    return "[" + ", ".join(parts) + "]"


def text(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53 else value


lines = [
    "// Made by scripts/msgpack-table.py. Do not edit.",
    f"// msgpack {'.'.join(map(str, msgpack.version))} of Python.",
    "",
    "enum GoldenTable {",
    "    /// What Python writes, and the same value as JSON.",
    "    static let written: [Pair] = [",
]
for value in VALUES:
    packed = msgpack.packb(value)
    assert msgpack.unpackb(packed, strict_map_key=False) == value
    lines.append(f"        Pair({swift(packed)}, json: {swift(text(value))}),")
lines += ["    ]", "", "    /// What Python reads, but would write otherwise, and the value as JSON.", "    static let foreign: [Pair] = ["]
for packed in map(bytes.fromhex, FOREIGN):
    lines.append(f"        Pair({swift(packed)}, json: {swift(text(whole(msgpack.unpackb(packed))))}),")
lines += ["    ]", "", "    /// Timestamps.", "    static let timestamps: [Time] = ["]
for seconds, nanoseconds in TIMES:
    packed = msgpack.packb(msgpack.Timestamp(seconds, nanoseconds))
    lines.append(f"        Time({swift(packed)}, {seconds}, {nanoseconds}),")
lines += ["    ]", "", "    /// Binary data and extensions of type 42, each of so many bytes of value 7.", "    static let blobs: [Blob] = ["]
for count in BLOBS:
    data = b"\x07" * count
    binary, extension = msgpack.packb(data), msgpack.packb(msgpack.ExtType(42, data))
    lines.append(f"        Blob(count: {count}, binary: {swift(binary)}, extension: {swift(extension)}),")
lines += ["    ]", "", "    /// Arrays of so many nils.", "    static let arrays: [Nils] = ["]
for count in (0, 1, 15, 16, 65535, 65536):
    lines.append(f"        Nils(count: {count}, {swift(msgpack.packb([None] * count))}),")
lines += ["    ]", "}", ""]
assert struct.unpack(">f", bytes.fromhex("3f000000")) == (0.5,)
(Path(__file__).resolve().parent.parent / "Tests/MessagePackTests/Golden/GoldenTable.swift").write_text("\n".join(lines))
