"""Evidence: the record that a node passed its family's checks as exactly these bytes, and what is installed now."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, cast

from orket.core.contain import describe
from orket.core.errors import Diagnostic, OrketError
from orket.core.needs import needed
from orket.core.payload import digest, module_of, payload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orket.core.discovery import Catalog
    from orket.core.family import Family, NodeRef
    from orket.core.payload import Payload

__all__ = ["Bytes", "Check", "Evidence", "Found", "Installed", "find", "installed", "write"]

_FORMAT = 1
_NOT_MEASURED = "is in no file that evidence covers"


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
    unfit: tuple[str, ...] = ()
    """What would run and is in nothing measured, in words: no evidence can be about it."""
    sources: Mapping[str, tuple[str, str]] = {}
    """Where each file is on disk, and its SHA-256; for importing what was judged. Not part of evidence."""


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


class Found(NamedTuple):
    """What the folder of evidence holds of a node."""

    evidence: Evidence | None = None
    """That for the bytes installed now, else the newest for other bytes."""
    damaged: tuple[str, ...] = ()
    """Files that are called as its evidence is and are none, each with the reason."""


def installed(
    family: Family[object], ref: NodeRef, catalog: Catalog, contract: int, own: Payload | None = None
) -> Installed:
    """Measure what is installed of ``ref`` and of what it needs.

    Args:
        family: the node's family.
        ref: the node.
        catalog: what is installed.
        contract: the contract that it declares.
        own: the files of its distribution, where they are known already.

    Raises:
        OrketError: a distribution does not say what it installed.
    """
    own = own or payload(ref.location)
    hashes = own.hashes()
    sources = {name: (file, hashes[name]) for name, file in own.files.items()}
    strays = list(own.strays)
    dependencies = {}
    for name, version in needed(ref, catalog).items():
        other = payload(catalog.metadata[name])
        of_other = other.hashes()
        dependencies[name] = _bytes(version, of_other)
        sources |= {name: (file, of_other[name]) for name, file in other.files.items()}
        strays += other.strays
    return Installed(
        _bytes(ref.version, hashes),
        dependencies,
        contract,
        family.checks,
        _platform() if family.platform_bound else "",
        own.editable,
        (*(f"{name}: importable, and unknown to RECORD" for name in strays), *_unmeasured(ref, sources)),
        sources,
    )


def _unmeasured(ref: NodeRef, sources: Mapping[str, object]) -> Iterator[str]:
    """What importing the module of ``ref`` runs from files that no evidence covers."""
    measured = set(map(module_of, sources))
    above = ref.module.rpartition(".")[0]
    while above:
        package = f"{above.replace('.', '/')}/__init__.py"
        if above not in measured and os.path.exists(os.path.join(os.path.dirname(ref.location), package)):
            yield f"{package}: runs before the node, and {_NOT_MEASURED}"
        above = above.rpartition(".")[0]
    if ref.module not in measured:
        yield f"{ref.module}: holds the node, and {_NOT_MEASURED}"


def _bytes(version: str, hashes: Mapping[str, str]) -> Bytes:
    return Bytes(version, digest(hashes), hashes)


def find(folder: str, ref: NodeRef, current: Installed) -> Found:
    """The evidence of ``ref`` in ``folder``. A damaged file proves nothing, and disproves nothing beside it.

    Raises:
        OrketError: the folder cannot be read.
    """
    start = f"{ref.distribution}.{ref.name}."
    place = os.path.join(folder, ref.family)
    try:
        names = sorted(
            name for name in os.listdir(place) if name.startswith(start) and name.endswith(".json")
        )
    except (FileNotFoundError, NotADirectoryError):
        return Found()
    except OSError as error:
        message = f"Evidence cannot be looked for: {error.strerror}."
        hint = "correct the folder, or its permissions"
        raise OrketError(Diagnostic("gate-failed", message, looked_in=place, hint=hint)) from error
    every: list[Evidence] = []
    damaged: list[str] = []
    for name in names:
        file = os.path.join(place, name)
        try:
            every.append(_read(file))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            damaged.append(f"{describe(error)}, so this is no evidence: {file}")
    own = [one for one in every if one.node == ref.identity]
    same = [one for one in own if one.installed.payload.digest == current.payload.digest]
    return Found(max(same or own, key=lambda one: one.time, default=None), tuple(damaged))


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
    text = json.dumps(plain, indent=1, sort_keys=True) + "\n"
    os.makedirs(os.path.dirname(file), exist_ok=True)
    temporary = f"{file}.{os.getpid()}.tmp"
    with open(temporary, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.replace(temporary, file)
    return file


def _read(file: str) -> Evidence:
    import json

    with open(file, encoding="utf-8") as stream:
        plain = json.load(stream)
    if plain["format"] != _FORMAT:
        raise ValueError(f"format {plain['format']!r}, where this version reads {_FORMAT}")
    proved = Installed(
        _bytes_of(plain["payload"]),
        {str(name): _bytes_of(other) for name, other in plain["dependencies"].items()},
        int(str(plain["contract"])),
        tuple(str(check) for check in plain["profile"]),
        str(plain["platform"]),
        bool(plain["editable"]),
    )
    checks = tuple(Check(str(one["id"]), str(one["status"]), str(one["detail"])) for one in plain["checks"])
    return Evidence(str(plain["node"]), proved, checks, dict(plain["recorded"]))


def _bytes_of(plain: Mapping[str, object]) -> Bytes:
    files = plain["files"]
    if not isinstance(files, dict):
        raise TypeError(f"files are {files!r}")
    hashes = {name: str(value) for name, value in cast("dict[str, object]", files).items()}
    return Bytes(str(plain["version"]), str(plain["digest"]), hashes)


def _platform() -> str:
    import platform
    import sys

    return f"{sys.version_info.major}.{sys.version_info.minor} {sys.platform} {platform.machine()}"
