"""What a node declares before it is imported, in the ``orket-node.toml`` of its package."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from orket.core.errors import Diagnostic, ResolutionError, closest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orket.core.family import Family, NodeRef

__all__ = ["Declaration", "check_contract", "declaration"]

_FILE = "orket-node.toml"
_KEYS = ("contract", "provides", "case", "change")

T = TypeVar("T")


class Declaration(NamedTuple):
    """The contract a node is written against, and what it declares of itself."""

    contract: int = 1
    provides: tuple[str, ...] = ()
    """Names of the tools it adds, or replaces with its own."""
    cases: tuple[Mapping[str, object], ...] = ()
    """Circumstances that its laws and parity are checked under."""
    changes: tuple[Mapping[str, object], ...] = ()
    """Differences from the control that are meant."""
    file: str = ""
    """Where it was read; empty where the package has no such file."""


def declaration(ref: NodeRef, files: Mapping[str, str]) -> Declaration:
    """Read what ``ref`` declares; without a file, contract 1 and nothing else.

    Args:
        ref: the node.
        files: the files of its distribution, by their path as imports see it.

    Raises:
        ResolutionError: the file is there and cannot be used.
    """
    package = ref.module.replace(".", "/")
    for folder in (package, package.rpartition("/")[0]):
        if file := files.get(f"{folder}/{_FILE}"):
            return _read(ref, file)
    return Declaration()


def check_contract(declared: Declaration, family: Family[object], ref: NodeRef) -> None:
    """Refuse a node that is written for a contract which this core does not speak.

    Raises:
        ResolutionError: it is.
    """
    if declared.contract != family.contract:
        message = (
            f"Node '{ref.qualified}' is written for contract {declared.contract} of family '{family.name}'."
        )
        hint = "install a version of it that is written for this contract"
        found = f"this orket-core speaks contract {family.contract}"
        raise ResolutionError(Diagnostic("contract-mismatch", message, "", declared.file, found, hint))


def _read(ref: NodeRef, file: str) -> Declaration:
    from tomllib import TOMLDecodeError, load

    try:
        with open(file, "rb") as stream:
            everything: dict[str, object] = load(stream)
    except (OSError, UnicodeDecodeError, TOMLDecodeError) as error:
        hint = "correct it, or install the distribution again"
        raise _mismatch(ref, f"its {_FILE} cannot be read: {error}", file, hint=hint) from error
    for key, value in everything.items():
        if key != ref.name and not isinstance(value, dict):
            raise _mismatch(
                ref, f"'{key}' stands in no node's table", file, hint=f"write [{ref.name}] above it"
            )
    written = everything.get(ref.name, {})
    if not isinstance(written, dict):
        raise _mismatch(ref, f"'{ref.name}' is not a table", file, hint=f"write [{ref.name}]")
    table = cast("dict[str, object]", written)
    for key in table:
        if key not in _KEYS:
            hint = closest(key, _KEYS) or "known are " + ", ".join(_KEYS)
            raise _mismatch(ref, f"there is no key '{ref.name}.{key}'", file, hint=hint)
    contract, provides = table.get("contract", 1), _list(table, "provides", str)
    if type(contract) is not int:
        reason = f"'{ref.name}.contract' must be a whole number, not {contract!r}"
        raise _mismatch(ref, reason, file, hint="write contract = 1")
    if provides is None:
        reason = f"'{ref.name}.provides' must be a list of tools' names, not {table['provides']!r}"
        raise _mismatch(ref, reason, file, hint='write provides = ["name_of_a_tool"]')
    cases, changes = (_tables(ref, table, key, file) for key in ("case", "change"))
    return Declaration(contract, tuple(provides), cases, changes, file)


def _tables(
    ref: NodeRef, table: Mapping[str, object], key: str, file: str
) -> tuple[Mapping[str, object], ...]:
    entries: list[dict[str, object]] | None = _list(table, key, dict)
    if entries is None:
        raise _mismatch(ref, f"'{ref.name}.{key}' must be tables", file, hint=f"write [[{ref.name}.{key}]]")
    return tuple(entries)


def _list(table: Mapping[str, object], key: str, kind: type[T]) -> list[T] | None:
    """The list under a key, ``None`` where that is another thing, or holds one."""
    value = table.get(key, [])
    if not isinstance(value, list):
        return None
    entries = cast("list[object]", value)
    same = [entry for entry in entries if isinstance(entry, kind)]
    return same if len(same) == len(entries) else None


def _mismatch(ref: NodeRef, reason: str, file: str, *, hint: str) -> ResolutionError:
    message = f"Node '{ref.qualified}' declares something that cannot be used: {reason}."
    return ResolutionError(Diagnostic("contract-mismatch", message, looked_in=file, hint=hint))
