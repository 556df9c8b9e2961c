"""What a program needs that judges nodes instead of using them: the public face of core for testkits and tools."""

from __future__ import annotations

from orket.core.activation import judge
from orket.core.composing import Breach, breaches
from orket.core.contain import contained, describe
from orket.core.declaration import Declaration, check_contract, declaration
from orket.core.evidence import Bytes, Check, Evidence, Found, Installed, find, installed, write
from orket.core.gate import Policy, verdict
from orket.core.limits import Limits
from orket.core.loader import load, load_object
from orket.core.payload import Payload, payload
from orket.core.sources import import_from

__all__ = [
    "Breach",
    "Bytes",
    "Check",
    "Declaration",
    "Evidence",
    "Found",
    "Installed",
    "Limits",
    "Payload",
    "Policy",
    "breaches",
    "check_contract",
    "contained",
    "declaration",
    "describe",
    "find",
    "import_from",
    "installed",
    "judge",
    "load",
    "load_object",
    "payload",
    "verdict",
    "write",
]
