"""Laws, parity and evidence for nodes: a node other than the default is enabled only after it has proved itself."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orket.testkit.adapter import conformance
    from orket.testkit.findings import Broken, Finding
    from orket.testkit.proof import Proof, prove
    from orket.testkit.subject import Plan, Subject

_MODULE_OF = {
    "Broken": "findings",
    "Finding": "findings",
    "Plan": "subject",
    "Proof": "proof",
    "Subject": "subject",
    "conformance": "adapter",
    "prove": "proof",
}

__version__ = "0.1.0"

__all__ = ["Broken", "Finding", "Plan", "Proof", "Subject", "conformance", "prove"]


def __getattr__(name: str) -> object:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'orket.testkit' has no attribute '{name}'")
    value: object = getattr(import_module(f"orket.testkit.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
