"""Generated mutants: a module's own source with one thing changed, at each place where it can be."""

from __future__ import annotations

import ast
from copy import deepcopy
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Generated", "generated"]

_PAIRS = ((ast.Is, ast.IsNot), (ast.Eq, ast.NotEq), (ast.In, ast.NotIn), (ast.Lt, ast.GtE), (ast.Gt, ast.LtE))
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = dict((*_PAIRS, *((b, a) for a, b in _PAIRS)))


class Generated(NamedTuple):
    """A source with one change."""

    name: str
    """What was changed, in words that do not depend on where in the file it is."""
    source: str


def generated(source: str) -> tuple[Generated, ...]:
    """Every mutant of a module, in the order of its source. What only types or documents is left as it is."""
    tree = ast.parse(source)
    found: dict[str, Generated] = {}
    for index, node in enumerate(_nodes(tree)):
        for number, (name, _) in enumerate(_changes(node)):
            copy = deepcopy(tree)
            changed = list(_nodes(copy))[index]
            list(_changes(changed))[number][1]()
            text = ast.unparse(ast.fix_missing_locations(copy))
            found.setdefault(text, Generated(name, text))
    return tuple(found.values())


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what is below it, without type checking, annotations, docstrings, reasons and ``__all__``."""
    match node:
        case ast.If(test=ast.Name(id="TYPE_CHECKING")) | ast.Expr(value=ast.Constant()) | ast.ImportFrom():
            return
        case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.keyword(arg="why"):
            return
        case _:
            yield node
    unseen = [getattr(node, field, None) for field in ("annotation", "returns")]
    for below in ast.iter_child_nodes(node):
        if below not in unseen:
            yield from _nodes(below)


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[], object]]]:
    """What can be changed of a node itself: in words, and as a function that does it in place."""
    match node:
        case ast.If(test=test) | ast.IfExp(test=test) if not isinstance(test, ast.Compare):
            yield f"negate: {_text(test)}", _setter(node, "test", ast.UnaryOp(ast.Not(), test))
        case ast.comprehension(ifs=[test]) if not isinstance(test, ast.Compare):
            yield f"negate: {_text(test)}", _setter(node, "ifs", [ast.UnaryOp(ast.Not(), test)])
        case ast.Compare(ops=[op]):
            yield f"swap comparison: {_text(node)}", _setter(node, "ops", [_OPPOSITE[type(op)]()])
        case ast.Lambda(body=body):
            for constant in (True, False):
                if not (isinstance(body, ast.Constant) and body.value is constant):
                    changed = ast.Constant(constant)
                    yield f"always {constant}: {_text(node)}", _setter(node, "body", changed)
        case ast.Call(keywords=keywords):
            for keyword in keywords:
                rest = [other for other in keywords if other is not keyword]
                yield f"drop keyword: {keyword.arg} of {_text(node.func)}", _setter(node, "keywords", rest)
        case ast.FunctionDef(args=ast.arguments(args=[_, first, *_])):
            yield from _returns(node, first.arg)
        case ast.Constant(value=bool(value)):
            yield f"flip: {value}", _setter(node, "value", not value)
        case ast.Constant(value=str(value)):
            yield f"another text: {value!r}", _setter(node, "value", f"{value}!")
        case _:
            return


def _returns(function: ast.FunctionDef, first: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each ``return`` gives its input, or a part of it that is empty; each other statement is left out."""
    empty = ast.parse(f"{first}.where(lambda _: False, why='')", mode="eval").body
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            text = _text(node.value)
            yield f"return the input: {text}", _setter(node, "value", ast.Name(first))
            if not text.startswith(f"{first}.where(lambda _: False"):
                yield f"return nothing of it: {text}", _setter(node, "value", empty)
    for statement in function.body:
        if not isinstance(statement, ast.Expr | ast.Return):
            rest = [other for other in function.body if other is not statement]
            yield f"leave out: {_text(statement)}", _setter(function, "body", rest)


def _setter(node: ast.AST, field: str, value: object) -> Callable[[], object]:
    return lambda: setattr(node, field, value)


def _text(node: ast.AST) -> str:
    return ast.unparse(node).partition("\n")[0]
