"""What was configured, by whom and where: the one module that reads the configuration file and the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, cast

from orket.core.errors import ConfigError, Diagnostic, closest
from orket.core.families import FAMILIES
from orket.core.gate import Policy
from orket.core.schema import EFFECTS, checked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orket.core.family import Family
    from orket.core.schema import Config

    Kind: TypeAlias = Literal["default", "file", "rules", "operator", "environment", "argument"]

__all__ = ["VARIABLES", "Asked", "Settings", "Source"]

VARIABLES = ("ORKET_CONFIG", "ORKET_ALLOW_EFFECTS", *(family.variable for family in FAMILIES))
"""The variables of the environment by which Orket is configured."""
_FILE = "orket.toml"
_KINDS = ("default", "file", "rules", "operator", "environment", "argument")


class Source(NamedTuple):
    """Where a value came from."""

    kind: Kind
    """From weak to strong: default, file, rules, operator, environment, argument."""
    where: str
    """The file and its key, the variable, or what it was passed to."""

    @property
    def strength(self) -> int:
        """A stronger source has the higher number."""
        return _KINDS.index(self.kind)

    def __str__(self) -> str:
        return f"{self.where} ({self.kind})"


class Asked(NamedTuple):
    """One value, and who asks for it."""

    source: Source
    value: str


class Settings:
    """Everything that was configured. Immutable: ``with_rules`` gives a copy in which somebody asks for more."""

    def __init__(
        self,
        config: Mapping[str, object] | None = None,
        *,
        file: str | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """Take a configuration as values.

        Args:
            config: what a configuration file says, as parsed from TOML.
            file: where that was read; relative paths in it start at the file's folder.
            environ: variables, as in ``os.environ``; a blank one counts as not set.

        Raises:
            ConfigError: an unknown key, a value of the wrong kind, an effect that there is not.
        """
        self.file = file
        self.config: Config = checked(config or {}, file or "the configuration")
        self.environ = {name: text.strip() for name, text in (environ or {}).items() if text.strip()}
        table = f"{file}: process_rules" if file else "process_rules"
        self._layers: tuple[tuple[Source, Mapping[str, object]], ...] = (
            *(
                (Source("file", f"{table}.{key}"), {key: value})
                for key, value in self.config.get("process_rules", {}).items()
            ),
            *(
                (Source("environment", family.variable), {family.rule: self.environ[family.variable]})
                for family in FAMILIES
                if family.variable in self.environ
            ),
        )
        self.allow_effects = self._allow_effects()

    @classmethod
    def load(
        cls,
        start: str | os.PathLike[str] = ".",
        environ: Mapping[str, str] | None = None,
        *,
        search: bool = True,
    ) -> Settings:
        """Read the file that ``ORKET_CONFIG`` names, or ``orket.toml`` in ``start`` or the nearest folder above it.

        Args:
            start: the folder to begin at.
            environ: the variables; those of this process when left out.
            search: whether to look for a file where ``ORKET_CONFIG`` names none.

        Raises:
            ConfigError: the file or the folder is not there, cannot be read, is no TOML, or says what it may not.
        """
        environ = os.environ if environ is None else environ
        named = environ.get("ORKET_CONFIG", "").strip()
        file = os.path.abspath(named) if named else _nearest(start) if search else None
        if file is None:
            return cls(environ=environ)
        return cls(_read(file, "ORKET_CONFIG (environment)" if named else ""), file=file, environ=environ)

    def with_rules(self, kind: Kind, where: str, rules: Mapping[str, object]) -> Settings:
        """A copy in which ``rules`` hold as well, as the word of a source of ``kind``."""
        checked({"process_rules": dict(rules)}, where)
        copy = Settings.__new__(Settings)
        vars(copy).update(vars(self))
        copy._layers = (*self._layers, (Source(kind, where), dict(rules)))
        return copy

    def _rule(self, key: str) -> list[tuple[Source, object]]:
        """What each source says of a rule, the strongest first; of equals, the one that spoke last."""
        said = [(source, rules[key]) for source, rules in reversed(self._layers) if key in rules]
        return sorted(said, key=lambda one: one[0].strength, reverse=True)

    def asked(self, family: Family[object]) -> tuple[Asked, ...]:
        """Who asks for which node of ``family``, the strongest first; the family's default is always the last."""
        default = Asked(Source("default", family.distribution), f"{family.distribution}:{family.default}")
        return (*(Asked(source, str(name)) for source, name in self._rule(family.rule)), default)

    def allowed_nodes(self, family: Family[object]) -> tuple[tuple[Source, tuple[str, ...]], ...]:
        """Every list of the nodes that may be active; a node must be on all of them, whoever asks for it."""
        return tuple(
            (source, tuple(names[family.name]))
            for source, said in self._rule("allowed_nodes")
            if family.name in (names := cast("dict[str, list[str]]", said))
        )

    @property
    def without_tools(self) -> bool:
        """Whether an agent goes on without tools where a node cannot be used; else that is an error."""
        said = self._rule("on_unusable_node")
        return bool(said) and said[0][1] == "no-tools"

    def options(self, family: Family[object], node: str) -> tuple[str, dict[str, object]]:
        """Where the options of a node are, and what they say; for its whole name, else for its name."""
        tables = self.config.get("nodes", {}).get(family.name, {})
        key = _key_of(node, tables)
        return self.place_of(f"nodes.{family.name}.{key}"), tables.get(key, {})

    def policy(self, node: str) -> Policy:
        """How strict the gate is with a node; what is said of its whole name comes before what is said of its name."""
        gate = self.config.get("gate", {})
        nodes = gate.get("nodes", {})
        mode = nodes.get(_key_of(node, nodes), {}).get("mode") or gate.get("mode", "enforce")
        return Policy(mode, gate.get("max_age_days"))

    @property
    def evidence(self) -> str:
        """The folder that evidence is kept in."""
        return self.path(self.config.get("gate", {}).get("evidence", ".orket/evidence"))

    @property
    def unknown_variables(self) -> dict[str, str]:
        """Variables that look like Orket's and that nothing reads, with the one that may be meant."""
        names = sorted(name for name in self.environ if name.startswith("ORKET_") and name not in VARIABLES)
        return {name: closest(name, VARIABLES) for name in names}

    @property
    def misspelt_variables(self) -> list[str]:
        """What is said aloud of those that come close to one that is read: a brake that is misspelt does not hold."""
        said = self.unknown_variables.items()
        return [f"nothing reads the variable '{name}': {meant}" for name, meant in said if meant]

    def place_of(self, key: str) -> str:
        """How messages call the place where ``key`` is written."""
        return f"{self.file or 'the configuration'}: {key}"

    def path(self, written: str) -> str:
        """A path of the configuration; a relative one starts at the file's folder, or at the working directory."""
        return os.path.abspath(os.path.join(os.path.dirname(self.file) if self.file else ".", written))

    def _allow_effects(self) -> tuple[str, ...]:
        """The effects that calls may have: what the file and the environment both allow."""
        allowed = self.config.get("limits", {}).get("allow_effects", list(EFFECTS))
        if text := self.environ.get("ORKET_ALLOW_EFFECTS"):
            words = [] if text == "none" else text.replace(",", " ").split()
            for word in words:
                if word not in EFFECTS:
                    raise ConfigError(
                        Diagnostic(
                            "invalid-config",
                            f"There is no effect '{word}'.",
                            asked_by="ORKET_ALLOW_EFFECTS (environment)",
                            found=", ".join(EFFECTS),
                            hint=closest(word, EFFECTS) or "separate effects by commas, or write none",
                        )
                    )
            allowed = [effect for effect in allowed if effect in words]
        return tuple(allowed)


