"""Who wins: default < file < rules < operator < environment < argument."""

from __future__ import annotations

from orket.core.families import TOOL_RUNNER, TOOL_STRATEGY
from orket.core.settings import Settings, Source

VARIABLE = "ORKET_TOOL_STRATEGY_NODE"


def from_file() -> Settings:
    return Settings({"process_rules": {"tool_strategy_node": "of-file"}}, file="/app/orket.toml")


def rules(settings: Settings, node: str = "of-rules") -> Settings:
    return settings.with_rules("rules", "Runtime(process_rules=…)", {"tool_strategy_node": node})


def operator(settings: Settings, node: str = "of-operator") -> Settings:
    return settings.with_rules("operator", "Runtime.switch", {"tool_strategy_node": node})


def environment(config: dict[str, object] | None = None) -> Settings:
    return Settings(config, environ={VARIABLE: "of-environment"})


def argument(settings: Settings, node: str = "of-argument") -> Settings:
    return settings.with_rules("argument", "Runtime(nodes=…)", {"tool_strategy_node": node})


def asked(settings: Settings) -> list[tuple[str, str]]:
    return [(request.source.kind, request.value) for request in settings.asked(TOOL_STRATEGY)]


DEFAULT = ("default", "orket-core:default")


def test_default_is_what_nobody_asked_for() -> None:
    assert asked(Settings()) == [DEFAULT]


def test_file_beats_default() -> None:
    assert asked(from_file()) == [("file", "of-file"), DEFAULT]


def test_rules_beat_file() -> None:
    assert asked(rules(from_file())) == [("rules", "of-rules"), ("file", "of-file"), DEFAULT]


def test_operator_beats_rules() -> None:
    assert asked(operator(rules(Settings()))) == [("operator", "of-operator"), ("rules", "of-rules"), DEFAULT]


def test_operator_beats_rules_that_come_later() -> None:
    assert asked(rules(operator(Settings()))) == [("operator", "of-operator"), ("rules", "of-rules"), DEFAULT]


def test_environment_beats_operator() -> None:
    assert asked(operator(environment())) == [
        ("environment", "of-environment"),
        ("operator", "of-operator"),
        DEFAULT,
    ]


def test_environment_beats_rules() -> None:
    assert asked(rules(environment()))[0] == ("environment", "of-environment")


def test_environment_beats_file() -> None:
    both = environment({"process_rules": {"tool_strategy_node": "of-file"}})
    assert asked(both) == [("environment", "of-environment"), ("file", "of-file"), DEFAULT]


def test_argument_beats_environment() -> None:
    assert asked(argument(environment())) == [
        ("argument", "of-argument"),
        ("environment", "of-environment"),
        DEFAULT,
    ]


def test_of_equal_sources_the_later_word_wins() -> None:
    assert asked(argument(argument(Settings(), "first"), "second")) == [
        ("argument", "second"),
        ("argument", "first"),
        DEFAULT,
    ]
    assert asked(rules(rules(Settings(), "first"), "second"))[0] == ("rules", "second")
    assert asked(operator(operator(Settings(), "first"), "second"))[0] == ("operator", "second")


def test_all_six_stand_in_the_order_of_their_strength() -> None:
    settings = environment({"process_rules": {"tool_strategy_node": "of-file"}})
    kinds = [kind for kind, _ in asked(argument(rules(operator(settings))))]
    assert kinds == ["argument", "environment", "operator", "rules", "file", "default"]


def test_a_word_about_one_family_says_nothing_of_another() -> None:
    settings = argument(environment())
    assert [str(request.source) for request in settings.asked(TOOL_RUNNER)] == ["orket-core (default)"]
    assert settings.asked(TOOL_RUNNER)[0].value == "orket-core:inline"


def test_the_stronger_source_decides_what_happens_without_a_usable_node() -> None:
    settings = Settings({"process_rules": {"on_unusable_node": "no-tools"}})
    assert settings.without_tools
    stricter = settings.with_rules("rules", "Runtime(process_rules=…)", {"on_unusable_node": "error"})
    assert not stricter.without_tools


def test_a_stronger_source_has_the_higher_number() -> None:
    weak_to_strong = [
        Source("default", "here"),
        Source("file", "here"),
        Source("rules", "here"),
        Source("operator", "here"),
        Source("environment", "here"),
        Source("argument", "here"),
    ]
    assert [source.strength for source in weak_to_strong] == [0, 1, 2, 3, 4, 5]


def test_a_word_added_to_a_copy_leaves_the_original_as_it_was() -> None:
    settings = from_file()
    argument(settings)
    assert asked(settings)[0] == ("file", "of-file")


def test_a_word_once_taken_does_not_change_with_the_mapping_it_came_in() -> None:
    word: dict[str, object] = {"tool_strategy_node": "first"}
    settings = Settings().with_rules("rules", "Runtime(process_rules=…)", word)
    word["tool_strategy_node"] = "second"
    assert asked(settings)[0] == ("rules", "first")


def test_every_request_says_where_it_was_made() -> None:
    settings = Settings(
        {"process_rules": {"tool_strategy_node": "of-file"}},
        file="/app/orket.toml",
        environ={VARIABLE: "of-environment"},
    )
    settings = argument(operator(rules(settings)))
    assert [str(request.source) for request in settings.asked(TOOL_STRATEGY)] == [
        "Runtime(nodes=…) (argument)",
        "ORKET_TOOL_STRATEGY_NODE (environment)",
        "Runtime.switch (operator)",
        "Runtime(process_rules=…) (rules)",
        "/app/orket.toml: process_rules.tool_strategy_node (file)",
        "orket-core (default)",
    ]
