"""The process in which ``deterministic`` asks a node again, in a world that is different.

A request is one JSON object on standard input; the answer is a file, the offers of the trials in their order.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from orket.core.proving import import_from
from orket.testkit.circumstances import Circumstance
from orket.testkit.laws.clock import at
from orket.testkit.laws.trials import APPLICATION, Trial
from orket.testkit.subject import Subject, toolset_from
from orket.testkit.toolsets import TOOLSETS

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from orket.core import Toolset

__all__: list[str] = []


class _Everything(os._Environ[str]):  # pyright: ignore[reportPrivateUsage]  # no other way to what others hold already
    """An environment in which every variable is set: whoever asks for one that decides something finds it."""

    def __getitem__(self, key: str) -> str:
        try:
            return super().__getitem__(key)
        except KeyError:
            return "1"


def main() -> None:
    """Answer the request on standard input."""
    request: Mapping[str, Any] = json.load(sys.stdin)
    sys.path[:] = request["path"]
    subject = Subject.from_plain(request["subject"])
    with ExitStack() as world:
        world.enter_context(import_from(subject.sources))
        if request["clock"]:
            world.enter_context(at(request["clock"]))
        toolsets: dict[str, Toolset] = {}
        offers: list[object] = []
        for plain, name in request["trials"]:
            if name not in toolsets:
                toolsets[name] = (
                    toolset_from(request["application"]) if name == APPLICATION else TOOLSETS[name]()
                )
            trial = Trial(subject, Circumstance.from_dict(plain), name, toolsets[name], request["seconds"])
            offered = trial.compose()
            if request["environment"]:  # only now, when what is imported on first use has been
                node = trial.make()
                with _everything_set():
                    offered = trial.compose(node)
            offers.append(None if offered is None else trial.show(offered))
    with open(request["result"], "w", encoding="utf-8") as stream:
        json.dump(offers, stream)
    sys.stdout.flush()
    os._exit(0)  # a node's threads do not hold up the end


@contextmanager
def _everything_set() -> Generator[None]:
    before = os.environ.__class__
    os.environ.__class__ = _Everything
    try:
        yield
    finally:
        os.environ.__class__ = before


if __name__ == "__main__":
    main()
