"""An import that starts a thread."""

import threading
import time

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
