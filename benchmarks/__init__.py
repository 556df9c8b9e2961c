"""What Orket costs, measured side by side with its peers: ``python -m benchmarks [ROW …] [--rounds N] [--out NAME]``.

A row is one kind of work that several contenders do. Each module here that has ``ROWS`` adds its rows to the table:

    ROWS = (
        Row(
            name="compose",
            title="Compose 20 tools",
            contenders={"filtering loop": _loop, "orket": _orket, "pydantic-ai": _pydantic_ai},
            targets=(Target("orket", over="filtering loop", limit=8),),
        ),
    )

A contender is a function that gets a folder, makes everything ready and returns the function that is timed:

    def _orket(folder: Path) -> Callable[[], object]:
        from orket.core import Toolset
        toolset = Toolset(...)
        return lambda: toolset.where(...)

- Each contender runs in a process of its own, so it may patch, import and configure as it likes. The processes take
  turns, one round each, and a round is as many calls as take 20 ms of CPU time.
- It imports its peer inside, and lets the ImportError out when there is none: the table then says so.
- The first contender is what the others are shown against. Let it be the bare work without any library.
- ``prepare`` fills the folder once for all contenders of the row.
- ``inner`` says how often one call does the work, for contenders that need a loop of their own (an event loop, say).
- ``unit`` is ``s`` for the CPU time that calls take, those of processes they start included. With any other unit
  nothing is timed: a round is one call, and what it returns is how much of the unit there is.
- ``targets`` compare contenders round by round; ``limit`` is the largest ratio allowed, with ``at_least`` the
  smallest.
"""
