"""What a user meets who installs wheels: the gate refuses, a proof opens it, and one changed byte closes it again."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from importlib.metadata import distribution
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ORKET = ("orket_cli", "orket_core", "orket_strategy_read_only", "orket_testkit", "orket_tools")
# Copies: what a test changes must not be the file that a cache holds.
UV = (
    "uv",
    "pip",
    "install",
    "--quiet",
    "--no-deps",
    "--offline",
    "--no-config",
    "--no-cache",
    "--link-mode=copy",
)

PLUGIN = {
    "pyproject.toml": """
        [build-system]
        requires = ["hatchling"]
        build-backend = "hatchling.build"
        [project]
        name = "acme-reviewer"
        version = "1.0"
        dependencies = ["orket-core", "acme-words", "pydantic"]
        [project.entry-points."orket.tool_strategy"]
        acme-reviewer = "acme_reviewer:Reviewer"
        [tool.hatch.build.targets.wheel]
        packages = ["acme_reviewer"]
    """,
    "acme_reviewer/__init__.py": '''
        """A reviewer reads, counts lines, and is told what a folder holds by a tool of its own."""

        from typing import Literal

        from acme_words import plural
        from pydantic import BaseModel, ConfigDict

        from orket.core import CallContext, Effect, Toolset, TurnContext, hookimpl, tool


        @tool
        def list_directory(ctx: CallContext, path: str = ".") -> dict[str, object]:
            """List the sorted names in a folder."""
            return {"items": ctx.workspace.list(path)}


        @tool(effects={Effect.READ}, idempotent=True)
        def count_lines(path: str, ctx: CallContext) -> str:
            """Count the lines of a text file."""
            return plural(len(ctx.workspace.read_text(path).splitlines()), "line")


        class Reviewer:
            class Options(BaseModel):
                model_config = ConfigDict(extra="forbid")
                style: Literal["strict", "loose"]

            def __init__(self, options: Options) -> None:
                self._strict = options.style == "strict"

            @hookimpl
            def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
                if self._strict:
                    toolset = toolset.where(lambda tool: tool.read_only, why="a strict reviewer changes nothing")
                if original := toolset.get("list_directory"):
                    as_careful = {"effects": original.effects, "idempotent": original.idempotent}
                    toolset = toolset.replace(list_directory.with_(**as_careful))
                return toolset if "count_lines" in toolset else toolset | Toolset([count_lines])
    ''',
    "acme_reviewer/orket-node.toml": """
        [acme-reviewer]
        contract = 1
        provides = ["list_directory", "count_lines"]
        [[acme-reviewer.case]]
        options = { style = "strict" }
        roles = ["reviewer"]
        expect = ["read_file", "list_directory", "image_analyze", "get_issue_context", "count_lines"]
        [[acme-reviewer.change]]
        id = "no-writes"
        kind = "removed"
        when = { effects = ["write", "network", "execute"] }
        reason = "a strict reviewer changes nothing"
        doc = "changes.md#no-writes"
        witness = "witness/no_writes.json"
        [[acme-reviewer.change]]
        id = "counts-lines"
        kind = "added"
        when = { tool = "count_lines" }
        reason = "a reviewer asks for nothing more often"
        doc = "changes.md#counts-lines"
        witness = "witness/counts_lines.json"
    """,
    "acme_reviewer/changes.md": """
        # no-writes
        A strict reviewer has no tool that changes anything.
        # counts-lines
        A reviewer counts lines.
    """,
    "acme_reviewer/witness/no_writes.json": """
        {"options": {"style": "strict"}, "roles": [], "toolset": "baseline", "tool": "write_file", "kind": "removed"}
    """,
    "acme_reviewer/witness/counts_lines.json": """
        {"options": {"style": "loose"}, "roles": [], "toolset": "baseline", "tool": "count_lines", "kind": "added"}
    """,
}
HELPER = {
    "pyproject.toml": """
        [build-system]
        requires = ["hatchling"]
        build-backend = "hatchling.build"
        [project]
        name = "acme-words"
        version = "1.0"
        [tool.hatch.build.targets.wheel]
        packages = ["acme_words"]
    """,
    "acme_words/__init__.py": '''
        """Words for numbers of things."""


        def plural(count: int, word: str) -> str:
            return f"{count} {word}" if count == 1 else f"{count} {word}s"
    ''',
}


class Ran(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Environment:
    """A clean virtual environment, and a folder to work in."""

    def __init__(self, home: Path) -> None:
        self.home = home / "venv"
        self.work = home / "work"
        self.work.mkdir(parents=True)
        venv.create(self.home, with_pip=False)
        (self.site,) = self.home.glob("lib/python*/site-packages")

    def install(self, *wheels: Path) -> None:
        run(*UV, f"--python={self.home / 'bin/python'}", *map(str, wheels))

    def orket(self, *words: str, **environ: str) -> Ran:
        """Run the command with nothing of these tests' own environment but what a shell has."""
        env = {"PATH": os.environ["PATH"], "HOME": str(self.work), **environ}
        command = [str(self.home / "bin/orket"), *words]
        done = subprocess.run(command, cwd=self.work, env=env, capture_output=True, text=True, check=False)
        assert done.stderr == "" or done.returncode, done.stderr
        return Ran(done.returncode, done.stdout)

    def status(self, name: str) -> str:
        (status,) = (node["status"] for node in self.orket("nodes", "--json").json if node["name"] == name)
        return str(status)


