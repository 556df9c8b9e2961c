"""Run the modules that are named, or all of them; the exit code is 0 where every one of them held."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules


def main(argv: list[str]) -> int:
    """Run them one after the other. What is no name of a module is an option for each."""
    there = [
        found.name for found in iter_modules([str(Path(__file__).parent)]) if not found.name.startswith("_")
    ]
    modules = {name: import_module(f"stress.{name}") for name in sorted(there)}
    tests = {name: module for name, module in modules.items() if hasattr(module, "main")}
    chosen = [name for name in argv if name in tests]
    options = [word for word in argv if word not in tests]
    broken: list[str] = []
    for name in chosen or tests:
        print(f"== {name}", flush=True)
        if tests[name].main(options):
            broken.append(name)
    print(f"BROKEN: {', '.join(broken)}" if broken else "All held.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
