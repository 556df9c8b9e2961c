"""An import that opens a socket."""

import socket

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

_socket = socket.socket()
_socket.close()
