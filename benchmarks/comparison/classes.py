"""A class of honest submissions from the bank: right in usual and unusual styles, and with mistakes."""

import random
from collections.abc import Sequence
from pathlib import Path

import bank

ROOT = Path(__file__).resolve().parent.parent.parent
TOPICS = ("tensor_init", "strides", "modules")
MISTAKEN = 0.6  # of the modules; of the rest half are the solution and half are alternatives


def write_class(folder: Path, count: int, seed: int = 0, topics: Sequence[str] = TOPICS) -> list[Path]:
    """A folder a student, each with a module of every topic; no two are the same."""
    pools = {topic: _pools(topic) for topic in topics}
    chance = random.Random(seed)
    return [
        _student(folder / f"student{number:04}", {topic: _module(pools[topic], chance, number) for topic in topics})
        for number in range(count)
    ]


def _pools(topic: str) -> tuple[list[bytes], list[bytes], list[bytes]]:
    solution = (ROOT / "solutions" / f"{topic}.py").read_bytes()
    right, wrong = ([entry.source() for entry in bank.entries(kind, topic)] for kind in ("alternatives", "mistakes"))
    return [solution], right, wrong


def _module(pools: tuple[list[bytes], list[bytes], list[bytes]], chance: random.Random, number: int) -> bytes:
    """One of the bank's modules, and a comment of the student's own: as in a class, no two files are equal."""
    kind = chance.choices(pools, ((1 - MISTAKEN) / 2, (1 - MISTAKEN) / 2, MISTAKEN))[0]
    return chance.choice(kind) + f"\n# handed in by student {number}\n".encode()


def _student(folder: Path, modules: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True)
    for topic, source in modules.items():
        (folder / f"{topic}.py").write_bytes(source)
    return folder
