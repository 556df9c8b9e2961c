"""Tells observers what happens, and keeps what they do wrong away from the calls they watch."""

from __future__ import annotations

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
        self._faults: dict[object, list[str]] = {}
        for observer in observers:
            self._register(observer)
        self.watched = bool(self._manager.get_plugins())

    @property
    def quarantined(self) -> dict[str, str]:
        """Observers that are told nothing more, by name, with what they last raised."""
        return {
            type(observer).__name__: faults[-1]
            for observer, faults in self._faults.items()
            if len(faults) >= _FAULTS_ALLOWED
        }

    def tell(self, event: str, **facts: object) -> None:
        """Call the hook ``event`` of every observer. Nothing that they do comes back."""
        for implementation in getattr(self._manager.hook, event).get_hookimpls():
            with contained() as guard:
                implementation.function(*(facts[name] for name in implementation.argnames))
            if guard.error is not None:
                self._fault(implementation.plugin, event, guard.error)

    def _register(self, observer: object) -> None:
        try:
            self._manager.register(observer)
            self._manager.check_pending()
        except PluginValidationError as error:
            raise ConfigError(
                Diagnostic(
                    "contract-mismatch",
                    f"{type(observer).__name__} is no observer: {error}",
                    found=f"{type(observer).__module__}.{type(observer).__qualname__}",
                    hint="its hookimpls must be among " + ", ".join(name for name in vars(Observer) if name[0] != "_"),
                )
            ) from error

    def _fault(self, observer: object, event: str, error: BaseException) -> None:
        faults = self._faults.setdefault(observer, [])
        faults.append(f"{event}: {describe(error)}")
        quarantine = len(faults) >= _FAULTS_ALLOWED
        if quarantine:
            self._manager.unregister(observer)

        import logging

        logging.getLogger("orket.observers").warning(
            "%s failed in %s%s", type(observer).__name__, faults[-1], ", and is told nothing more" * quarantine
        )
