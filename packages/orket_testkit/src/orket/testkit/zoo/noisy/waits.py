"""Lets no socket of anybody wait longer than it likes."""

import socket

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

socket.setdefaulttimeout(5)
