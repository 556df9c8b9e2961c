"""An import that runs a program."""

import subprocess

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

subprocess.run(["true"], check=False)
