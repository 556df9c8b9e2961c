"""The pytest plugin of the testkit. It imports nothing until a conformance test is collected."""

from __future__ import annotations
