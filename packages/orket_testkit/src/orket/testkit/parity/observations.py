"""What is seen of a scene: results, files, rows, strays. Read by the harness itself, never through a tool."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import quote

from orket.core import Effect
from orket.testkit.parity.names import masked

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Disk", "Observation", "Seen", "changed", "look", "same"]

Files: TypeAlias = Mapping[str, str]
Rows: TypeAlias = Mapping[str, Mapping[str, list[str]]]

_NOTHING: Mapping[str, Any] = {}
_SQLITE = b"SQLite format 3\0"
_BESIDE = ("-wal", "-shm", "-journal")
_TEXT_SHOWN = 2_000
_EFFECTS = {"wrote": Effect.WRITE, "socket": Effect.NETWORK, "ran": Effect.EXECUTE}
"""What a stray is, by the word that it begins with."""


class Seen(NamedTuple):
    """What came of one call."""

    tool: str
    status: str
    """The result's, or ``raised`` where the seam itself raised."""
    data: object = None
    error: str = ""
    arguments: object = None
    """The arguments afterwards, where the call changed them."""
    files: Mapping[str, str | None] = _NOTHING
    """Each file that is new or different afterwards, as ``look`` tells of it; ``None`` where it is gone."""
    rows: Rows = _NOTHING
    """Rows that are new (``+``) or gone (``-``) afterwards, by ``database: table``."""
    strays: Sequence[str] = ()
    """What it did outside the world: writes elsewhere, connections, programs."""

    @property
    def result(self) -> tuple[object, ...]:
        """What the caller sees of the call."""
        return self.tool, self.status, self.data, self.error, self.arguments

    @property
    def effect(self) -> tuple[object, ...]:
        """What the call did to the world."""
        return self.files, self.rows, self.strays

    @property
    def effects(self) -> set[Effect]:
        """The effects that the call showed; reading leaves no trace."""
        found = {_EFFECTS[stray.split(" ")[0].split(".")[0]] for stray in self.strays}
        return found | ({Effect.WRITE} if self.files or self.rows else set())


class Observation(NamedTuple):
    """What came of a scene."""

    seen: tuple[Seen, ...] = ()
    leaks: tuple[str, ...] = ()
    """Threads, tasks and processes that are still there after the end."""
    ended: str = ""
    """How the world ended where it did not come to its end."""

    def as_dict(self) -> dict[str, object]:
        """Plain JSON."""
        return {**self._asdict(), "seen": [one._asdict() for one in self.seen]}

    @classmethod
    def from_dict(cls, given: Any) -> Self:  # noqa: ANN401 - JSON that ``as_dict`` gave
        """What ``as_dict`` gave."""
        seen = tuple(Seen(**one) for one in given["seen"])
        return cls(seen, tuple(given["leaks"]), given["ended"])


class Disk(NamedTuple):
    """What is on disk at one moment."""

    files: Files
    rows: Mapping[str, Counter[str]]


def same(one: object, other: object) -> bool:
    """Whether two observed values are the same, types included: 1 is not 1.0, and neither is it true."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def look(base: str) -> Disk:
    """Everything below ``base``. A database shows as rows, and is no file as far as its bytes go."""
    files: dict[str, str] = {}
    rows: dict[str, Counter[str]] = {}
    for folder, folders, names in os.walk(base):
        for name in (*folders, *names):
            path = os.path.join(folder, name)
            shown = os.path.relpath(path, base)
            told = _told(path)
            if told is not None:
                files[shown] = told
            if told is not None and told.endswith(" database"):
                rows |= {f"{shown}: {table}": found for table, found in _tables(path).items()}
    databases = {name for name, told in files.items() if told.endswith(" database")}
    beside = {f"{name}{end}" for name in databases for end in _BESIDE}
    return Disk({name: told for name, told in files.items() if name not in beside}, rows)


def changed(before: Disk, after: Disk) -> tuple[dict[str, str | None], dict[str, dict[str, list[str]]]]:
    """What is different afterwards: files, and rows."""
    names = before.files.keys() | after.files.keys()
    different = {
        name: after.files.get(name) for name in names if before.files.get(name) != after.files.get(name)
    }
    files = dict(sorted(different.items(), key=lambda one: (masked(one[0]), masked(one[1] or ""))))
    rows: dict[str, dict[str, list[str]]] = {}
    for table in sorted(before.rows.keys() | after.rows.keys()):
        old, new = (disk.rows.get(table, Counter[str]()) for disk in (before, after))
        kinds = {"-": old - new, "+": new - old}
        if differing := {sign: sorted(some.elements(), key=masked) for sign, some in kinds.items() if some}:
            rows[table] = differing
    return files, rows


def _told(path: str) -> str | None:
    """One entry of a folder in a line: kind, mode, and what is in it; ``None`` where it is gone again."""
    try:
        status = os.lstat(path)
        mode = f"{stat.S_IMODE(status.st_mode):04o}"
        if stat.S_ISLNK(status.st_mode):
            return f"link to {os.readlink(path)}"
        if stat.S_ISDIR(status.st_mode):
            return f"folder {mode}"
        if not stat.S_ISREG(status.st_mode):
            return f"special {mode}"
        with open(path, "rb") as stream:
            content = stream.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"unreadable: {error.strerror}"
    links = f" {status.st_nlink} names" if status.st_nlink > 1 else ""
    return f"file {mode}{links} {_content(content)}"


def _content(content: bytes) -> str:
    if content.startswith(_SQLITE):
        return "database"
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return f"{len(content)} bytes sha256:{sha256(content).hexdigest()}"
    if len(text) <= _TEXT_SHOWN:
        return json.dumps(text, ensure_ascii=False)
    return f"{len(content)} bytes of text sha256:{sha256(masked(text).encode()).hexdigest()}"


def _tables(path: str) -> dict[str, Counter[str]]:
    """The rows of every table, each row as JSON. A table without rows is there all the same."""
    try:
        with closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True)) as database:
            names = [
                name
                for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                if not name.startswith("sqlite_")
            ]
            return {name: _rows(database, name) for name in names}
    except sqlite3.Error as error:
        return {"unreadable": Counter({str(error): 1})}


def _rows(database: sqlite3.Connection, table: str) -> Counter[str]:
    quoted = table.replace('"', '""')
    cursor = database.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 - a name out of the database itself
    columns = [column[0] for column in cursor.description]
    return Counter(
        json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False, default=_blob) for row in cursor
    )


def _blob(value: object) -> str:
    return f"blob {value.hex()}" if isinstance(value, bytes) else repr(value)
