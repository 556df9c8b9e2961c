"""The kernel's way to open beneath a folder, and when it is not taken."""

from __future__ import annotations

import errno
import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orket.core import beneath, openat2

pytestmark = pytest.mark.skipif(bool(openat2.why_not()), reason=openat2.why_not() or "openat2 is there")

READ = os.O_RDONLY | os.O_NONBLOCK


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "f").write_text("text")
    (tmp_path / "out").symlink_to("..")
    fd = os.open(tmp_path, beneath.FOLDER)
    yield fd
    os.close(fd)


def answers(monkeypatch: pytest.MonkeyPatch, *codes: int) -> list[int]:
    """Let the call answer with these error numbers, one after the other, and say how many were used."""
    used: list[int] = []

    def call(root: int, path: bytes, flags: int) -> tuple[int, int]:
        used.append(codes[min(len(used), len(codes) - 1)])
        return -1, used[-1]

    monkeypatch.setattr(openat2, "_syscall", lambda: call)
    return used


def test_a_descriptor_is_given_and_not_inherited(folder: int) -> None:
    fd = openat2.open_in_kernel(folder, "a/f", READ)
    assert fd is not None
    assert os.read(fd, 9) == b"text"
    assert not os.get_inheritable(fd)
    os.close(fd)


def test_a_way_out_is_the_kernels_error(folder: int) -> None:
    for path in ("../x", "out/x", "a/../../x"):
        with pytest.raises(OSError, match="Invalid cross-device link") as caught:
            openat2.open_in_kernel(folder, path, READ)
        assert caught.value.errno == errno.EXDEV


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.EPERM])
def test_without_the_call_the_way_is_walked(folder: int, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, code)
    fd = beneath.open_beneath(folder, ["a", "f"], READ)
    assert os.read(fd, 9) == b"text"
    os.close(fd)


def test_an_uncertain_kernel_is_asked_again_and_then_the_way_is_walked(
    folder: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = answers(monkeypatch, errno.EAGAIN)
    assert openat2.open_in_kernel(folder, "a/f", READ) is None
    assert len(used) == 128


def test_another_system_has_no_such_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")
    assert openat2.why_not() == "plan9 has no openat2"


def test_a_kernel_without_the_call_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, errno.ENOSYS)
    assert openat2.why_not() == "this kernel, or a filter in front of it, does not offer openat2"


def test_both_ways_agree_on_random_trees(tmp_path: Path) -> None:
    """Two thousand paths through folders, files and links of every kind, some of which lead outside."""
    choice = random.Random(7)
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_text("outside")
    names = ["a", "b", "c"]
    for _ in range(40):
        at = root.joinpath(*choice.choices(names, k=choice.randint(1, 3)))
        kind = choice.choice(["folder", "file", "link", "link"])
        if os.path.realpath(at.parent) != str(at.parent):
            continue  # through a link, which may lead anywhere on this machine
        try:
            if kind == "folder":
                at.mkdir(parents=True)
            elif kind == "file":
                at.write_text(str(at))
            else:
                at.symlink_to(
                    "/".join(choice.choices([*names, "..", "..", ".", "/etc"], k=choice.randint(1, 4)))
                )
        except OSError:
            continue
    fd = os.open(root, beneath.FOLDER)
    outcomes: dict[str, int] = {}
    for _ in range(2_000):
        parts = choice.choices([*names, "..", "secret"], k=choice.randint(1, 6)) + choice.choice([[], ["."]])
        ways = [outcome(way, fd, parts) for way in (beneath.open_beneath, beneath.walk_beneath)]
        assert ways[0] == ways[1], parts
        word = str(ways[0][0])
        outcomes[word] = outcomes.get(word, 0) + 1
    os.close(fd)
    assert {"opened", "ENOENT", "EXDEV", "ENOTDIR", "ELOOP"} <= outcomes.keys()


def outcome(way: Callable[[int, list[str], int], int], root: int, parts: list[str]) -> tuple[str, int, int]:
    try:
        fd = way(root, parts, READ)
    except OSError as error:
        return errno.errorcode[error.errno or 0], 0, 0
    status = os.fstat(fd)
    os.close(fd)
    return "opened", status.st_dev, status.st_ino
