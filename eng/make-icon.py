#!/usr/bin/env python3
"""Draws eng/icon.png, the icon of the packages.

usage: python3 eng/make-icon.py eng/icon.png

A weight matrix of eight groups by eight input channels on a dark ground: every row keeps two of its eight blocks, as
uniform sparsity of 75 % does. No time stamp and a fixed compression level, so that the same zlib gives the same bytes again.
"""
import struct
import sys
import zlib
from pathlib import Path

SIZE, MARGIN, CELL, GAP, CORNER = 128, 12, 13, 2, 18
KEPT = [(0, 3), (2, 6), (1, 4), (5, 7), (0, 6), (3, 4), (2, 7), (1, 5)]
GROUND, ZERO, BLOCK, NONE = (29, 32, 54, 255), (52, 57, 88, 255), (86, 204, 157, 255), (0, 0, 0, 0)


def colour(x: int, y: int) -> tuple:
    """The colour of a pixel: outside the rounded ground, on it, in a pruned block or in a kept one."""
    dx, dy = max(CORNER - x, x - (SIZE - 1 - CORNER), 0), max(CORNER - y, y - (SIZE - 1 - CORNER), 0)
    if dx * dx + dy * dy > CORNER * CORNER:
        return NONE
    column, in_column = divmod(x - MARGIN, CELL)
    row, in_row = divmod(y - MARGIN, CELL)
    if not (0 <= column < 8 and 0 <= row < 8) or in_column >= CELL - GAP or in_row >= CELL - GAP:
        return GROUND
    return BLOCK if column in KEPT[row] else ZERO


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main() -> None:
    colours = [GROUND, ZERO, BLOCK, NONE]
    rows = b"".join(b"\0" + bytes(colours.index(colour(x, y)) for x in range(SIZE)) for y in range(SIZE))
    image = b"\x89PNG\r\n\x1a\n"
    image += chunk(b"IHDR", struct.pack(">IIBBBBB", SIZE, SIZE, 8, 3, 0, 0, 0))
    image += chunk(b"PLTE", b"".join(bytes(entry[:3]) for entry in colours))
    image += chunk(b"tRNS", bytes(entry[3] for entry in colours))
    image += chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    Path(sys.argv[1]).write_bytes(image)


if __name__ == "__main__":
    main()
