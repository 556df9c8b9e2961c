"""Every example in the README does what the README says."""

import ast
import asyncio
import re
import shlex
import shutil
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from orket.cli import main
from orket.cli.commands import COMMANDS
from orket.core import TOOL_STRATEGY, Effect, Settings, Toolset, TurnContext, tool

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = FENCE.findall(README)
CORE = "packages/orket_core/README.md"
NEEDS_ANOTHER = re.compile(r"\bprove\b|session\.jsonl")


def blocks(language: str, containing: str = "") -> list[str]:
    return [text for kind, text in BLOCKS if kind == language and containing in text]


def commands(program: str) -> list[str]:
    lines = [line.partition("#")[0].strip() for text in blocks("console") for line in text.splitlines()]
    bare = [(line, [word for word in line.split() if "=" not in word]) for line in lines if line]
    return [line for line, words in bare if words[0] == program]


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the README's configuration, in which the README's node is proved."""
    folder = tmp_path_factory.mktemp("readme")
    (text,) = blocks("toml", "[process_rules]")
    (folder / "orket.toml").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        (line,) = [line for line in commands("orket") if "prove" in line]
        assert main(shlex.split(line)[1:]) == 0
    return folder


@pytest.fixture
def configured(proved: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(proved)
    return proved


def test_every_block_is_of_a_kind_that_is_tested() -> None:
    assert {kind for kind, _ in BLOCKS} == {"console", "python", "toml"}
    assert (
        len(blocks("python"))
        == len(blocks("python", "one_exchange")) + len(blocks("python", "NoNetwork"))
        == 2
    )
    assert (
        len(blocks("toml")) == len(blocks("toml", "orket.toml")) + len(blocks("toml", "pyproject.toml")) == 2
    )
    lines = [line for text in blocks("console") for line in text.splitlines()]
    known = [*commands("orket"), *commands("pip"), *commands("python3")]
    assert len(lines) == len(known)


def test_the_embedding_example_answers_a_model(configured: Path) -> None:
    (source,) = blocks("python", "one_exchange")
    namespace: dict[str, Any] = {}
    exec(compile(source, "README.md", "exec"), namespace)
    offered: list[str] = []

    async def model(messages: list[Any], tools: list[Any]) -> SimpleNamespace:
        offered.extend(one["function"]["name"] for one in tools)
        call = {"id": "c1", "function": {"name": "forecast", "arguments": '{"city": "Oslo"}'}}
        return SimpleNamespace(tool_calls=[call])

    answer = asyncio.run(namespace["one_exchange"](model, [{"role": "user", "content": "And tomorrow?"}]))
    assert offered == ["read_file", "list_directory", "forecast"]
    assert answer[-1] == {"role": "tool", "tool_call_id": "c1", "content": "Oslo: sunny, 21 degrees"}


def test_the_strategy_example_leaves_the_network_out() -> None:
    (source,) = blocks("python", "NoNetwork")
    namespace: dict[str, Any] = {}
    exec(compile(source, "README.md", "exec"), namespace)

    @tool(effects={Effect.READ})
    def near() -> None: ...

    @tool(effects={Effect.READ, Effect.NETWORK})
    def far() -> None: ...

    offered = namespace["NoNetwork"]().compose(Toolset([near, far]), TurnContext())
    assert offered.names == ("near",)
    assert offered.why("far") == "'far' is absent: no-network strategy"


def test_the_configuration_chooses_the_node_it_names() -> None:
    (text,) = blocks("toml", "[process_rules]")
    asked = Settings(tomllib.loads(text), file="orket.toml").asked(TOOL_STRATEGY)
    assert (asked[0].value, asked[0].source.kind) == ("read-only", "file")


def test_the_entry_point_is_in_the_family_group() -> None:
    (text,) = blocks("toml", "pyproject.toml")
    assert list(tomllib.loads(text)["project"]["entry-points"]) == [TOOL_STRATEGY.group]


def run(line: str, patch: pytest.MonkeyPatch) -> int:
    words = shlex.split(line)
    while "=" in words[0]:
        patch.setenv(*words.pop(0).split("=", 1))
    return main(words[1:])


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("line", [line for line in commands("orket") if not NEEDS_ANOTHER.search(line)])
def test_a_command_ends_as_the_readme_says(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status = run(line, monkeypatch)
    shown = capsys.readouterr()
    if "call" in line:
        assert (status, shown.err.partition("\n")[0]) == (1, "error: forbidden-effect")
    else:
        assert status == 0, shown.err


def test_a_recording_shows_what_the_node_of_the_configuration_refuses(
    proved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record, play = [line for line in commands("orket") if "session.jsonl" in line]
    project = shutil.copytree(proved, tmp_path / "project")
    for line in (record, play):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(project)
            assert run(line, patch) == 0
    assert "recorded  1 of 1 calls end otherwise than at the time\n" in capsys.readouterr().out


def test_what_is_installed_is_a_member(members: dict[Path, dict[str, Any]]) -> None:
    names = {member["project"]["name"] for member in members.values()}
    assert {line.split()[-1] for line in commands("pip")} <= names


def test_the_two_commands_are_sessions_of_nox(root: Path) -> None:
    tree = ast.parse((root / "noxfile.py").read_text(encoding="utf-8"))
    sessions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert commands("python3") == ["python3 noxfile.py", "python3 noxfile.py -s tests"]
    assert {"demo", "tests"} <= sessions


def test_the_readme_of_the_core_alone_runs_as_it_stands(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ((_, source),) = FENCE.findall((root / CORE).read_text("utf-8"))
    exec(compile(source, CORE, "exec"), {})
    assert capsys.readouterr().out.endswith("}}]\nok Oslo: sunny, 21 degrees\n")


def test_the_readme_of_the_command_line_has_every_command(root: Path) -> None:
    text = (root / "packages/orket_cli/README.md").read_text("utf-8")
    rows = re.findall(r"^\| `orket (\w+)", text, re.MULTILINE)
    assert sorted(rows) == sorted(COMMANDS)


def test_the_readme_of_orket_has_every_extra(root: Path, members: dict[Path, dict[str, Any]]) -> None:
    text = (root / "packages/orket/README.md").read_text("utf-8")
    extras = members[root / "packages/orket"]["project"]["optional-dependencies"]
    assert [extra for extra in extras if f"\n| `{extra}` | " not in text] == []


def test_every_local_link_leads_somewhere(root: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert links
    assert [link for link in links if not (root / link).exists()] == []
