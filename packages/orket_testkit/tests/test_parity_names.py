"""What is made up has a name in the order of its appearance, so that relations can be compared."""

from __future__ import annotations

import pytest

from orket.testkit.parity.names import Names, masked
from orket.testkit.parity.observations import same
from orket.testkit.parity.scenes import Call, Scene

UUID = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
HEX = "9f86d081884c7d65"


def named(value: object, scene: Scene | None = None) -> object:
    return Names(scene or Scene(()), {"/w/workspace": "<workspace>", "/w": "<world>"}).of(value)


@pytest.mark.parametrize("made_up", [UUID, HEX, "01HF7YAT31JZ5T8Y2H9D8Q2W3E", "deadbee1"])
def test_ids_of_common_kinds_are_named(made_up: str) -> None:
    assert named(f"card-{made_up}.") == "card-<id-1>."


def test_the_same_id_has_the_same_name_everywhere_and_another_one_another() -> None:
    assert named({"id": HEX, "of": [UUID, f"x-{HEX}"], HEX: 1}) == {
        "id": "<id-1>",
        "of": ["<id-2>", "x-<id-1>"],
        "<id-1>": 1,
    }


def test_times_are_named_apart_from_ids() -> None:
    assert named(f"20300102T030405_{HEX} 2030-01-02 03:04:05.5+00:00") == "<time-1>_<id-1> <time-2>"


@pytest.mark.parametrize("word", ["words", "decade", "facade", "issue-1", "1234567", "sha256:" + "0a" * 32])
def test_words_numbers_and_digests_keep_their_own_names(word: str) -> None:
    assert named(word) == word


def test_what_the_scene_gives_itself_was_not_made_up() -> None:
    assert named(HEX, Scene((Call("write_file", {"content": f"token {HEX}"}),))) == HEX


def test_folders_of_the_world_have_names() -> None:
    assert named("/w/workspace/a.txt /w/tmp") == "<workspace>/a.txt <world>/tmp"


def test_the_order_of_rows_does_not_depend_on_what_is_made_up() -> None:
    assert masked(f"{HEX} b") == masked(f"{UUID} b")


def test_types_count_and_the_order_of_keys_does_not() -> None:
    assert not same(1, 1.0)
    assert not same(1, True)
    assert not same("1", 1)
    assert same({"a": 1, "b": [None]}, {"b": [None], "a": 1})
