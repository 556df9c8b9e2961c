"""Small, real implementations of the 15 baseline tools: files in the workspace, cards in a database there.

A reference to try strategies and runners with. They keep to the names, arguments and effects of the baseline; what an
application ships is larger and is judged by itself.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

from orket.core import CallContext, Effect, ToolError

__all__ = ["BASELINE", "DATABASE", "Function", "image_generate"]

Function = Callable[..., object]
Plain = str | int | float | bool | list[object] | dict[str, object]
Answer = dict[str, object]

DATABASE = "cards.sqlite"
"""The database of the card tools, relative to the workspace."""

_MOVES = {
    "ready": {"in_progress", "canceled"},
    "in_progress": {"blocked", "waiting_for_developer", "ready_for_testing", "code_review", "canceled"},
    "blocked": {"in_progress", "canceled"},
    "waiting_for_developer": {"in_progress", "canceled"},
    "ready_for_testing": {"code_review", "in_progress", "canceled"},
    "code_review": {"done", "in_progress", "ready_for_testing"},
}
_REASONS = ("resource", "dependency", "review", "input", "system")
_SIGNS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"BM": "bmp"}


def read_file(path: str, ctx: CallContext) -> Answer:
    """Read a text file.

    Args:
        path: Where it is, relative to the workspace.
        ctx: The context of the call.
    """
    return {"content": ctx.workspace.read_text(path)}


def write_file(path: str, content: Plain, ctx: CallContext) -> Answer:
    """Create a file or replace what is in it.

    Args:
        path: Where it is, relative to the workspace.
        content: The whole content; anything but text is written as JSON.
        ctx: The context of the call.
    """
    text = content if isinstance(content, str) else json.dumps(content, indent=2, ensure_ascii=False)
    return {"path": ctx.workspace.write_text(path, text)}


def list_directory(ctx: CallContext, path: str = ".") -> Answer:
    """List the sorted names in a folder."""
    return {"items": ctx.workspace.list(path)}


def image_analyze(path: str, ctx: CallContext) -> Answer:
    """Say what kind of picture a file is."""
    content = ctx.workspace.read_bytes(path)
    for sign, kind in _SIGNS.items():
        if content.startswith(sign):
            return {"format": kind, "bytes": len(content)}
    raise ToolError(f"{path} is no picture of a known kind")


def image_generate(prompt: str, ctx: CallContext, path: str = "generated.png") -> Answer:
    """Paint a picture.

    Args:
        prompt: What is to be seen.
        ctx: The context of the call.
        path: Where the picture goes, relative to the workspace.
    """
    generate = getattr(ctx.deps, "generate", None)
    if generate is None:
        raise ToolError(
            "there is no image generator; supply one as 'deps' with a method generate(prompt) -> bytes"
        )
    return {"path": ctx.workspace.write_bytes(path, generate(prompt))}


def create_issue(
    seat: str,
    summary: str,
    ctx: CallContext,
    type: Literal["rock", "epic", "issue", "utility", "app"] = "issue",  # noqa: A002 - the baseline's word
    priority: str = "Medium",
) -> Answer:
    """Create a card that is ready to be worked on."""
    issue = f"issue-{uuid4().hex}"
    with _cards(ctx) as cards:
        cards.execute(
            "INSERT INTO cards VALUES (?, ?, ?, ?, ?, 'ready', NULL, ?)",
            (issue, seat, summary, type, priority, ctx.session_id),
        )
    return {"issue_id": issue}


def update_issue_status(
    status: str, ctx: CallContext, issue_id: str | None = None, wait_reason: str | None = None
) -> Answer:
    """Move a card to another status.

    Args:
        status: Where to, in any case.
        ctx: The context of the call.
        issue_id: Which card; the turn's own when left out.
        wait_reason: Why it waits: resource, dependency, review, input or system.
    """
    wanted = status.lower()
    with _cards(ctx) as cards:
        issue, kind, before = _card(cards, _issue(ctx, issue_id), "id, type, status")
        if kind != "issue" or wanted not in _MOVES.get(before, ()):
            raise ToolError(f"{issue} cannot go from {before} to {wanted}")
        waits = wanted in ("blocked", "waiting_for_developer")
        if waits and wait_reason not in _REASONS:
            raise ToolError(f"{wanted} needs a wait_reason out of {', '.join(_REASONS)}")
        if wanted == "done" and "integrity_guard" not in ctx.roles:
            raise ToolError("only the role integrity_guard says that an issue is done")
        reason = wait_reason if waits else None
        cards.execute("UPDATE cards SET status = ?, wait_reason = ? WHERE id = ?", (wanted, reason, issue))
        _note(cards, issue, "status", f"{before} -> {wanted}")
    return {"issue_id": issue, "status": wanted}


def add_issue_comment(comment: str, ctx: CallContext) -> Answer:
    """Add a comment to the turn's own card."""
    with _cards(ctx) as cards:
        (issue,) = _card(cards, _issue(ctx), "id")
        _note(cards, issue, "comment", f"{ctx.role or 'nobody'}: {comment}")
    return {"message": f"comment added to {issue}"}


