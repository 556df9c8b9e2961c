"""What installed metadata declares, read the way importlib-metadata 10 reads it.

Folders are read by a plain scan, which gives the same answer for a tenth of the time. Zip archives and foreign
``find_distributions`` finders are asked through importlib-metadata, which is imported only when there is one.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from orket.core.contain import contained, describe
from orket.core.errors import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Protocol

    class _EntryPoint(Protocol):
        group: str
        name: str
        value: str

    class _Answer(Protocol):
        metadata: Mapping[str, str]
        version: str
        entry_points: Iterable[_EntryPoint]

    class _Finder(Protocol):
        def find_distributions(self, context: object) -> Iterable[_Answer]: ...


__all__ = ["Declared", "Look", "normalised"]

_CHUNK = 65536


class Declared(NamedTuple):
    """What one distribution declares for Orket, whether or not it is in effect."""

    name: str
    version: str
    place: str
    points: Sequence[tuple[str, str, str]]
    """Group, name and value of each entry point, as written and in the order of the file."""


class Look:
    """One pass over a path: the distributions met, and what was wrong with them.

    Distributions are told apart by the normalised name of their metadata folder, as importlib-metadata does.
    """

    def __init__(self) -> None:
        self.places: dict[str, str] = {}
        """Where the first metadata of each distribution is: a folder, a file, or what its finder calls it."""
        self.rivals: list[tuple[str, str]] = []
        """Name and place of further metadata of distributions already met, in the order of the path."""
        self.declared: dict[str, Declared] = {}
        """By place; distributions without a word about Orket are left out."""
        self.problems: list[Diagnostic] = []
        self._asked: set[str] = set()

    def everywhere(self, entries: Sequence[str]) -> bool:
        """Meet every distribution; whether foreign finders had a say."""
        if "foreign" not in map(_kind, sys.meta_path):
            self._path(entries)
            return False
        # Imported before the loop, because it puts its own finder in the place of the interpreter's.
        from importlib_metadata import DistributionFinder

        make_context: Callable[..., object] = DistributionFinder.Context
        context = make_context(path=list(entries))
        unsearched = entries
        for finder in list(sys.meta_path):
            kind = _kind(finder)
            if kind == "path":
                self._path(unsearched)
                unsearched = ()
            elif kind == "foreign":
                maker = finder if isinstance(finder, type) else type(finder)
                self._ask(cast("_Finder", finder), context, f"{maker.__module__}.{maker.__qualname__}")
        return True

    def is_whole(self, place: str) -> bool:
        """Whether there is metadata beside the entry points: a leftover without gives way to a whole one."""
        return place in self._asked or any(map(os.path.isfile, _metadata_files(place)))

    def report(self, code: str, message: str, looked_in: str, found: str, hint: str) -> None:
        """Note a problem."""
        self.problems.append(Diagnostic(code, message, looked_in=looked_in, found=found, hint=hint))

    def _path(self, entries: Sequence[str]) -> None:
        for entry in entries:
            try:
                children = os.listdir(entry or ".")
                prefix = os.path.join(entry if os.path.isabs(entry) else os.path.join(os.getcwd(), entry), "")
            except FileNotFoundError:
                continue
            except NotADirectoryError:
                self._archive(os.path.abspath(entry))
            except (OSError, ValueError) as error:
                self._unsearchable(entry, describe(error))
            else:
                self._folder(prefix, children, is_egg=os.path.basename(entry).lower().endswith(".egg"))

    def _folder(self, prefix: str, children: list[str], *, is_egg: bool) -> None:
        # Written for speed: this loop is the time that every command takes to find its nodes.
        for child in children:
            if "-" not in child:
                continue
            low = child.lower()
            if low.endswith((".dist-info", ".egg-info")):
                name = low.partition("-")[0].replace("_", "-")
                if "." in name or "--" in name:
                    name = normalised(low[: low.rfind(".")].partition("-")[0])
            elif is_egg and low == "egg-info":
                name = ""
            else:
                continue
            place = prefix + child
            data = b""
            try:
                file = os.open(place + "/entry_points.txt", os.O_RDONLY)
                try:
                    data = os.read(file, _CHUNK)
                finally:
                    os.close(file)
            except (FileNotFoundError, NotADirectoryError):
                pass
            except OSError as error:
                self._unreadable(place + "/entry_points.txt", describe(error))
            if len(data) == _CHUNK:
                data = _read(place + "/entry_points.txt")
            if not name or data.lower().count(b"orket"):  # twice as fast as "in"
                name = self._closely(name, place, data)
            if name and self.places.setdefault(name, place) != place:
                self.rivals.append((name, place))

    def _closely(self, name: str, place: str, data: bytes) -> str:
        """Parse the files of a distribution that may be of interest; its name, if it has one at all."""
        points = self._points(data, f"{place}/entry_points.txt")
        stated, version = _name_and_version(place)
        if points:
            self._compare(name, stated, version, place)
        if (name := name or normalised(stated).lower()) and points:
            self.declared[place] = Declared(name, version, place, points)
        return name

    def _points(self, data: bytes, file: str) -> list[tuple[str, str, str]]:
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            text = data.decode(errors="replace")
            self._unreadable(file, describe(error))
        points: list[tuple[str, str, str]] = []
        group = ""
        for line in map(str.strip, text.splitlines()):
            if line.startswith("[") and line.endswith("]"):
                group = line.strip("[]")
            elif line and not line.startswith("#") and (_is_ours(group) or not group):
                name, equals, value = line.partition("=")
                if group and equals:
                    points.append((group, name.strip(), value.strip()))
                else:
                    message = "A line of entry points says nothing: "
                    message += "it has no '='." if group else "it stands before the first [group]."
                    hint = "write 'name = module:attribute' below a line such as '[orket.tool_strategy]'"
                    self.report("bad-entry-point", message, file, line, hint)
        return points

    def _compare(self, name: str, stated: str, version: str, place: str) -> None:
        """Hold what the folder is called against what the metadata in it states."""
        folder = os.path.basename(place)
        if name.startswith("~"):
            message = f"An interrupted installer left '{folder}' behind, and its entry points still count."
            self.report("leftover", message, place, f"{stated} {version}".strip(), "delete it")
        elif not (stated and version):
            missing = "Version" if stated else "Name" if version else "Name and no Version"
            files = [file for file in ("METADATA", "PKG-INFO") if os.path.isfile(f"{place}/{file}")]
            found = " and ".join(files) or "neither METADATA nor PKG-INFO"
            hint = "reinstall the distribution, or delete this if it is not installed any more"
            self.report(
                "broken-metadata", f"The metadata in '{folder}' states no {missing}.", place, found, hint
            )
        elif name and normalised(stated).lower() != name:
            message = f"The metadata in '{folder}' is of another distribution, so it is known as '{name}'."
            self.report("name-mismatch", message, place, f"Name: {stated}", "reinstall it under one name")

    def _unreadable(self, file: str, found: str) -> None:
        message = "The entry points of a distribution cannot be read."
        self.report("broken-metadata", message, file, found, "reinstall the distribution")

    def _unsearchable(self, entry: str, found: str) -> None:
        message = "An entry of the path cannot be searched for plugins."
        self.report("unreadable-path", message, entry, found, "make it readable, or take it off the path")

    def _archive(self, file: str) -> None:
        if not os.path.isfile(file):  # a folder inside an archive: nothing is looked for there
            return
        import zipfile

        from importlib_metadata import PathDistribution

        answer = cast("Callable[[zipfile.Path], _Answer]", PathDistribution)
        is_egg = file.lower().endswith(".egg")
        # The finder of importlib_metadata would keep the file open.
        with contained() as guard, zipfile.ZipFile(file) as archive:
            for child in zipfile.Path(archive).iterdir():
                low = child.name.lower()
                if low.endswith((".dist-info", ".egg-info")) or (is_egg and low == "egg-info"):
                    self._answer(answer(child), file)
        if guard.error is not None:
            self._unsearchable(file, describe(guard.error))

    def _ask(self, finder: _Finder, context: object, source: str) -> None:
        found: list[_Answer] = []
        with contained() as guard:
            for distribution in finder.find_distributions(context):
                found.append(distribution)  # noqa: PERF402 - what came before it raised is kept
        if guard.error is not None:
            message = f"The distributions of {source} cannot be listed."
            hint = "repair or remove it: what it supplies may be missing"
            self.report("broken-finder", message, source, describe(guard.error), hint)
        for distribution in found:
            self._answer(distribution, source)

    def _answer(self, distribution: _Answer, source: str) -> None:
        with contained() as guard:
            # The private name is the one that importlib_metadata itself tells distributions apart by.
            known_as = str(getattr(distribution, "_normalized_name", "") or distribution.metadata["Name"])
            name = normalised(known_as).lower()
            place = str(getattr(distribution, "_path", f"{source}:{name}")).rstrip("/")
            points = [(p.group, p.name, p.value) for p in distribution.entry_points if _is_ours(p.group)]
            version = distribution.version if points else ""
            self._asked.add(place)
            if points:
                self.declared[place] = Declared(name, version, place, points)
            if self.places.setdefault(name, place) != place:
                self.rivals.append((name, place))
        if guard.error is not None:
            message = f"The metadata of a distribution of {source} cannot be read."
            self.report(
                "broken-metadata", message, source, describe(guard.error), "reinstall the distribution"
            )


def normalised(name: str) -> str:
    """A name with each run of ``-``, ``_`` and ``.`` made one hyphen, as PEP 503 has it; case is left as it is."""
    name = name.replace("_", "-").replace(".", "-")
    while "--" in name:
        name = name.replace("--", "-")
    return name


def _kind(finder: object) -> Literal["none", "path", "foreign"]:
    with contained():
        if getattr(finder, "find_distributions", None) is not None:
            module = str(getattr(finder, "__module__", ""))
            # Several copies of importlib_metadata may be at work, vendored ones too: each searches the same path.
            is_path = module == "_frozen_importlib_external" or module.endswith("importlib_metadata")
            return "path" if is_path else "foreign"
    return "none"


def _is_ours(group: str) -> bool:
    return group.strip().lower().startswith("orket")


def _metadata_files(place: str) -> tuple[str, str, str]:
    return f"{place}/METADATA", f"{place}/PKG-INFO", place  # the last is an egg-info file of old


def _name_and_version(place: str) -> tuple[str, str]:
    data = b""
    for file in _metadata_files(place):
        data = data or _read(file)
    headers: dict[str, str] = {}
    for line in data.partition(b"\n\n")[0].decode(errors="replace").splitlines():
        key, _, value = line.partition(":")
        headers.setdefault(key.lower(), value.strip())
        if not line or headers.keys() >= {"name", "version"}:  # after an empty line comes the description
            break
    return headers.get("name", ""), headers.get("version", "")


def _read(file: str) -> bytes:
    try:
        with open(file, "rb", buffering=0) as stream:
            return stream.read()
    except OSError:
        return b""
