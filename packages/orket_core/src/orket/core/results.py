"""What a tool gave, as JSON can say it and no larger than it may be."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary

from orket.core.contain import contained, describe
from orket.core.outputs import path_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import TypeAdapter

__all__ = ["BadResult", "TooLarge", "capped", "fitting", "plain", "without_reference"]

_DEEPEST = 200
_NOTE = 100  # bytes, more than the note between head and tail takes
_LONGEST_INTEGER = 14_000  # bits; Python itself refuses to write or read 4,300 digits, which is little more


class BadResult(Exception):  # noqa: N818 - a finding about a result
    """A result that JSON cannot say; the text says what in it."""


class TooLarge(Exception):  # noqa: N818 - a finding about a result
    """A structured result over its limit; the text says how large it is."""


def fitting(value: object, limit: int, kept_as: str = "") -> tuple[object, str | None]:
    """``value`` as JSON values within ``limit`` bytes, and the whole text where it was cut.

    Args:
        value: what a tool gave.
        limit: how many bytes of JSON it may have.
        kept_as: the call whose whole output will be kept in the workspace; the cut text says where.

    Raises:
        BadResult: JSON cannot say it.
        TooLarge: it is over the limit, and no text that could be cut.
    """
    if type(value) is str and value.isascii() and len(value) <= limit:  # by far the most common
        return value, None
    return capped(plain(value), limit, kept_as)


def plain(value: object, depth: int = 0) -> object:
    """``value`` as JSON values: models and dataclasses dumped, tuples as lists.

    Raises:
        BadResult: something in it is no JSON value, for example a set, NaN, a lone surrogate or a cycle.
    """
    if value is None or type(value) is bool:
        return value
    if type(value) is int:
        if value.bit_length() > _LONGEST_INTEGER:
            raise BadResult(f"an integer of {value.bit_length():,} bits is too long for a JSON number")
        return value
    if type(value) is str:
        return value if value.isascii() else _whole_characters(value)
    if type(value) is float:
        if not math.isfinite(value):
            raise BadResult(f"{value} is no JSON number")
        return value
    if depth > _DEEPEST:
        raise BadResult(f"it is nested more than {_DEEPEST} deep, or contains itself")
    if isinstance(value, list | tuple):
        return [plain(item, depth + 1) for item in cast("Iterable[object]", value)]
    if isinstance(value, Mapping):
        entries = cast("Mapping[object, object]", value)
        return {_key(key): plain(item, depth + 1) for key, item in entries.items()}
    return plain(_exact(value) if isinstance(value, str | int | float) else _dump(value), depth + 1)


def capped(value: object, limit: int, kept_as: str = "") -> tuple[object, str | None]:
    """``value`` within ``limit`` bytes of JSON, and the whole text where it was cut.

    Text, also where it is the only long entry of a mapping, is cut to its head and tail.

    Raises:
        TooLarge: a structure is over the limit, which cannot be cut without changing what it says.
    """
    if isinstance(value, str):
        if len(value) * 4 <= limit or len(value.encode()) <= limit:
            return value, None
        return _cut(value, limit - _NOTE, _reference(kept_as)), value
    if value is None or isinstance(value, bool | int | float):
        return value, None
    length = _size(value)
    if length <= limit:
        return value, None
    if isinstance(value, dict):
        entries = cast("dict[str, object]", value)
        texts = {name: text for name, text in entries.items() if isinstance(text, str)}
        name, text = max(texts.items(), key=lambda entry: len(entry[1]), default=("", ""))
        rest = length - _size(text)
        if rest < limit // 2:
            return {**entries, name: _cut_as_json(text, limit - rest, _reference(kept_as))}, text
    raise TooLarge(f"{length:,} bytes of JSON, where {limit:,} are allowed")


def without_reference(value: object, kept_as: str) -> object:
    """A cut ``value`` that does not say any more where the whole is."""
    if isinstance(value, str):
        return value.replace(_reference(kept_as), "")
    entries = cast("dict[str, object]", value)
    return {
        name: without_reference(entry, kept_as) if isinstance(entry, str) else entry
        for name, entry in entries.items()
    }


def _reference(kept_as: str) -> str:
    return f"; the whole is in {path_of(kept_as)}" if kept_as else ""


def _cut(text: str, room: int, reference: str) -> str:
    """The first three quarters and the last quarter of what fits into ``room`` bytes, at whole characters."""
    data = text.encode()
    room = max(room - len(reference), 0)
    head = data[: room * 3 // 4].decode(errors="ignore")
    tail = data[len(data) - room // 4 :].decode(errors="ignore")
    left_out = f"{len(text) - len(head) - len(tail):,} of {len(text):,} characters left out"
    return f"{head}\n[… {left_out}{reference} …]\n{tail}"


def _cut_as_json(text: str, limit: int, reference: str) -> str:
    """``text`` cut so that it fits as JSON, where a quote or a newline takes more room than it has bytes."""
    room = limit - _NOTE
    cut = _cut(text, room, reference)
    while (size := _size(cut)) > limit and room > 0:
        room = room * (limit - _NOTE) // size
        cut = _cut(text, room, reference)
    return cut


def _size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())


def _whole_characters(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadResult(f"text with a lone surrogate at character {error.start}") from None
    return text


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise BadResult(f"the key {key!r} of an object is no text")
    key = str.__str__(key)
    return key if key.isascii() else _whole_characters(key)


def _exact(value: str | float) -> object:
    """The value of a subclass, such as a member of an enumeration, whatever the subclass says of itself."""
    if isinstance(value, str):
        return str.__str__(value)
    return int.__int__(value) if isinstance(value, int) else float.__float__(value)


def _dump(value: object) -> object:
    if isinstance(value, type):
        raise BadResult(f"the class {value.__name__} is no JSON value")
    if is_dataclass(value) or hasattr(type(value), "__pydantic_serializer__"):
        with contained() as guard:
            return _adapter(type(value)).dump_python(value, mode="json")
        raise BadResult(
            f"a {type(value).__name__} cannot be dumped: {describe(cast('BaseException', guard.error))}"
        )
    raise BadResult(f"a {type(value).__name__} is no JSON value")


_ADAPTERS: WeakKeyDictionary[type, TypeAdapter[object]] = WeakKeyDictionary()


def _adapter(kind: type) -> TypeAdapter[object]:
    from pydantic import TypeAdapter

    known = _ADAPTERS.get(kind)
    if known is None:
        known = _ADAPTERS[kind] = TypeAdapter(kind)
    return known
