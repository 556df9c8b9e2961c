"""The two ways to open beneath a folder, over random trees: the same answer to every path, and nothing outside."""

from __future__ import annotations

import errno
import os
import random
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from orket.core.beneath import FOLDER, closing, open_beneath, walk_beneath
from orket.core.openat2 import why_not
from stress.share import share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Open: TypeAlias = Callable[[int, Sequence[str], int], int]
    Answer: TypeAlias = tuple[str, int, int]

__all__ = ["main"]

TREES = 2_000
PATHS = 500  # for each tree
NAMES = ("a", "b", "c", "d")
FLAGS = (os.O_RDONLY | os.O_NONBLOCK, FOLDER, os.O_WRONLY | os.O_NONBLOCK)


def main(argv: list[str]) -> int:
    """Print the counts; 0 where both ways agreed on every path, and neither opened anything outside."""
    trees = max(1, int(TREES * share(argv, __doc__ or "")))
    if reason := why_not():
        print(f"nothing to compare: {reason}")
        return 1
    began, answers, escaped, apart = time.monotonic(), Counter[str](), 0, 0
    for seed in range(trees):
        with tempfile.TemporaryDirectory(prefix="orket-stress-") as folder:
            choice = random.Random(seed)  # noqa: S311 - a run is to be repeated, not to be secret
            top = Path(os.path.realpath(folder))
            _grow(choice, top)
            outside = {(status.st_dev, status.st_ino) for status in _outside(top)}
            with closing(os.open(top / "root", FOLDER)) as root:
                for _ in range(PATHS):
                    parts, flags = _path(choice), choice.choice(FLAGS)
                    ways = [_answer(way, root, parts, flags) for way in (open_beneath, walk_beneath)]
                    answers[ways[0][0]] += 1
                    escaped += sum(way[1:] in outside for way in ways)
                    if ways[0] != ways[1]:
                        apart += 1
                        print(f"tree {seed}, {'/'.join(parts)}, flags {flags:#o}: {ways[0]} and {ways[1]}")
    tried = sum(answers.values())
    print(f"{tried:,} paths through {trees:,} trees in {time.monotonic() - began:.0f} seconds")
    print("answers: " + ", ".join(f"{word} {count:,}" for word, count in answers.most_common()))
    print(f"{escaped:,} escaped, {apart:,} disagreements")
    return 1 if escaped or apart else 0


def _grow(choice: random.Random, top: Path) -> None:
    """Folders, files, pipes and links of every kind beneath ``root``, and a tree like it outside."""
    for root in (top / "outside", top / "root"):
        root.mkdir()
        for _ in range(choice.randint(5, 60)):
            at = root.joinpath(*choice.choices(NAMES, k=choice.randint(1, 4)))
            # Nothing is made through a link: it may lead anywhere on this machine.
            if os.path.lexists(at) or os.path.realpath(at.parent) != str(at.parent):
                continue
            try:
                at.parent.mkdir(parents=True, exist_ok=True)
            except OSError:  # a file stands where a folder is needed
                continue
            match choice.choice(["folder", "file", "pipe", "link", "link", "link"]):
                case "folder":
                    at.mkdir()
                case "file":
                    at.write_text(str(at))
                case "pipe":
                    os.mkfifo(at)
                case _:
                    at.symlink_to(_target(choice, top))


def _target(choice: random.Random, top: Path) -> str:
    words = choice.choices([*NAMES, "..", "..", ".", "", "outside", "root"], k=choice.randint(1, 5))
    start = choice.choice(["", "", "", "", "", f"{top}/root/", "/"])
    return (start + "/".join(words)) or "."


def _path(choice: random.Random) -> list[str]:
    parts = choice.choices([*NAMES, *NAMES, "..", "outside"], k=choice.randint(1, 7))
    return parts + choice.choice([[], [], ["."]])


def _outside(top: Path) -> Iterator[os.stat_result]:
    yield os.stat(top)
    for folder, folders, files in os.walk(top / "outside"):
        yield os.stat(folder)
        for name in (*folders, *files):
            yield os.lstat(os.path.join(folder, name))


def _answer(way: Open, root: int, parts: Sequence[str], flags: int) -> Answer:
    """What was opened, by its device and inode, or the error."""
    try:
        with closing(way(root, parts, flags)) as fd:
            status = os.fstat(fd)
    except OSError as error:
        return errno.errorcode[error.errno or 0], 0, 0
    return "opened", status.st_dev, status.st_ino
