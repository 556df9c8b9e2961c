"""The files that make up an installed distribution: what evidence is about, and what runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, cast

from orket.core.errors import Diagnostic, OrketError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

__all__ = ["Payload", "digest", "module_of", "payload"]

_CODE = (".py", ".pyc", ".so", ".pyd")
_SCRIPTS = ("bin", "Scripts")
"""Where installers write scripts, with the place of their Python, when they install into a folder of its own."""


class Payload(NamedTuple):
    """Files by their path as imports see it, with forward slashes; each with where it is on disk."""

    files: Mapping[str, str]
    editable: bool
    """Whether this is a source tree that is installed in place."""
    strays: tuple[str, ...]
    """Importable files in the distribution's folders that its RECORD does not know.

    In a namespace folder, whose files may be of several distributions, those that no RECORD knows.
    """

    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each file, in hexadecimal."""
        return {name: _hash(file) for name, file in sorted(self.files.items())}


def payload(location: str) -> Payload:
    """The files of the distribution whose metadata folder is ``location``.

    Importable files, the package's data, and ``entry_points.txt``; not what an installer writes for itself, scripts,
    or ``__pycache__``. So the same wheel gives the same files whoever installed it.

    Raises:
        OrketError: there is no RECORD, or it cannot be read, so nobody can say what was installed.
    """
    site = os.path.dirname(location)
    recorded = _recorded(location)
    own = os.path.basename(location)
    files = {"entry_points.txt": os.path.join(location, "entry_points.txt")}
    files = {name: file for name, file in files.items() if os.path.exists(file)}
    project = _editable_project(location)
    if project is not None:
        for root in _roots(site, recorded) or [_source(project)]:
            files |= {os.path.relpath(file, root).replace(os.sep, "/"): file for file in _walk(root)}
        return Payload(files, editable=True, strays=())
    apart = (own, "..", "", *(folder for folder in _SCRIPTS if f"{folder}/__init__.py" not in recorded))
    shipped = [name for name in recorded if name.split("/", 1)[0] not in apart and "__pycache__" not in name]
    files |= {name: os.path.join(site, name) for name in shipped}
    return Payload(files, editable=False, strays=tuple(_strays(site, shipped)))


def digest(hashes: Mapping[str, str]) -> str:
    """One SHA-256 over files and their hashes: ``sha256:`` and 64 hexadecimal digits."""
    lines = "".join(f"{name}\0{value}\n" for name, value in sorted(hashes.items()))
    return f"sha256:{_sha256(lines.encode(errors='surrogateescape'))}"


def module_of(name: str) -> str:
    """The module that a file holds, by its path as imports see it; empty where nothing can be imported from it."""
    folder, _, file = name.rpartition("/")
    stem, _, suffix = file.partition(".")
    if suffix not in ("py", "pyc") and not suffix.endswith(("so", "pyd")):
        return ""
    return f"{folder}/{stem}".strip("/").removesuffix("/__init__").replace("/", ".")


def _recorded(location: str) -> list[str]:
    import csv

    try:
        with open(os.path.join(location, "RECORD"), encoding="utf-8", newline="") as stream:
            return [row[0] for row in csv.reader(stream) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _untold(error, location) from error


def _untold(error: Exception, where: str) -> OrketError:
    message = f"What was installed cannot be told: {error}."
    hint = "install the distribution again, from a wheel"
    return OrketError(Diagnostic("broken-metadata", message, looked_in=where, hint=hint))


def _editable_project(location: str) -> str | None:
    """The project folder of an editable installation, ``None`` for any other."""
    import json

    try:
        with open(os.path.join(location, "direct_url.json"), encoding="utf-8") as stream:
            origin: object = json.load(stream)
    except (OSError, ValueError):
        return None
    url, folder = _entries(origin, "url", "dir_info")
    if _entries(folder, "editable") != [True]:
        return None
    from urllib.parse import unquote

    return unquote(str(url).removeprefix("file://"))


def _entries(table: object, *names: str) -> list[object]:
    """What a table of JSON has under these names; nothing where it is no table."""
    entries = cast("dict[str, object]", table) if isinstance(table, dict) else {}
    return [entries.get(name) for name in names]


def _roots(site: str, recorded: Iterable[str]) -> list[str]:
    """The folders that the installation's ``.pth`` files put on the path."""
    roots: list[str] = []
    for name in recorded:
        if name.endswith(".pth"):
            text = _bytes(os.path.join(site, name)).decode(errors="surrogateescape")
            lines = map(str.rstrip, text.splitlines())
            roots += [root for line in lines if line and os.path.isdir(root := os.path.join(site, line))]
    return roots


def _source(project: str) -> str:
    source = os.path.join(project, "src")
    return source if os.path.isdir(source) else project


def _walk(folder: str, above: tuple[str, ...] = ()) -> Iterator[str]:
    """Every file beneath ``folder``, through links as imports go, but for caches and hidden folders."""
    real = os.path.realpath(folder)
    if real in above:  # a link back up the way
        return
    try:
        names = os.listdir(folder)
    except OSError:  # nothing can be imported from it either
        return
    for name in names:
        path = os.path.join(folder, name)
        if not os.path.isdir(path):
            yield path
        elif name != "__pycache__" and not name.startswith("."):
            yield from _walk(path, (*above, real))


def _strays(site: str, shipped: Iterable[str]) -> Iterator[str]:
    known = set(shipped)
    owned = {name.rpartition("/")[0] for name in known if "/" in name}
    for top in sorted(
        folder for folder in owned if not any(folder.startswith(f"{other}/") for other in owned)
    ):
        beneath = (
            os.path.relpath(file, site).replace(os.sep, "/") for file in _walk(os.path.join(site, top))
        )
        found = sorted(name for name in beneath if name.endswith(_CODE))
        yield from (name for name in found if name not in known and not _is_elsewhere(site, name, known))


def _is_elsewhere(site: str, name: str, known: Collection[str]) -> bool:
    """Whether ``name`` lies in a folder that distributions share, and is of another one."""
    folder = name
    while folder := folder.rpartition("/")[0]:
        if f"{folder}/__init__.py" in known:
            return False
    metadata = [entry for entry in os.listdir(site) if entry.endswith(".dist-info")]
    records = [os.path.join(site, entry) for entry in metadata if os.path.exists(f"{site}/{entry}/RECORD")]
    return any(name in _recorded(location) for location in records)


def _hash(file: str) -> str:
    return _sha256(_bytes(file))


def _sha256(data: bytes) -> str:
    from hashlib import sha256  # nothing is hashed of the default node, which most commands are about

    return sha256(data).hexdigest()


def _bytes(file: str) -> bytes:
    try:
        with open(file, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise _untold(error, file) from error
