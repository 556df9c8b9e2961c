"""Values that a JSON Schema allows, as Hypothesis strategies: options of nodes, arguments of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hypothesis.strategies import SearchStrategy
    from jsonschema.protocols import Validator

    Schema = Mapping[str, Any]  # what a schema's keywords hold depends on the keyword
    T = TypeVar("T")

__all__ = ["examples", "values"]

_ODD = ("(", "[", "*", "{", "%")
"""Texts that are no patterns, no formats and no names of files, for whoever takes every text for one."""

_ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def examples(strategy: SearchStrategy[T], count: int, number: int) -> list[T]:
    """Up to ``count`` values of a strategy; the same ones for the same ``number`` in every process."""
    drawn: list[T] = []

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(strategy)
    def draw(value: T) -> None:
        drawn.append(value)

    draw()
    return drawn[:count]


def values(schema: Mapping[str, object], words: Sequence[str] = ()) -> SearchStrategy[Any]:
    """Values that ``schema`` allows.

    Args:
        schema: JSON Schema 2020-12. What it refers to must be in it. Of keywords that are rare in schemas of
            arguments, such as ``not`` and ``pattern``, values are drawn anyhow and kept if they fit.
        words: texts that are likely to mean something where they stand; other texts are drawn as well.
    """
    from jsonschema import Draft202012Validator

    validator: Validator = Draft202012Validator(schema)
    return _Drawing(schema, words).of(schema).filter(lambda value: not any(validator.iter_errors(value)))  # pyright: ignore[reportUnknownMemberType]  # jsonschema's stubs


class _Drawing:
    """One schema on the way to a strategy; each part that it refers to is drawn once."""

    def __init__(self, root: Schema, words: Sequence[str]) -> None:
        self._root = root
        self._parts: dict[str, SearchStrategy[Any]] = {}
        self._text = st.text(max_size=12) | st.sampled_from(_ODD)
        self._word = st.sampled_from(words) | self._text if words else self._text

    def of(self, schema: Schema | bool) -> SearchStrategy[Any]:
        if isinstance(schema, bool):
            return _ANY if schema else st.nothing()
        match schema:
            case {"$ref": str(place)}:
                return self._part(place)
            case {"const": value}:
                return st.just(value)
            case {"enum": [*members]}:
                return st.sampled_from(members)
            case {"anyOf": [*choices]} | {"oneOf": [*choices]}:
                rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
                return st.one_of(*(self.of({**rest, **choice}) for choice in choices))
            case {"allOf": [*parts]}:
                rest = {key: value for key, value in schema.items() if key != "allOf"}
                return self.of({key: value for part in (rest, *parts) for key, value in part.items()})
            case {"type": [*kinds]}:
                return st.one_of(*(self.of({**schema, "type": kind}) for kind in kinds))
            case _:
                return self._plain(schema)

    def _part(self, place: str) -> SearchStrategy[Any]:
        if place not in self._parts:
            part: Any = self._root
            for step in place.removeprefix("#").split("/")[1:]:
                part = part[step.replace("~1", "/").replace("~0", "~")]
            self._parts[place] = st.deferred(lambda: self.of(part))
        return self._parts[place]

    def _plain(self, schema: Schema) -> SearchStrategy[Any]:
        match schema.get("type", "object" if "properties" in schema else None):
            case "null":
                return st.none()
            case "boolean":
                return st.booleans()
            case "integer":
                return st.integers(*_bounds(schema, 1))
            case "number":
                low, high = _bounds(schema, 0)
                return st.floats(low, high, allow_nan=False, allow_infinity=False, width=64)
            case "string":
                return self._string(schema)
            case "array":
                return self._array(schema)
            case "object":
                return self._object(schema)
            case _:
                return _ANY

    def _string(self, schema: Schema) -> SearchStrategy[str]:
        if "pattern" in schema:
            return st.from_regex(str(schema["pattern"]))
        low, high = schema.get("minLength", 0), schema.get("maxLength")
        if low == 0 and high is None:
            return self._word
        return st.text(min_size=low, max_size=high if high is not None else low + 12) | self._word

    def _array(self, schema: Schema) -> SearchStrategy[list[Any]]:
        first = [self.of(one) for one in schema.get("prefixItems", ())]
        low = max(0, schema.get("minItems", 0) - len(first))
        high = max(low, min(schema.get("maxItems", low + 4), low + 4) - len(first))
        more = schema.get("items", not first)
        rest = st.lists(self.of(more), min_size=low, max_size=0 if more is False else high)
        return st.tuples(st.tuples(*first), rest).map(lambda both: [*both[0], *both[1]])

    def _object(self, schema: Schema) -> SearchStrategy[dict[str, Any]]:
        fields = {name: self.of(part) for name, part in schema.get("properties", {}).items()}
        required = set(schema.get("required", ()))
        known = st.fixed_dictionaries(
            {name: part for name, part in fields.items() if name in required},
            optional={name: part for name, part in fields.items() if name not in required},
        )
        others = schema.get("additionalProperties", not fields)
        if others is False:
            return known
        more = st.dictionaries(
            self._word, self.of(others), min_size=schema.get("minProperties", 0), max_size=4
        )
        return st.tuples(more, known).map(lambda both: both[0] | both[1])


def _bounds(schema: Schema, beside: int) -> tuple[Any, Any]:
    """The least and the greatest number allowed, ``None`` for none; ``beside`` is how far off an exclusive one is."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        low = schema["exclusiveMinimum"] + beside
    if "exclusiveMaximum" in schema:
        high = schema["exclusiveMaximum"] - beside
    return low, high
