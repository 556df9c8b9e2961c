"""The ``orket`` command: which nodes there are, which one is active and why, what it offers, and one call of a tool."""

from __future__ import annotations

import os
import sys

# The word of ``typing``, whose import would take longer than all of ``orket --version``.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

__version__ = "0.1.0"

_BROKEN_PIPE = 141  # 128 + SIGPIPE, as a shell reports whoever that signal ends
_INTERRUPTED = 130  # 128 + SIGINT


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the words after the command's name; those of this process when left out.

    Returns:
        The exit code: 0 fine, 1 the thing asked about is bad, 2 wrong usage or configuration.
    """
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        if words == ["--version"]:
            sys.stdout.write(f"orket {__version__}\n")
            code = 0
        else:
            from orket.cli.app import run

            code = run(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except OSError as error:  # nobody reads any more, or there is no room
        # What could not be written must not be tried again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return _BROKEN_PIPE
        sys.stderr.write(f"error: cannot-write\n  The output cannot be written: {error.strerror}.\n")
        return 1
    return code
