"""How the seam treats the calls of a tool, as the tool's author says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

from orket.core.errors import ConfigError, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Policies", "check_policies"]


class Policies(TypedDict, total=False):
    """How the seam treats the calls of a tool; ``None`` leaves a policy to the application's ``[limits]``."""

    timeout: float | None
    retry: int
    idempotent: bool
    serial: bool
    concurrency: int | None
    rate: int | None
    budget: int | None
    approval: bool
    max_output: int | None
    host: bool
    confine: bool


def check_policies(given: Mapping[str, object], tool: str) -> None:
    """Look at what is given for policies, before a call trips over it; what is no policy is passed over.

    Raises:
        ConfigError: a policy of the tool has a value that it cannot have.
    """
    for name, value in given.items():
        if name in _VALUES and not _VALUES[name].fits(value):
            message = f"'{name}' of tool '{tool}' must be {_VALUES[name].meaning}, not {value!r}."
            raise ConfigError(Diagnostic("invalid-config", message))


class _Value(NamedTuple):
    meaning: str
    fits: Callable[[object], bool]


def _is_truth(value: object) -> bool:
    return isinstance(value, bool)


def _is_seconds(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and value > 0)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: object) -> bool:
    return value is None or _is_whole(value)


def _is_count(value: object) -> bool:
    return value is None or (_is_whole(value) and value != 0)


_TRUTH = _Value("True or False", _is_truth)
_SECONDS = _Value("a number of seconds above 0, or None", _is_seconds)
_WHOLE = _Value("a whole number of 0 or more", _is_whole)
_NUMBER = _Value("a whole number of 0 or more, or None", _is_number)
_COUNT = _Value("a whole number above 0, or None", _is_count)
_VALUES = {
    "timeout": _SECONDS,
    "retry": _WHOLE,
    "idempotent": _TRUTH,
    "serial": _TRUTH,
    "concurrency": _COUNT,
    "rate": _NUMBER,
    "budget": _NUMBER,
    "approval": _TRUTH,
    "max_output": _COUNT,
    "host": _TRUTH,
    "confine": _TRUTH,
}
