"""Names for what differs from run to run, so that two runs can be compared: made-up ids, times, the world's folders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from orket.testkit.parity.scenes import Scene

__all__ = ["Names", "masked"]

_MADE_UP = re.compile(
    r"""(?x)
    (?P<time> \b \d{4}-\d\d-\d\d [T ] \d\d:\d\d (?: :\d\d (?: [.]\d+ )? )? (?: Z | [+-]\d\d:?\d\d )? | (?<![0-9a-zA-Z])
              \d{8}T\d{6} Z? (?![0-9a-zA-Z]) )
    | (?P<id> (?<![0-9a-zA-Z]) (?<!sha256:) (?: [0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}   # UUID
              | [0-9A-HJKMNP-TV-Z]{26}                                                  # ULID
              | [0-9a-f]{8,} ) (?![0-9a-zA-Z]) )
    """
)


def masked(text: str) -> str:
    """``text`` without what may be made up, for an order that is the same in every run."""
    return _MADE_UP.sub("", text)


class Names:
    """The names of one run. The same id has the same name wherever it stands, so that relations survive."""

    def __init__(self, scene: Scene, folders: Mapping[str, str]) -> None:
        """Begin a run.

        Args:
            scene: what it gives itself was not made up, and keeps its own name.
            folders: the name of each folder of the world; the ones inside others first.
        """
        self._scene = scene
        self._folders = folders
        self._known: dict[str, str] = {}

    def of(self, value: object) -> object:
        """``value`` with everything that differs from run to run replaced by its name."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            entries = cast("Mapping[str, object]", value)
            return {self._text(key): self.of(entry) for key, entry in entries.items()}
        if isinstance(value, list | tuple):
            return [self.of(entry) for entry in cast("list[object]", value)]
        return value

    def _text(self, text: str) -> str:
        for folder, name in self._folders.items():
            text = text.replace(folder, name)
        return _MADE_UP.sub(self._name, text)

    @property
    def _name(self) -> Callable[[re.Match[str]], str]:
        def name(match: re.Match[str]) -> str:
            found = match[0]
            if found not in self._known and not self._scene.mentions(found):
                kind = match.lastgroup or "id"
                count = sum(one.startswith(f"<{kind}-") for one in self._known.values())
                self._known[found] = f"<{kind}-{count + 1}>"
            return self._known.get(found, found)

        return name
