"""The files that a declared change points to: its document and its witness, both shipped with the node."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from orket.testkit.findings import Broken

if TYPE_CHECKING:
    from orket.testkit.changes.declared import Change
    from orket.testkit.subject import Subject

__all__ = ["check_document", "shipped"]

_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_ANCHOR = re.compile(r"<a\s[^>]*\b(?:id|name)=[\"']([^\"']+)[\"']")


def check_document(subject: Subject, change: Change) -> None:
    """The document of ``change`` is in the package and has the heading that it names.

    Raises:
        Broken: it is not, or has not.
    """
    file, _, anchor = change.doc.partition("#")
    text = shipped(subject, change, "doc", file)
    anchors = {*map(_slug, _HEADING.findall(text)), *_ANCHOR.findall(text)}
    if not anchor:
        raise Broken(
            f"the 'doc' of change '{change.id}' names no heading of {file}",
            expected=f'doc = "{file}#{change.id}"',
        )
    if anchor not in anchors:
        raise Broken(
            f"the document of change '{change.id}' has no heading '{anchor}': {file} has {_listed(anchors)}",
            expected=f"a heading '{anchor}' in {file}",
        )


def shipped(subject: Subject, change: Change, key: str, name: str) -> str:
    """The text of a file that ``change`` points to.

    Args:
        subject: the node.
        change: what points to it.
        key: as what, ``doc`` or ``witness``.
        name: where the file is, relative to the folder of the declaration.

    Raises:
        Broken: it is outside the package, not installed with it, or cannot be read.
    """
    folder = os.path.realpath(subject.folder)
    path = os.path.realpath(os.path.join(folder, name))
    expected = f"a file of the package, beside its {os.path.basename(subject.declared.file) or 'declaration'}"
    if not path.startswith(folder + os.sep):
        raise Broken(f"the '{key}' of change '{change.id}' is outside the package: {name}", expected=expected)
    if subject.sources and path not in {os.path.realpath(file) for file, _ in subject.sources.values()}:
        raise Broken(f"the '{key}' of change '{change.id}' is not installed: {name}", expected=expected)
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise Broken(
            f"the '{key}' of change '{change.id}' cannot be read: {name}: {reason}", expected=expected
        ) from error


def _slug(heading: str) -> str:
    """A heading as links name it: small letters, digits and hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _listed(anchors: set[str]) -> str:
    return ", ".join(sorted(anchors)) or "none"
