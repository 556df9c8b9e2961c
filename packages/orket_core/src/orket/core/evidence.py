"""Evidence: the record that a node passed its family's checks as exactly these bytes, and what is installed now."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from orket.core.errors import Diagnostic, OrketError
from orket.core.payload import digest, payload

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from orket.core.discovery import Catalog
    from orket.core.family import Family, NodeRef

__all__ = ["Bytes", "Check", "Evidence", "Installed", "find", "installed", "write"]

_FORMAT = 1
_CORE = "orket-core"


class Bytes(NamedTuple):
    """One distribution as it is installed."""

    version: str
    digest: str
    """SHA-256 over its files, ``sha256:`` and 64 hexadecimal digits."""
    files: Mapping[str, str]
    """The SHA-256 of each file, so that a difference can be named."""


class Installed(NamedTuple):
    """What is installed of a node, as far as evidence depends on it."""

    payload: Bytes
    dependencies: Mapping[str, Bytes]
    """The distributions it needs and core does not, by name."""
    contract: int
    profile: tuple[str, ...]
    """Ids of the checks that its family requires."""
    platform: str = ""
    """Python X.Y and the platform, for families whose nodes depend on them."""
    editable: bool = False
    strays: tuple[str, ...] = ()
    """Importable files that no RECORD knows."""


class Check(NamedTuple):
    """One law or parity check, and how it went."""

    id: str
    status: str
    """``passed``, ``failed``, ``pending``, ``missing`` or ``error``."""
    detail: str = ""


class Evidence(NamedTuple):
    """What a proof recorded. The gate compares the first fields; ``recorded`` is for people."""

    node: str
    """Identity, ``family/distribution:name``."""
    installed: Installed
    checks: tuple[Check, ...]
    recorded: Mapping[str, object]
    """Versions, seeds, budgets and times of the proof; ``time`` is in seconds since the epoch."""

    @property
    def time(self) -> float:
        """When it was proved, in seconds since the epoch; 0 where that was not recorded."""
        time = self.recorded.get("time", 0.0)
        return float(time) if isinstance(time, int | float) else 0.0


def installed(family: Family[object], ref: NodeRef, catalog: Catalog, contract: int) -> Installed:
    """Measure what is installed of ``ref`` and of what it needs.

    Raises:
        OrketError: a distribution does not say what it installed.
    """
    own = payload(ref.location)
    dependencies = {}
    strays = list(own.strays)
    for name in _needed(ref.location, catalog):
        other = payload(catalog.metadata[name])
        dependencies[name] = _bytes(_version(catalog.metadata[name]), other.hashes())
        strays += other.strays
    return Installed(
        _bytes(ref.version, own.hashes()),
        dependencies,
        contract,
        family.checks,
        _platform() if family.platform_bound else "",
        own.editable,
        tuple(strays),
    )


def _bytes(version: str, hashes: Mapping[str, str]) -> Bytes:
    return Bytes(version, digest(hashes), hashes)


def find(folder: str, ref: NodeRef, current: Installed) -> Evidence | None:
    """The evidence of ``ref`` in ``folder``: that for the bytes installed now, else the newest for other bytes.

    Raises:
        OrketError: a file of this node's is no evidence.
    """
    start = f"{ref.distribution}.{ref.name}."
    place = os.path.join(folder, ref.family)
    try:
        names = sorted(name for name in os.listdir(place) if name.startswith(start) and name.endswith(".json"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    every = [one for name in names if (one := _read(os.path.join(place, name))).node == ref.identity]
    same = [one for one in every if one.installed.payload.digest == current.payload.digest]
    return max(same or every, key=lambda one: one.time, default=None)


def write(folder: str, ref: NodeRef, evidence: Evidence) -> str:
    """Write ``evidence`` as canonical JSON, whole or not at all, and give the file's path."""
    import json

    proved = evidence.installed
    name = f"{ref.distribution}.{ref.name}.{proved.payload.digest.removeprefix('sha256:')[:12]}.json"
    file = os.path.join(folder, ref.family, name)
    plain = {
        "format": _FORMAT,
        "node": evidence.node,
        "payload": proved.payload._asdict(),
        "dependencies": {name: other._asdict() for name, other in proved.dependencies.items()},
        "contract": proved.contract,
        "profile": proved.profile,
        "platform": proved.platform,
        "editable": proved.editable,
        "checks": [check._asdict() for check in evidence.checks],
        "recorded": evidence.recorded,
    }
    os.makedirs(os.path.dirname(file), exist_ok=True)
    temporary = f"{file}.{os.getpid()}.tmp"
    with open(temporary, "w", encoding="utf-8") as stream:
        stream.write(json.dumps(plain, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    os.replace(temporary, file)
    return file


def _read(file: str) -> Evidence:
    import json

    try:
        with open(file, encoding="utf-8") as stream:
            plain = json.load(stream)
        if plain["format"] != _FORMAT:
            raise ValueError(f"format {plain['format']!r}, where this version reads {_FORMAT}")
        proved = Installed(
            _bytes_of(plain["payload"]),
            {str(name): _bytes_of(other) for name, other in plain["dependencies"].items()},
            int(plain["contract"]),
            tuple(str(check) for check in plain["profile"]),
            str(plain["platform"]),
            bool(plain["editable"]),
        )
        checks = tuple(Check(str(one["id"]), str(one["status"]), str(one["detail"])) for one in plain["checks"])
        return Evidence(str(plain["node"]), proved, checks, dict(plain["recorded"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise OrketError(
            Diagnostic(
                "gate-failed",
                f"This is no evidence: {type(error).__name__}: {error}",
                looked_in=file,
                hint="delete it and prove the node again",
            )
        ) from error


def _bytes_of(plain: Mapping[str, object]) -> Bytes:
    files = plain["files"]
    if not isinstance(files, dict):
        raise TypeError(f"files are {files!r}")
    return Bytes(str(plain["version"]), str(plain["digest"]), {str(name): str(value) for name, value in files.items()})


def _needed(location: str, catalog: Catalog) -> list[str]:
    """The installed distributions that this one needs, directly or through others, and that core does not need."""
    of_core = _closure({_CORE}, catalog, frozenset()) if _CORE in catalog.metadata else {_CORE}
    return sorted(_closure(_requirements(location), catalog, of_core))


def _closure(names: Iterable[str], catalog: Catalog, without: Collection[str]) -> set[str]:
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        if name in catalog.metadata and name not in without and name not in found:
            found.add(name)
            waiting |= _requirements(catalog.metadata[name])
    return found


def _requirements(location: str) -> set[str]:
    """The names after ``Requires-Dist`` that hold here: without extras, their markers true."""
    names = set()
    for line in _headers(location, "Requires-Dist"):
        name = _normalised(re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0])
        if ";" in line:
            from packaging.markers import Marker

            if not Marker(line.partition(";")[2].strip()).evaluate({"extra": ""}):
                continue
        names.add(name)
    return names


def _headers(location: str, key: str) -> list[str]:
    try:
        with open(os.path.join(location, "METADATA"), encoding="utf-8") as stream:
            head = stream.read().partition("\n\n")[0]
    except OSError:
        return []
    return [line.partition(":")[2].strip() for line in head.splitlines() if line.startswith(f"{key}:")]


def _version(location: str) -> str:
    return next(iter(_headers(location, "Version")), "")


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _platform() -> str:
    import platform
    import sys

    return f"{sys.version_info.major}.{sys.version_info.minor} {sys.platform} {platform.machine()}"
