"""What a tool gave: as JSON can say it, and no larger than it may be."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from orket.core.results import BadResult, TooLarge, capped, fitting, plain


class Level(IntEnum):
    LOW = 1


class Colour(StrEnum):
    RED = "red"


class Size(str, Enum):  # noqa: UP042 - older than StrEnum, and says something else in str()
    LARGE = "large"


class Plain(Enum):
    ONE = 1


class Point(BaseModel):
    x: int
    tags: set[str] = set()
    when: datetime | None = None


@dataclass
class Box:
    width: float
    points: list[Point] = field(default_factory=list[Point])


@dataclass
class Anything:
    value: object


class Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "something else"


class Pair(NamedTuple):
    left: int
    right: str


PLAIN: Any = [
    (None, None),
    (True, True),
    (0, 0),
    (-1.5, -1.5),
    ("", ""),
    ("naïve 🐍", "naïve 🐍"),
    ([1, [2, {"a": None}]], [1, [2, {"a": None}]]),
    ((1, (2,)), [1, [2]]),
    (Pair(1, "b"), [1, "b"]),
    (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
    (MappingProxyType({"a": (1,)}), {"a": [1]}),
    (Level.LOW, 1),
    (Colour.RED, "red"),
    (Size.LARGE, "large"),
    (Text("a"), "a"),
    ({Size.LARGE: Level.LOW}, {"large": 1}),
    (Point(x=1), {"x": 1, "tags": [], "when": None}),
    (Point(x=1, when=datetime(2030, 1, 2)), {"x": 1, "tags": [], "when": "2030-01-02T00:00:00"}),  # noqa: DTZ001 - a time without a zone is a value too
    ([Box(1.0, [Point(x=1)])], [{"width": 1.0, "points": [{"x": 1, "tags": [], "when": None}]}]),
    (Anything([1, "b"]), {"value": [1, "b"]}),
]


@pytest.mark.parametrize(("value", "expected"), PLAIN, ids=range(len(PLAIN)))
def test_what_json_can_say_is_said(value: object, expected: object) -> None:
    said = plain(value)

    assert said == expected
    assert json.loads(json.dumps(said)) == expected


@pytest.mark.parametrize("value", [Colour.RED, Size.LARGE, Text("a"), Level.LOW])
def test_what_is_said_is_of_jsons_own_types(value: object) -> None:
    assert type(plain(value)) in (str, int)


def test_keys_are_plain_text() -> None:
    (key,) = cast("dict[str, int]", plain({Size.LARGE: 1}))

    assert type(key) is str


def nested(depth: int) -> object:
    value: list[object] = []
    for _ in range(depth):
        value = [value]
    return value


def cycle() -> object:
    value: dict[str, object] = {}
    value["self"] = [value]
    return value


DEEP = "it is nested more than 200 deep, or contains itself"
BAD: Any = [
    ({1, 2}, "a set is no JSON value"),
    (frozenset(), "a frozenset is no JSON value"),
    (object(), "a object is no JSON value"),
    (b"bytes", "a bytes is no JSON value"),
    (1j, "a complex is no JSON value"),
    (datetime(2030, 1, 2), "a datetime is no JSON value"),  # noqa: DTZ001 - a time without a zone is a value too
    (Plain.ONE, "a Plain is no JSON value"),
    (Point, "the class Point is no JSON value"),
    (Box, "the class Box is no JSON value"),
    (iter([]), "a list_iterator is no JSON value"),
    (float("nan"), "nan is no JSON number"),
    (float("inf"), "inf is no JSON number"),
    (float("-inf"), "-inf is no JSON number"),
    (10**5_000, "an integer of 16,610 bits is too long for a JSON number"),
    ("ab\ud800", "text with a lone surrogate at character 2"),
    ({"\udfff": 1}, "text with a lone surrogate at character 0"),
    ({1: "a"}, "the key 1 of an object is no text"),
    ({None: "a"}, "the key None of an object is no text"),
    ({("a", 1): "a"}, "the key ('a', 1) of an object is no text"),
    ({"a": [{"b": {1}}]}, "a set is no JSON value"),
    (Box(float("nan")), "nan is no JSON number"),
    (nested(201), DEEP),
    (nested(100_000), DEEP),
    (cycle(), DEEP),
]


@pytest.mark.parametrize(("value", "reason"), BAD, ids=range(len(BAD)))
def test_what_json_cannot_say_is_a_bad_result(value: object, reason: str) -> None:
    with pytest.raises(BadResult) as caught:
        plain(value)

    assert str(caught.value) == reason


def test_a_model_that_cannot_be_dumped_is_a_bad_result_with_the_reason() -> None:
    with pytest.raises(
        BadResult, match="a Anything cannot be dumped: PydanticSerializationError: Unable to serialize"
    ):
        plain(Anything(object()))


def test_two_hundred_levels_are_fine() -> None:
    assert plain(nested(200)) == nested(200)


def test_a_value_within_its_limit_is_left_as_it_is() -> None:
    for value in ("x" * 100, {"a": "x" * 91}, [1, 2], None, 3.5):
        assert fitting(value, 100) == (value, None)


@pytest.mark.parametrize("text", ["x" * 101, "é" * 51])
def test_the_limit_counts_bytes_not_characters(text: str) -> None:
    assert fitting(text, 100)[1] == text
    assert fitting(text[1:], 100) == (text[1:], None)


def test_long_text_keeps_three_quarters_head_and_one_quarter_tail() -> None:
    text = "".join(f"{number:04}" for number in range(2_500))

    cut, whole = fitting(text, 500)
    assert whole == text
    assert cut == f"{text[:300]}\n[… 9,600 of 10,000 characters left out …]\n{text[-100:]}"


@settings(deadline=None)
@given(st.text(min_size=200, max_size=400), st.integers(100, 800))
def test_cut_text_fits_and_is_made_of_whole_characters(text: str, limit: int) -> None:
    cut, whole = fitting(text, limit)

    assert isinstance(cut, str)
    assert len(cut.encode()) <= limit
    assert whole is None or "characters left out" in cut
    head, _, rest = cut.partition("\n[… ")
    assert text.startswith(head)
    assert text.endswith(rest.partition("…]\n")[2])


def test_the_one_long_text_of_a_mapping_is_cut_and_the_rest_kept() -> None:
    cut, whole = fitting({"path": "a.txt", "content": "x" * 1_000, "lines": 1}, 500)

    assert isinstance(cut, Mapping)
    assert (cut["path"], cut["lines"], whole) == ("a.txt", 1, "x" * 1_000)
    assert "characters left out" in cut["content"]


@pytest.mark.parametrize("letter", ["x", '"', "\n", "\0", "é", "🐍", '\\"'])
def test_a_mapping_with_a_cut_text_fits_as_json_and_wastes_little_of_its_room(letter: str) -> None:
    cut, _ = fitting({"content": letter * 5_000}, 1_000)

    assert 700 < len(json.dumps(cut, ensure_ascii=False).encode()) <= 1_000


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (list(range(200)), "890 bytes of JSON, where 100 are allowed"),
        ({"a": "x" * 80, "b": "x" * 80}, "178 bytes of JSON, where 100 are allowed"),
        ({"items": [1] * 1_000}, "3,011 bytes of JSON, where 100 are allowed"),
        ({"é" * 60: 1}, "127 bytes of JSON, where 100 are allowed"),
    ],
    ids=range(4),
)
def test_a_structure_over_its_limit_is_too_large(value: object, reason: str) -> None:
    with pytest.raises(TooLarge) as caught:
        fitting(value, 100)

    assert str(caught.value) == reason


def test_a_limit_smaller_than_the_note_leaves_the_note() -> None:
    assert capped("x" * 1_000, 10) == ("\n[… 1,000 of 1,000 characters left out …]\n", "x" * 1_000)