def _key_of(node: str, tables: Mapping[str, object]) -> str:
    """The key that is about ``node``, a name or ``distribution:name``: the whole of it where that is there."""
    return node if node in tables else node.rpartition(":")[2]


def _nearest(start: str | os.PathLike[str]) -> str | None:
    folder = os.path.abspath(start)
    if not os.path.isdir(folder):
        message, found = "A configuration is looked for from a folder, and this is none.", "nothing"
        hint = "name a folder"
        if os.path.exists(folder):
            found, hint = "a file", f"name its folder, or set ORKET_CONFIG={folder}"
        raise ConfigError(Diagnostic("invalid-config", message, looked_in=folder, found=found, hint=hint))
    while True:
        file = os.path.join(folder, _FILE)
        if _may_be_there(file):
            return file
        if folder == (above := os.path.dirname(folder)):
            return None
        folder = above


def _may_be_there(file: str) -> bool:
    try:
        os.lstat(file)
    except FileNotFoundError:
        return False
    except OSError:  # reading it will say why nobody can tell
        return True
    return True


def _read(file: str, asked_by: str) -> dict[str, object]:
    from tomllib import TOMLDecodeError, loads

    try:
        with open(file, encoding="utf-8") as stream:
            return loads(stream.read())
    except OSError as error:
        message = f"The configuration cannot be read: {error.strerror}."
        hint = "correct the path, or the permissions"
    except UnicodeDecodeError as error:
        message = f"The configuration is not UTF-8: {error.reason} at byte {error.start}."
        hint = "save it as UTF-8"
    except TOMLDecodeError as error:
        message, hint = f"The configuration is not TOML: {error}.", "text values need quotes"
    raise ConfigError(Diagnostic("invalid-config", message, asked_by=asked_by, looked_in=file, hint=hint))
