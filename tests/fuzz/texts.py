"""Settings files with changes that know lines and values."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

_VALUES = (
    "0",
    "-1",
    "true",
    '""',
    '"a"',
    '"\\u0000"',
    "nan",
    "inf",
    "1e400",
    "9" * 30,
    "9" * 400,
    "9" * 5_000,
    "0x" + "f" * 5_000,
    "[]",
    "{}",
    "{a = {b = 1}}",
    "1979-05-27",
    "[" * 20 + "]" * 20,
    "[" * 3_000 + "]" * 3_000,
    "{a=" * 2_000 + "1" + "}" * 2_000,
    ".".join("a" * 3_000) + " = 1",
)


def mutated_text(draw: Random, seeds: Sequence[bytes]) -> bytes:
    """One of the files with one to three changes."""
    lines = draw.choice(seeds).decode().splitlines()
    for _ in range(draw.choice((1, 1, 2, 3))):
        place = draw.randrange(len(lines) + 1)
        line = lines[place] if place < len(lines) else ""
        match draw.randrange(7):
            case 0:
                del lines[place : place + draw.choice((1, 3))]
            case 1:
                lines[place:place] = [line] * draw.choice((1, 500))
            case 2:
                lines[place : place + 1] = [draw.choice(draw.choice(seeds).decode().splitlines())]
            case 3:
                lines[place:place] = [
                    "[" + draw.choice((line.split("=")[0].strip() or "x", "a.b", "[c]")) + "]"
                ]
            case 4:
                cut = draw.randrange(len(line) + 1)
                lines[place : place + 1] = [line[:cut] + draw.choice("\"'[]{}=#.\\\t\0é") + line[cut:]]
            case _:
                name = line.split("=")[0].strip() or "x"
                lines[place : place + 1] = [f"{name} = {draw.choice(_VALUES)}"]
    data = bytearray("\n".join(lines).encode())
    if data and draw.random() < 0.2:
        data[draw.randrange(len(data))] = draw.randrange(256)
    return bytes(data)
