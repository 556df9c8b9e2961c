"""Which of the generated mutants of a node the laws let pass."""

from __future__ import annotations

import hashlib
import os
import tempfile
from typing import TYPE_CHECKING, NamedTuple

from orket.testkit.checks import laws_of
from orket.testkit.isolation import Isolation
from orket.testkit.zoo.operators import generated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orket.testkit.checks import Law
    from orket.testkit.subject import Plan, Subject
    from orket.testkit.zoo.operators import Generated

__all__ = ["EXPLAINED", "Judged", "judged"]

_FROZEN = "nothing sets an option after the node is made; frozen options guard the author alone"

EXPLAINED: Mapping[str, Mapping[str, str]] = {
    "read-only": {},
    "role": {
        "drop keyword: extra of ConfigDict": "core refuses an unknown option before it asks the model",
        "drop keyword: frozen of ConfigDict": _FROZEN,
        "flip: True": _FROZEN,
        "leave out: if context.role is None:": "the table has no role None either, so that nothing is offered all the "
        "same; only the reason given for it differs, and reasons are words for people",
    },
}
"""By node: the mutants of its source that no law rejects, and why each is no loss."""

_KEENEST = ("cases-hold", "total", "parity-offer", "changes-hold", "returns-toolset", "options-checked")
"""The laws that reject most, first: one that rejects a mutant is enough."""


class Judged(NamedTuple):
    """A generated mutant, and the first law that rejects it."""

    mutant: Generated
    rejected_by: str
    """Empty for one that survives."""


def judged(subject: Subject, plan: Plan) -> Iterator[Judged]:
    """Every generated mutant of the module that a node is in, one after the other."""
    module = subject.ref.module.replace(".", "/")
    name = next(name for name in (f"{module}/__init__.py", f"{module}.py") if name in subject.sources)
    with open(subject.sources[name][0], encoding="utf-8") as stream:
        source = stream.read()
    every = dict(laws_of(subject.ref.family))
    laws = [every.pop(check) for check in _KEENEST] + list(every.values())
    with tempfile.TemporaryDirectory(prefix="orket-mutant-") as folder, Isolation() as isolation:
        for mutant in generated(source):
            file = os.path.join(folder, os.path.basename(name))
            with open(file, "w", encoding="utf-8") as stream:
                stream.write(mutant.source)
            hashed = hashlib.sha256(mutant.source.encode()).hexdigest()
            changed = subject._replace(sources={**subject.sources, name: (file, hashed)})
            yield Judged(mutant, _rejecting(laws, changed, plan, isolation))


def _rejecting(laws: list[Law], subject: Subject, plan: Plan, isolation: Isolation) -> str:
    return next((law.id for law in laws if not isolation.run(law, subject, plan).passed), "")
