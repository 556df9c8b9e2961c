"""A scene: files to begin with, and calls to make one after the other. Plain values, the same in corpus and traces."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

__all__ = ["Call", "Scene", "filled"]

Arguments: TypeAlias = "str | Mapping[str, object]"

_NOTHING: Mapping[str, object] = {}
_REFERENCE = re.compile(r"\{(\w+)\.(\w+)\}")


class Call(NamedTuple):
    """One call, and who makes it."""

    tool: str
    arguments: Arguments = _NOTHING
    """By name, or the JSON text of an object. ``{label.field}`` in a text is a field of an earlier call's result."""
    label: str = ""
    """What later calls call the result of this one."""
    roles: tuple[str, ...] = ()
    session_id: str | None = None
    extra: Mapping[str, object] = _NOTHING
    together: bool = False
    """Whether it is under way at the same time as the call before it."""

    @classmethod
    def from_dict(cls, given: Mapping[str, object]) -> Self:
        """What ``Scene.as_dict`` made of a call; what is left out is as usual."""
        roles = cast("Sequence[object]", given.get("roles", ()))
        session = given.get("session_id")
        return cls(
            str(given["tool"]),
            cast("Arguments", given.get("arguments", _NOTHING)),
            str(given.get("label", "")),
            tuple(str(role) for role in roles),
            None if session is None else str(session),
            cast("Mapping[str, object]", given.get("extra", _NOTHING)),
            given.get("together") is True,
        )

    def as_dict(self) -> dict[str, object]:
        """Plain JSON; what is as usual is left out."""
        rest = {key: value for key, value in self._asdict().items() if value and key != "tool"}
        return {"tool": self.tool, **rest}


class Scene(NamedTuple):
    """What is played in a world of its own."""

    calls: tuple[Call, ...]
    files: Mapping[str, str] = {}
    """The text of each file that is there before, by its path in the workspace."""
    name: str = ""
    painter: bool = False
    """Whether the application supplies a generator of pictures."""

    @classmethod
    def from_dict(cls, given: Mapping[str, object]) -> Self:
        """What ``as_dict`` gave; a long text may be given as ``[line, how often]``.

        Raises:
            KeyError: it has no calls, or a call names no tool.
        """
        calls = cast("Sequence[Mapping[str, object]]", given["calls"])
        files = cast("Mapping[str, str | Sequence[str]]", given.get("files", {}))
        return cls(
            tuple(map(Call.from_dict, calls)),
            {path: text if isinstance(text, str) else _at_length(*text) for path, text in files.items()},
            str(given.get("name", "")),
            given.get("painter") is True,
        )

    def as_dict(self) -> dict[str, object]:
        """Plain JSON; what is as usual is left out."""
        rest: dict[str, object] = {"files": dict(self.files), "name": self.name, "painter": self.painter}
        kept = {key: value for key, value in rest.items() if value}
        return {"calls": [call.as_dict() for call in self.calls], **kept}

    def groups(self) -> list[list[int]]:
        """The calls' places, those that are under way together in one list."""
        groups: list[list[int]] = []
        for place, call in enumerate(self.calls):
            if call.together and groups:
                groups[-1].append(place)
            else:
                groups.append([place])
        return groups

    def mentions(self, text: str) -> bool:
        """Whether the scene itself gives ``text``, so that no tool can have made it up."""
        return text in json.dumps(self.as_dict(), ensure_ascii=False)


def _at_length(line: str, times: str) -> str:
    return "".join(f"{number} {line}" for number in range(int(times)))


def filled(value: object, results: Mapping[str, object]) -> object:
    """``value`` with each reference to an earlier result replaced; one to a call that gave nothing stays as it is."""
    if isinstance(value, str):
        return _REFERENCE.sub(_field(results), value)
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, object]", value)
        return {key: filled(entry, results) for key, entry in entries.items()}
    if isinstance(value, list):
        return [filled(entry, results) for entry in cast("list[object]", value)]
    return value


def _field(results: Mapping[str, object]) -> Callable[[re.Match[str]], str]:
    def found(match: re.Match[str]) -> str:
        result = results.get(match[1])
        if isinstance(result, Mapping):
            return str(cast("Mapping[str, object]", result).get(match[2], match[0]))
        return match[0]

    return found