def get_issue_context(ctx: CallContext, issue_id: str | None = None) -> Answer:
    """Tell a card's status, summary and comments."""
    with _cards(ctx) as cards:
        issue, status, summary = _card(cards, _issue(ctx, issue_id), "id, status, summary")
        told = cards.execute("SELECT text FROM ledger WHERE card = ? AND kind = 'comment'", (issue,))
        return {"status": status, "summary": summary, "comments": [text for (text,) in told]}


def nominate_card(ctx: CallContext, **fields: object) -> Answer:
    """Nominate a card for what is next; every field is recorded."""
    return _recorded(ctx, "nomination", {"role": ctx.role, **fields})


def report_credits(amount: float, ctx: CallContext) -> Answer:
    """Report credits that were spent on the turn's own card."""
    if not amount > 0:
        raise ToolError("the amount must be above 0")
    with _cards(ctx) as cards:
        (issue,) = _card(cards, _issue(ctx), "id")
        _note(cards, issue, "credits", repr(amount))
    return {"message": f"{amount:g} credits recorded on {issue}"}


def refinement_proposal(ctx: CallContext, **fields: object) -> Answer:
    """Propose a refinement; every field is recorded."""
    return _recorded(ctx, "refinement", fields)


def request_excuse(ctx: CallContext) -> Answer:
    """Ask to be excused from the turn's own card."""
    with _cards(ctx) as cards:
        (issue,) = _card(cards, _issue(ctx), "id")
        _note(cards, issue, "excuse", ctx.role or "nobody")
    return {"message": f"excuse recorded on {issue}"}


def archive_eval(session_id: str, ctx: CallContext, label: str = "trial") -> Answer:
    """Copy what a run left to the evaluations."""
    # The day alone: where a runner's own process calls this, the clock goes on from one call of a scene to the next.
    target = f"evals/{datetime.now(UTC):%Y%m%d}T000000_{_segment(label)}"
    source = f"runs/{_segment(session_id)}"
    for path in list(_files(ctx, source)):
        ctx.workspace.write_bytes(target + path.removeprefix(source), ctx.workspace.read_bytes(path))
    return {"path": target}


def promote_prompt(seat: str, content: str, ctx: CallContext, model_family: str = "qwen") -> Answer:
    """Make a prompt the one that a seat uses."""
    path = f"prompts/{_segment(seat)}/{_segment(model_family)}.txt"
    return {"path": ctx.workspace.write_text(path, content)}


_READS, _WRITES = frozenset({Effect.READ}), frozenset({Effect.WRITE})

BASELINE: dict[Function, frozenset[Effect]] = {
    read_file: _READS,
    write_file: _WRITES,
    list_directory: _READS,
    image_analyze: _READS,
    image_generate: _WRITES | {Effect.NETWORK},
    create_issue: _WRITES,
    update_issue_status: _WRITES,
    add_issue_comment: _WRITES,
    get_issue_context: _READS,
    nominate_card: _WRITES,
    report_credits: _WRITES,
    refinement_proposal: _WRITES,
    request_excuse: _WRITES,
    archive_eval: _READS | _WRITES,
    promote_prompt: _WRITES,
}
"""The tools' functions in order, each with what it may do."""


@contextmanager
def _cards(ctx: CallContext) -> Generator[sqlite3.Connection]:
    """The database, in one transaction."""
    with closing(sqlite3.connect(os.path.join(ctx.workspace.root, DATABASE))) as cards, cards:
        cards.execute(
            "CREATE TABLE IF NOT EXISTS cards"
            " (id PRIMARY KEY, seat, summary, type, priority, status, wait_reason, session)"
        )
        cards.execute("CREATE TABLE IF NOT EXISTS ledger (card, kind, text)")
        yield cards


def _card(cards: sqlite3.Connection, issue: str, columns: str) -> tuple[str, ...]:
    found: tuple[str, ...] | None = cards.execute(
        f"SELECT {columns} FROM cards WHERE id = ?",  # noqa: S608 - the columns are written in this file
        (issue,),
    ).fetchone()
    if found is None:
        raise ToolError(f"there is no card '{issue}'")
    return found


def _note(cards: sqlite3.Connection, issue: str | None, kind: str, text: str) -> None:
    cards.execute("INSERT INTO ledger VALUES (?, ?, ?)", (issue, kind, text))


def _recorded(ctx: CallContext, kind: str, fields: dict[str, object]) -> Answer:
    with _cards(ctx) as cards:
        _note(cards, None, kind, json.dumps(fields, sort_keys=True))
    return {"message": f"{kind} recorded"}


def _issue(ctx: CallContext, given: str | None = None) -> str:
    issue = given or ctx.extra.get("issue_id")
    if not isinstance(issue, str):
        raise ToolError("this turn has no card of its own; name one")
    return issue


def _segment(text: str) -> str:
    if not re.fullmatch(r"\w[\w.-]{0,63}", text):
        raise ToolError(f"{text!r} cannot be the name of a file: use letters, digits, '_', '-' and '.'")
    return text


def _files(ctx: CallContext, folder: str) -> Iterator[str]:
    for name in ctx.workspace.list(folder):
        path = f"{folder}/{name}"
        if os.path.isdir(os.path.join(ctx.workspace.root, path)):
            yield from _files(ctx, path)
        else:
            yield path
