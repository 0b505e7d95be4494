#!/usr/bin/env python3
"""Makes data/fashion-mnist from the full Fashion-MNIST set.

usage: python3 eng/make-fashion-subset.py /usr/share/datasets/fashion-mnist data/fashion-mnist

Takes the first 1,000 training and the first 200 test images of every class, keeps their order, and
writes gzip files without a time stamp, so that the same zlib gives the same bytes again.
"""
import gzip
import struct
import sys
from pathlib import Path

CLASSES = 10
PIXELS = 28 * 28


def subset(source: Path, target: Path, prefix: str, per_class: int) -> None:
    images = gzip.decompress((source / f"{prefix}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((source / f"{prefix}-labels-idx1-ubyte.gz").read_bytes())[8:]
    taken = [0] * CLASSES
    kept = []
    for index, label in enumerate(labels):
        if taken[label] < per_class:
            taken[label] += 1
            kept.append(index)
    if taken != [per_class] * CLASSES:
        raise SystemExit(f"{source}: a class has fewer than {per_class} images: {taken}")
    pixels = b"".join(images[16 + i * PIXELS:16 + (i + 1) * PIXELS] for i in kept)
    write(target / f"{prefix}-images-idx3-ubyte.gz", struct.pack(">4I", 0x803, len(kept), 28, 28) + pixels)
    write(target / f"{prefix}-labels-idx1-ubyte.gz", struct.pack(">2I", 0x801, len(kept)) + bytes(labels[i] for i in kept))


def write(path: Path, content: bytes) -> None:
    with open(path, "wb") as raw, gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=raw, mtime=0) as stream:
        stream.write(content)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    subset(Path(sys.argv[1]), Path(sys.argv[2]), "train", 1000)
    subset(Path(sys.argv[1]), Path(sys.argv[2]), "t10k", 200)
