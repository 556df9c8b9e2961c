"""Import a node, build it, and hold it to its family's contract."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pluggy import PluginManager, PluginValidationError

from orket.core.contain import contained, describe
from orket.core.errors import Diagnostic, ResolutionError, closest
from orket.core.extensions import title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orket.core.family import Family, NodeRef

    T = TypeVar("T")

__all__ = ["build", "load", "load_object"]

_IMPORTING = (__file__, import_module.__code__.co_filename)


def load(family: Family[T], ref: NodeRef, options: Mapping[str, object], options_at: str) -> T:
    """The node that ``ref`` describes, built once and fit for its contract.

    Args:
        family: what it has to be.
        ref: where it is.
        options: what the configuration says for it.
        options_at: where it says so, for messages.

    Raises:
        ResolutionError: ``broken-node``, ``contract-mismatch`` or ``invalid-options``.
    """
    with contained() as guard:
        node = build(ref, options, options_at)
        _hold_to_contract(family, ref, node)
        return cast("T", node)
    if isinstance(guard.error, ResolutionError):
        raise guard.error
    raise _broken(ref, "built", guard.error) from guard.error


def build(ref: NodeRef, options: Mapping[str, object], options_at: str) -> object:
    """What the class or the factory that ``ref`` describes makes of its options; else as ``load``."""
    made = load_object(ref)
    if not callable(made):
        reason = f"it is a {type(made).__name__}, where a class or a factory belongs"
        hint = "let the entry point name a class, or a function without arguments"
        raise _mismatch(ref, reason, found=ref.value, hint=hint)
    with contained() as guard:
        return made(*_options(ref, made, options, options_at))
    if isinstance(guard.error, ResolutionError):
        raise guard.error
    raise _broken(ref, "built", guard.error) from guard.error


def load_object(ref: NodeRef) -> object:
    """What an entry point refers to, imported.

    Raises:
        ResolutionError: ``broken-node``, with what the import raised and where.
    """
    module, _, attributes = ref.value.partition("[")[0].partition(":")
    with contained() as guard:
        found: object = import_module(module.strip())
        for attribute in filter(None, attributes.strip().split(".")):
            found = getattr(found, attribute)
        return found
    raise _broken(ref, "imported", guard.error) from guard.error


def _options(ref: NodeRef, made: object, options: Mapping[str, object], options_at: str) -> list[object]:
    """The arguments to build a node with: its options where its class names a model of them, else none."""
    model: Any = getattr(made, "Options", None)
    if model is None:
        if options:
            raise _invalid(
                ref, "it takes no options", options_at, found=", ".join(options), hint="remove the table"
            )
        return []
    fields = getattr(model, "model_fields", None)
    if fields is None:
        hint = "let Options be a subclass of pydantic.BaseModel"
        raise _mismatch(ref, "its 'Options' is no pydantic model", found=repr(model), hint=hint)
    for key in options:
        if key not in fields:
            hint = closest(key, fields) or "remove it"
            raise _invalid(ref, f"it has no option '{key}'", options_at, found=", ".join(fields), hint=hint)
    from pydantic import ValidationError

    try:
        return [model.model_validate(dict(options))]
    except ValidationError as error:
        wrong = [": ".join((*map(str, one["loc"]), one["msg"])) for one in error.errors(include_url=False)]
        raise _invalid(ref, "; ".join(wrong), options_at, found=repr(dict(options))) from error


def _hold_to_contract(family: Family[Any], ref: NodeRef, node: object) -> None:
    """Let pluggy look for stray arguments and unknown hooks, then look at what pluggy lets pass."""
    module, _, protocol_name = family.protocol.partition(":")
    protocol = getattr(import_module(module), protocol_name)
    members: Mapping[str, Any] = protocol.__dict__
    specs = {name: member for name, member in members.items() if hasattr(member, "orket_spec")}
    methods = {name: getattr(node, name, None) for name in dir(node)}
    strangers = "; ".join(
        _definition(method)
        for name, method in methods.items()
        if callable(method) and hasattr(method, "orket_impl") and name not in specs
    )
    for name, spec in specs.items():
        method = methods.get(name)
        if method is None:
            raise _mismatch(ref, f"it has no method '{name}'", found=strangers or "no hookimpl", spec=spec)
        if not callable(method):
            raise _mismatch(ref, f"its '{name}' is no method", found=repr(method), spec=spec)
        if reason := _flaw(name, spec, method):
            raise _mismatch(ref, reason, found=_definition(method), spec=spec)
    manager = PluginManager("orket")
    manager.add_hookspecs(protocol)
    try:
        manager.register(node, ref.identity)
        manager.check_pending()
    except PluginValidationError as error:
        hint = f"the hooks of this family are {', '.join(specs)}"
        raise _mismatch(ref, "it implements a hook that is not in it", found=strangers, hint=hint) from error


def _flaw(name: str, spec: Callable[..., object], method: Callable[..., object]) -> str:
    """What is wrong with the implementation of a hook, or nothing."""
    marks = getattr(method, "orket_impl", None)
    if marks is None:
        return f"its '{name}' is not marked with @hookimpl"
    if marks["specname"] not in (None, name):
        return f"its '{name}' is marked as the implementation of '{marks['specname']}'"
    if marks["wrapper"] or marks["hookwrapper"]:
        return f"its '{name}' is a hook wrapper, and a node has nothing to wrap"
    may_await = "Awaitable" in str(spec.__annotations__["return"])
    if inspect.iscoroutinefunction(method) and not may_await:
        return f"its '{name}' is async, where the contract is not"
    if inspect.isgeneratorfunction(method) or inspect.isasyncgenfunction(method):
        return f"its '{name}' is a generator"
    expected, given = _parameters(spec)[1:], _parameters(method)
    if given != expected:
        order = " in another order" if sorted(given) == sorted(expected) else ""
        return (
            f"its '{name}' takes ({', '.join(given)}){order}, where the contract has ({', '.join(expected)})"
        )
    return ""


def _parameters(function: Callable[..., object]) -> list[str]:
    """The parameters as written, without annotations and defaults."""
    parameters = inspect.signature(function).parameters.values()
    bare = [one.replace(annotation=one.empty, default=one.empty) for one in parameters]
    return str(inspect.Signature(bare)).strip("()").split(", ")


def _definition(method: Callable[..., object]) -> str:
    """How a method was written and where, as far as it can be told."""
    function: Any = inspect.unwrap(getattr(method, "__func__", method))
    asynchronous = "async " if inspect.iscoroutinefunction(function) else ""
    code = getattr(function, "__code__", None)
    place = f" at {code.co_filename}:{code.co_firstlineno}" if code else ""
    return f"{asynchronous}def {function.__name__}({', '.join(_parameters(function))}){place}"


def _mismatch(
    ref: NodeRef, reason: str, *, found: str = "", hint: str = "", spec: Callable[..., object] | None = None
) -> ResolutionError:
    if spec is not None:
        names = ", ".join(inspect.signature(spec).parameters)
        hint = f"write @hookimpl and below it: def {spec.__name__}({names})"
    contract = f"the contract of family '{ref.family}'" if title(ref) == "node" else "its contract"
    message = f"{title(ref).capitalize()} '{ref.qualified}' does not keep {contract}: {reason}."
    return ResolutionError(Diagnostic("contract-mismatch", message, "", _origin(ref), found, hint))


def _broken(ref: NodeRef, verb: str, error: BaseException | None) -> ResolutionError:
    found = "" if error is None else f"{describe(error)}{_raised_at(error)}"
    message = f"{title(ref).capitalize()} '{ref.qualified}' could not be {verb}."
    hint = f"repair or reinstall '{ref.distribution}', or choose another {title(ref)}"
    return ResolutionError(Diagnostic("broken-node", message, "", _origin(ref), found, hint))


def _raised_at(error: BaseException) -> str:
    """Where the node's own code raised ``error``; nothing where it was raised before that code ran."""
    if isinstance(error, SyntaxError):
        return f" at {error.filename}:{error.lineno}"
    import traceback

    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    own = [
        f" at {file}:{line}"
        for file, line in frames
        if file not in _IMPORTING and not file.startswith("<frozen ")
    ]
    return own[-1] if own else ""


def _invalid(ref: NodeRef, reason: str, where: str, *, found: str, hint: str = "") -> ResolutionError:
    message = f"The options of {title(ref)} '{ref.qualified}' cannot be used: {reason}."
    return ResolutionError(Diagnostic("invalid-options", message, "", where, found, hint))


def _origin(ref: NodeRef) -> str:
    return f"{ref.distribution} {ref.version}, entry point '{ref.name} = {ref.value}'"
