"""A scratch folder of installed distributions with a node in it, and the record that it passed."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from orket.core import TOOL_STRATEGY, OrketError, Settings, discover
from orket.core.proving import Check, Evidence, installed, judge, write

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from orket.core import NodeRef
    from orket.core.proving import Installed

__all__ = ["Site", "site"]

_NODE = """\
import acme_helper
from orket.core import hookimpl

class Node:
    @hookimpl
    def compose(self, toolset, context):
        return toolset
"""
_DECLARATION = "[acme-node]\ncontract = 1\n"
_ENTRY_POINTS = "[orket.tool_strategy]\nacme-node = acme_node:Node\n"


class Site:
    """One installed node, ``acme-node``, which needs the distribution ``acme-helper``."""

    def __init__(self, folder: str) -> None:
        self.packages = os.path.join(folder, "site")
        self.evidence = os.path.join(folder, "evidence")
        self._settings = Settings({"gate": {"evidence": self.evidence}})

    def install(
        self, name: str, files: Mapping[str, str], *, entry_points: str = "", needs: str = ""
    ) -> None:
        """What an installer leaves of a wheel of these files."""
        info = f"{name.replace('-', '_')}-1.0.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        texts = {**files, f"{info}/METADATA": metadata + (f"Requires-Dist: {needs}\n" if needs else "")}
        if entry_points:
            texts[f"{info}/entry_points.txt"] = entry_points
        for file, text in texts.items():
            self.put(file, text)
        hashes = {file: hashlib.sha256(text.encode()).digest() for file, text in texts.items()}
        rows = [
            f"{file},sha256={base64.urlsafe_b64encode(hashed).decode().rstrip('=')},{len(texts[file])}"
            for file, hashed in hashes.items()
        ]
        self.put(f"{info}/RECORD", "\n".join([*rows, f"{info}/RECORD,,", ""]))

    def put(self, file: str, text: str) -> None:
        """Write a file of the folder of installed distributions."""
        path = os.path.join(self.packages, file)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)

    def append(self, file: str, text: str) -> None:
        """Change a file of the folder of installed distributions."""
        with open(os.path.join(self.packages, file), "a", encoding="utf-8") as stream:
            stream.write(text)

    def certify(self) -> None:
        """Write a record that every check passed, though none was made: nothing but its author signs it."""
        ref, measured = self._look()
        checks = tuple(Check(check, "passed") for check in measured.profile)
        write(self.evidence, ref, Evidence(ref.identity, measured, checks, {"time": 0.0}))

    @contextmanager
    def recorded(self) -> Generator[dict[str, Any]]:
        """The record as its file has it, to be changed."""
        with open(self.record, encoding="utf-8") as stream:
            plain = json.load(stream)
        yield plain
        with open(self.record, "w", encoding="utf-8") as stream:
            json.dump(plain, stream)

    @property
    def record(self) -> str:
        """The file of the record."""
        folder = os.path.join(self.evidence, TOOL_STRATEGY.name)
        (name,) = os.listdir(folder)
        return os.path.join(folder, name)

    def verdict(self) -> tuple[str, str]:
        """What the gate says, and of what: a field, the checks, or the error that it could not judge for."""
        try:
            ref, _ = self._look()
            _, verdict = judge(TOOL_STRATEGY, ref, self._settings, discover([self.packages], fresh=True))
        except OrketError as error:
            return error.code, error.diagnostic.message
        return verdict.judgement, verdict.field or "; ".join((*verdict.checks, *verdict.damaged))

    def run(self, program: str) -> str:
        """What a program prints that uses what is installed here."""
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join([self.packages, *filter(None, sys.path)])}
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environ
        )
        return done.stdout.strip()

    def _look(self) -> tuple[NodeRef, Installed]:
        catalog = discover([self.packages], fresh=True)
        (ref,) = catalog.candidates(TOOL_STRATEGY)
        return ref, installed(TOOL_STRATEGY, ref, catalog, 1)


@contextmanager
def site() -> Generator[Site]:
    """A node that is installed and recorded as proved, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="orket-site-") as folder:
        made = Site(folder)
        made.install("acme-helper", {"acme_helper/__init__.py": "WORD = 'judged'\n"})
        files = {"acme_node/__init__.py": _NODE, "acme_node/orket-node.toml": _DECLARATION}
        made.install("acme-node", files, entry_points=_ENTRY_POINTS, needs="acme-helper")
        made.certify()
        yield made
