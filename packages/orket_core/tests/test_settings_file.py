"""Where the configuration is looked for, and how a file that cannot be read is told."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from orket.core.errors import ConfigError
from orket.core.families import TOOL_STRATEGY
from orket.core.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

RULE = "[process_rules]\ntool_strategy_node = '{}'\n"


def refusal(start: Path, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        Settings.load(start, environ or {})
    return str(caught.value)


def chosen(settings: Settings) -> str:
    return settings.asked(TOOL_STRATEGY)[0].value


# Where the file is


def test_the_file_of_the_start_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "orket.toml").write_text(RULE.format("here"))
    settings = Settings.load(tmp_path, {})
    assert (chosen(settings), settings.file) == ("here", str(tmp_path / "orket.toml"))


def test_the_nearest_file_above_is_read_and_those_further_up_are_not(tmp_path: Path) -> None:
    inner = tmp_path / "one" / "two"
    inner.mkdir(parents=True)
    (tmp_path / "orket.toml").write_text(RULE.format("far"))
    (tmp_path / "one" / "orket.toml").write_text(RULE.format("near"))
    assert chosen(Settings.load(inner, {})) == "near"


def test_the_variable_names_another_file(tmp_path: Path) -> None:
    (tmp_path / "orket.toml").write_text(RULE.format("here"))
    (tmp_path / "other.toml").write_text(RULE.format("there"))
    settings = Settings.load(tmp_path, {"ORKET_CONFIG": str(tmp_path / "other.toml")})
    assert (chosen(settings), settings.file) == ("there", str(tmp_path / "other.toml"))


def test_the_variable_counts_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other.toml").write_text(RULE.format("there"))
    monkeypatch.chdir(tmp_path)
    assert chosen(Settings.load("/", {"ORKET_CONFIG": "other.toml"})) == "there"


def test_a_blank_variable_counts_as_not_set(tmp_path: Path) -> None:
    (tmp_path / "orket.toml").write_text(RULE.format("here"))
    environ = {"ORKET_CONFIG": " ", "ORKET_TOOL_STRATEGY_NODE": "", "ORKET_ALLOW_EFFECTS": "  "}
    settings = Settings.load(tmp_path, environ)
    assert chosen(settings) == "here"
    assert settings.allow_effects == ("read", "write", "network", "execute")


def test_without_a_search_only_the_variable_names_a_file(tmp_path: Path) -> None:
    (tmp_path / "orket.toml").write_text(RULE.format("here"))
    assert Settings.load(tmp_path, {}, search=False).file is None
    named = Settings.load(tmp_path, {"ORKET_CONFIG": str(tmp_path / "orket.toml")}, search=False)
    assert chosen(named) == "here"


def test_the_variables_of_the_process_are_read_when_none_are_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORKET_TOOL_STRATEGY_NODE", "of-process")
    monkeypatch.delenv("ORKET_CONFIG", raising=False)
    assert chosen(Settings.load(tmp_path)) == "of-process"


# What cannot be read


def test_a_start_that_is_not_there_is_an_error_and_not_an_application_without_configuration(
    tmp_path: Path,
) -> None:
    assert refusal(tmp_path / "gone") == (
        "error: invalid-config\n"
        "  A configuration is looked for from a folder, and this is none.\n"
        f"  looked in: {tmp_path}/gone\n"
        "  found:     nothing\n"
        "  hint:      name a folder"
    )


def test_a_file_as_start_is_an_error_that_says_how_to_name_a_file(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text(RULE.format("there"))
    assert refusal(tmp_path / "other.toml") == (
        "error: invalid-config\n"
        "  A configuration is looked for from a folder, and this is none.\n"
        f"  looked in: {tmp_path}/other.toml\n"
        "  found:     a file\n"
        f"  hint:      name its folder, or set ORKET_CONFIG={tmp_path}/other.toml"
    )


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    assert refusal(tmp_path, {"ORKET_CONFIG": str(tmp_path / "none.toml")}) == (
        "error: invalid-config\n"
        "  The configuration cannot be read: No such file or directory.\n"
        "  asked by:  ORKET_CONFIG (environment)\n"
        f"  looked in: {tmp_path}/none.toml\n"
        "  hint:      correct the path, or the permissions"
    )


def test_a_link_to_nothing_is_no_reason_to_look_further_up(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "orket.toml").write_text(RULE.format("far"))
    (inner / "orket.toml").symlink_to("nothing")
    assert refusal(inner) == (
        "error: invalid-config\n"
        "  The configuration cannot be read: No such file or directory.\n"
        f"  looked in: {inner}/orket.toml\n"
        "  hint:      correct the path, or the permissions"
    )


def test_a_folder_that_may_not_be_looked_into_is_no_reason_to_look_further_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "orket.toml").write_text(RULE.format("far"))

    def not_permitted(path: str, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    monkeypatch.setattr("orket.core.settings.os.lstat", not_permitted)
    monkeypatch.setattr("builtins.open", not_permitted)
    assert refusal(tmp_path / "inner") == (
        "error: invalid-config\n"
        "  The configuration cannot be read: Permission denied.\n"
        f"  looked in: {tmp_path}/inner/orket.toml\n"
        "  hint:      correct the path, or the permissions"
    )


def test_a_folder_in_its_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "orket.toml").mkdir()
    assert "The configuration cannot be read: Is a directory." in refusal(tmp_path)


def test_text_in_another_encoding_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "orket.toml").write_bytes(b"# caf\xe9\n")
    assert refusal(tmp_path) == (
        "error: invalid-config\n"
        "  The configuration is not UTF-8: invalid continuation byte at byte 5.\n"
        f"  looked in: {tmp_path}/orket.toml\n"
        "  hint:      save it as UTF-8"
    )


def test_what_is_no_toml_is_an_error_that_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "orket.toml").write_text("[gate]\nmode = warn\n")
    assert refusal(tmp_path) == (
        "error: invalid-config\n"
        "  The configuration is not TOML: Invalid value (at line 2, column 8).\n"
        f"  looked in: {tmp_path}/orket.toml\n"
        "  hint:      text values need quotes"
    )
