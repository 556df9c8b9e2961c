"""An import that writes a file."""

import os

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

with open(os.devnull, "w", encoding="utf-8") as _stream:
    _stream.write("acme")
