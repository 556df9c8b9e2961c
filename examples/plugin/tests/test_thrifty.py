"""What the strategy promises, and how it is chosen once it is installed."""

from pathlib import Path

import pytest
from acme_thrifty import Thrifty

from orket.core import Effect, ResolutionError, Runtime, Settings, Toolset, TurnContext, tool
from orket.testkit import conformance, prove

TestLaws = conformance("tool_strategy", "thrifty")


@tool(effects={Effect.READ})
def look() -> str:
    """Look."""
    return "seen"


@tool(effects={Effect.WRITE})
def note(text: str) -> str:
    """Note something down."""
    return text


@tool(effects={Effect.WRITE}, budget=1)
def publish() -> str:
    """Publish."""
    return "published"


TOOLS = Toolset([look, note, publish])


def compose(**options: int) -> Toolset:
    return Thrifty(Thrifty.Options(**options)).compose(TOOLS, TurnContext())


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `orket prove thrifty` left its evidence."""
    folder = tmp_path_factory.mktemp("evidence")
    assert prove("thrifty", settings=Settings({"gate": {"evidence": str(folder)}})).passed
    return folder


@pytest.fixture
def chosen(proved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose configuration leaves the choice to the environment, which chooses the strategy."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORKET_TOOL_STRATEGY_NODE", "thrifty")
    file = tmp_path / "orket.toml"
    file.write_text(
        f'[gate]\nevidence = "{proved}"\n[nodes.tool_strategy.thrifty]\nchanges = 2\n', encoding="utf-8"
    )
    return file


def test_every_tool_stays_on_offer_in_its_place() -> None:
    assert compose().names == ("look", "note", "publish")


def test_a_tool_that_only_reads_is_left_as_it_is() -> None:
    assert compose()["look"] is look


def test_a_tool_that_changes_things_gets_a_budget() -> None:
    assert compose()["note"].budget == 3
    assert compose(changes=5)["note"].budget == 5


def test_a_smaller_budget_of_its_author_stays() -> None:
    assert compose()["publish"].budget == 1


@pytest.mark.usefixtures("chosen")
def test_the_variable_makes_it_the_active_node_with_the_options_of_the_file() -> None:
    with Runtime.load(tools=TOOLS) as runtime:
        turn = runtime.turn(session_id="s1")
        statuses = [turn.call_sync({"name": "note", "arguments": {"text": "x"}}).status for _ in range(3)]
        another = runtime.turn(session_id="s2").call_sync({"name": "note", "arguments": {"text": "x"}})

    assert turn.node == "tool_strategy/acme-thrifty:thrifty"
    assert statuses == ["ok", "ok", "denied"]
    assert another.ok


def test_a_bad_option_is_an_error_that_names_the_key_and_the_file(chosen: Path) -> None:
    text = chosen.read_text(encoding="utf-8").replace("changes = 2", "changes = 0")
    chosen.write_text(text, encoding="utf-8")

    with pytest.raises(ResolutionError) as caught:
        Runtime.load(tools=TOOLS)

    assert str(caught.value).splitlines() == [
        "error: invalid-options",
        "  The options of node 'acme-thrifty:thrifty' cannot be used: changes: Input should be greater than 0.",
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)",
        f"  looked in: {chosen}: nodes.tool_strategy.thrifty",
        "  found:     {'changes': 0}",
    ]
