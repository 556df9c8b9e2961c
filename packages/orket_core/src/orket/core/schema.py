"""The shape of ``orket.toml``, checked without any library: commands that only choose must start in milliseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypedDict, cast

from orket.core.errors import ConfigError, Diagnostic, closest
from orket.core.families import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["EFFECTS", "Config", "checked", "keys"]

EFFECTS = ("read", "write", "network", "execute")


class Gate(TypedDict, total=False):
    """``[gate]``: whether nodes must be proved, and where the proofs are."""

    mode: str
    evidence: str
    max_age_days: float
    nodes: dict[str, dict[str, str]]


class Plugins(TypedDict, total=False):
    """``[plugins]``: patterns of distributions that may supply nodes and tools."""

    allow: list[str]
    deny: list[str]


class Tools(TypedDict, total=False):
    """``[tools]``: which tool groups are offered, and what foreign tools do."""

    groups: list[str]
    effects: dict[str, list[str]]
    unconfined: list[str]


class Observers(TypedDict, total=False):
    """``[observers]``: who watches, and with which options."""

    enable: list[str]
    options: dict[str, dict[str, object]]


class WorkspaceTable(TypedDict, total=False):
    """``[workspace]``: where tools find files."""

    root: str
    references: list[str]


class LimitsTable(TypedDict, total=False):
    """``[limits]``: what holds for tools that say nothing of their own, and for all."""

    timeout: float
    max_output: int
    concurrency: int
    session_concurrency: int
    queue: int
    allow_effects: list[str]


class Config(TypedDict, total=False):
    """A whole configuration file."""

    process_rules: dict[str, object]
    nodes: dict[str, dict[str, dict[str, object]]]
    gate: Gate
    plugins: Plugins
    tools: Tools
    observers: Observers
    workspace: WorkspaceTable
    limits: LimitsTable


class _Value(NamedTuple):
    expected: str
    holds: Callable[[object], bool]


class _Each(NamedTuple):
    """A table with any keys, each value of one shape."""

    shape: _Shape


_Shape: TypeAlias = "_Value | _Each | dict[str, _Shape]"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _is_count(value: object) -> bool:
    return isinstance(value, int) and _is_number(value)


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _one_of(*words: str) -> _Value:
    return _Value(" or ".join(f'"{word}"' for word in words), words.__contains__)


def _list_of(expected: str, holds: Callable[[object], bool]) -> _Value:
    def each(value: object) -> bool:
        return isinstance(value, list) and all(map(holds, cast("list[object]", value)))

    return _Value(expected, each)


_TEXT = _Value("a text that is not empty", _is_text)
_TEXTS = _list_of("a list of texts that are not empty", _is_text)
_EFFECTS = _list_of("a list out of " + ", ".join(f'"{word}"' for word in EFFECTS), EFFECTS.__contains__)
_DAYS = _Value("a number of days above 0", _is_number)
_SECONDS = _Value("a number of seconds above 0", _is_number)
_COUNT = _Value("a whole number above 0", _is_count)
_TABLE = _Value("a table", _is_table)
_MODE = _one_of("enforce", "warn")

_SHAPE: dict[str, _Shape] = {
    "process_rules": {
        **{family.rule: _TEXT for family in FAMILIES},
        "on_unusable_node": _one_of("error", "no-tools"),
        "allowed_nodes": {family.name: _TEXTS for family in FAMILIES},
    },
    "nodes": {family.name: _Each(_TABLE) for family in FAMILIES},
    "gate": {"mode": _MODE, "evidence": _TEXT, "max_age_days": _DAYS, "nodes": _Each({"mode": _MODE})},
    "plugins": {"allow": _TEXTS, "deny": _TEXTS},
    "tools": {"groups": _TEXTS, "effects": _Each(_EFFECTS), "unconfined": _TEXTS},
    "observers": {"enable": _TEXTS, "options": _Each(_TABLE)},
    "workspace": {"root": _TEXT, "references": _TEXTS},
    "limits": {
        "timeout": _SECONDS,
        "max_output": _COUNT,
        "concurrency": _COUNT,
        "session_concurrency": _COUNT,
        "queue": _COUNT,
        "allow_effects": _EFFECTS,
    },
}


def checked(table: Mapping[str, object], where: str) -> Config:
    """``table`` as a configuration.

    Raises:
        ConfigError: a key that there is not, or a value of another kind; it names the key and ``where``.
    """
    _check(table, _SHAPE, "", where)
    return cast("Config", table)


def keys() -> Iterator[str]:
    """Every key that a configuration may have, dotted; ``<name>`` stands for one that is free."""
    return _keys(_SHAPE, "")


def _keys(shape: _Shape, above: str) -> Iterator[str]:
    if isinstance(shape, _Value):
        yield above
        return
    inner = {"<name>": shape.shape} if isinstance(shape, _Each) else shape
    for name, one in inner.items():
        yield from _keys(one, f"{above}.{name}" if above else name)


def _check(value: object, shape: _Shape, key: str, where: str) -> None:
    if isinstance(shape, _Value):
        if not shape.holds(value):
            raise _invalid(f"'{key}' must be {shape.expected}, not {value!r}.", where)
        return
    if not isinstance(value, dict):
        raise _invalid(f"'{key}' must be a table, not {value!r}.", where)
    for name, entry in cast("dict[str, object]", value).items():
        place = f"{key}.{name}" if key else name
        if isinstance(shape, _Each):
            _check(entry, shape.shape, place, where)
        elif name in shape:
            _check(entry, shape[name], place, where)
        else:
            hint = closest(name, shape) or "see docs/configuration.md for every key"
            raise _invalid(f"There is no key '{place}'.", where, found=", ".join(shape), hint=hint)


def _invalid(message: str, where: str, *, found: str = "", hint: str = "") -> ConfigError:
    return ConfigError(Diagnostic("invalid-config", message, looked_in=where, found=found, hint=hint))
