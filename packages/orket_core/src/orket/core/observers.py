"""Tells observers what happens, and keeps what they do wrong away from the calls they watch."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import TYPE_CHECKING

from pluggy import PluginManager, PluginValidationError

from orket.core.contain import contained, describe
from orket.core.errors import ConfigError, Diagnostic
from orket.core.hookspecs import Observer

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Relay"]

_FAULTS_ALLOWED = 3


class Relay:
    """Passes each event to every observer that takes it. One that fails three times is told nothing more."""

    def __init__(self, observers: Iterable[object] = ()) -> None:
        self._manager = PluginManager("orket")
        self._manager.add_hookspecs(Observer)
        self._faults: dict[int, list[str]] = {}
        self.quarantined: dict[str, str] = {}
        """Observers that are told nothing more, by the name of their type, with what they last raised."""
        for observer in observers:
            self._register(observer)
        self.watched = bool(self._manager.get_plugins())
        self._list_listeners()

    def tell(self, event: str, **facts: object) -> None:
        """Call the hook ``event`` of every observer. Nothing that they do comes back."""
        for listener in self._listeners[event]:
            with contained() as guard:
                listener.function(*map(facts.__getitem__, listener.argnames))
            if guard.error is not None:
                self._fault(listener.plugin, event, guard.error)

    def _list_listeners(self) -> None:
        self._listeners = {event: getattr(self._manager.hook, event).get_hookimpls() for event in _events()}

    def _register(self, observer: object) -> None:
        try:
            self._manager.register(observer)
            self._manager.check_pending()
        except (PluginValidationError, ValueError) as error:
            raise _mismatch(observer, str(error)) from error
        hooks = self._manager.get_hookcallers(observer)
        if not hooks:
            raise _mismatch(observer, "it has no method marked with @hookimpl")
        for hook in hooks:
            for implementation in hook.get_hookimpls():
                if implementation.plugin is observer and iscoroutinefunction(implementation.function):
                    raise _mismatch(observer, f"its '{hook.name}' is async, where the contract is not")

    def _fault(self, observer: object, event: str, error: BaseException) -> None:
        faults = self._faults.setdefault(id(observer), [])
        faults.append(f"{event}: {describe(error)}")
        quarantine = len(faults) == _FAULTS_ALLOWED
        if quarantine:
            self.quarantined[type(observer).__name__] = faults[-1]
            self._manager.unregister(observer)
            self._list_listeners()

        import logging

        logging.getLogger("orket.observers").warning(
            "%s failed in %s%s",
            type(observer).__name__,
            faults[-1],
            ", and is told nothing more" * quarantine,
        )


def _mismatch(observer: object, reason: str) -> ConfigError:
    found = f"{type(observer).__module__}.{type(observer).__qualname__}"
    message = f"{type(observer).__name__} is no observer: {reason}."
    hint = f"its hookimpls must be among {', '.join(_events())}"
    return ConfigError(Diagnostic("contract-mismatch", message, "", "the observers", found, hint))


def _events() -> list[str]:
    return [name for name, hook in vars(Observer).items() if hasattr(hook, "orket_spec")]