def run(*command: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def written(files: dict[str, str], folder: Path) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(dedent(text).lstrip("\n"))
    return folder


def needs(name: str) -> set[str]:
    """The names of what an installed distribution needs here."""
    lines = map(Requirement, distribution(name).requires or [])
    here = [line for line in lines if line.marker is None or line.marker.evaluate({"extra": ""})]
    return {canonicalize_name(line.name) for line in here}


def wheel(project: Path, folder: Path) -> Path:
    """A wheel of a project, by its own build backend and without an index."""
    before = set(folder.glob("*.whl"))
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=project)
    (made,) = set(folder.glob("*.whl")) - before
    return made


@pytest.fixture(scope="module")
def wheels(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("wheels")
    return {name: wheel(root / "packages" / name, folder) for name in ORKET}


@pytest.fixture(scope="module")
def base(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Installed files of everything that Orket's wheels need and do not bring, as this environment has them."""
    ours = {name.replace("_", "-") for name in ORKET}
    waiting = {need for name in ours for need in needs(name)} - ours
    needed: set[str] = set()
    while waiting:
        name = waiting.pop()
        needed.add(name)
        waiting |= needs(name) - needed
    folder = tmp_path_factory.mktemp("base")
    for name in needed:
        found = distribution(name)
        for file in found.files or []:
            if ".." not in file.parts and "__pycache__" not in file.parts:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(found.locate_file(file)), folder / file)
    return folder


@pytest.fixture
def environment(base: Path, wheels: dict[str, Path], tmp_path: Path) -> Environment:
    """Orket, installed from its wheels and nothing else."""
    made = Environment(tmp_path)
    shutil.copytree(base, made.site, dirs_exist_ok=True)
    made.install(*wheels.values())
    return made


def test_a_node_is_refused_then_proved_then_stale_after_one_byte(environment: Environment) -> None:
    chosen = {"ORKET_TOOL_STRATEGY_NODE": "read-only"}
    refused = environment.orket("explain", "tool_strategy", "--json", **chosen)
    assert refused.code == 1
    assert refused.json["error"]["code"] == "gate-missing"
    assert refused.json["error"]["hint"] == "prove it: orket prove read-only"

    proof = environment.orket("prove", "read-only")
    assert proof.code == 0, proof.out
    assert "orket-strategy-read-only:read-only: proved, 18 of 18 laws are kept\n" in proof.out

    for _ in range(2):
        allowed = environment.orket("explain", "tool_strategy", "--json", **chosen)
        assert (allowed.code, allowed.json["gate"]["verdict"]) == (0, "allowed")

    with (environment.site / "orket/strategies/read_only/__init__.py").open("a") as file:
        file.write("\n")
    stale = environment.orket("explain", "tool_strategy", "--json", **chosen)
    assert stale.code == 1
    assert stale.json["error"]["code"] == "gate-stale"
    assert stale.json["error"]["message"].endswith(": payload: orket/strategies/read_only/__init__.py.")


def test_a_strangers_plugin_is_proved_as_installed_with_what_it_needs(
    environment: Environment, tmp_path: Path
) -> None:
    helper = wheel(written(HELPER, tmp_path / "helper"), tmp_path)
    environment.install(helper, wheel(written(PLUGIN, tmp_path / "plugin"), tmp_path))
    (environment.work / "orket.toml").write_text(
        '[tools]\ngroups = ["files"]\n[nodes.tool_strategy.acme-reviewer]\nstyle = "strict"\n'
    )
    chosen = {"ORKET_TOOL_STRATEGY_NODE": "acme-reviewer"}
    assert environment.status("acme-reviewer") == "missing"

    proof = environment.orket("prove", "acme-reviewer")
    assert proof.code == 0, proof.out
    (file,) = environment.work.glob(".orket/evidence/tool_strategy/*.json")
    evidence = json.loads(file.read_text())
    assert evidence["recorded"]["options"] == [{"style": "strict"}]
    (counted,) = (check["detail"] for check in evidence["checks"] if check["id"] == "parity-calls")
    counts = r"\([1-9]\d* calls, \d+ errors\)"
    assert re.fullmatch(rf"compared: list_directory {counts}, count_lines {counts}", counted)

    tools = environment.orket("tools", "--json", **chosen)
    offered = {each["name"]: each["offered"] for each in tools.json}
    assert (offered["count_lines"], offered["list_directory"], offered["write_file"]) == (True, True, False)

    changed = {**HELPER, "acme_words/__init__.py": HELPER["acme_words/__init__.py"] + "\n"}
    environment.install(wheel(written(changed, tmp_path / "helper"), tmp_path / "changed"))
    stale = environment.orket("tools", "--json", **chosen)
    assert stale.code == 1
    assert stale.json["error"]["code"] == "gate-stale"
    assert stale.json["error"]["message"].endswith(": dependency acme-words: acme_words/__init__.py.")


def test_one_wheel_has_one_digest_whoever_installs_it(wheels: dict[str, Path], tmp_path: Path) -> None:
    wheel = str(wheels["orket_strategy_read_only"])
    pip, uv, copied = (tmp_path / name for name in ("pip", "uv", "copied"))
    run(
        sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", f"--target={pip}", wheel
    )
    run(*UV, f"--target={uv}", wheel)
    shutil.copytree(pip, copied, ignore=shutil.ignore_patterns("__pycache__"))

    assert len({digest(site) for site in (pip, uv, copied)}) == 1


def digest(site: Path) -> str:
    from orket.core import TOOL_STRATEGY, discover
    from orket.core.proving import installed

    catalog = discover([str(site)], fresh=True)
    (ref,) = catalog.candidates(TOOL_STRATEGY)
    return installed(TOOL_STRATEGY, ref, catalog, 1).payload.digest
