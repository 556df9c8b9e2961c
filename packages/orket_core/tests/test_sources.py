"""What was judged is what is imported: from its source, and only while its bytes are the judged ones."""

from __future__ import annotations

import hashlib
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from orket.core.sources import import_from

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    Judge = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def judge(site: Path) -> Judge:
    """Takes these files as they are now for judged."""

    def judge(*names: str) -> AbstractContextManager[None]:
        files = {name: site / name for name in names}
        return import_from(
            {name: (str(file), hashlib.sha256(file.read_bytes()).hexdigest()) for name, file in files.items()}
        )

    return judge


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_modules_and_packages_are_imported_from_what_was_judged(site: Path, judge: Judge) -> None:
    write(site / "acme/__init__.py", "NAME = 'acme'\n")
    write(site / "acme/inner.py", "from acme import NAME\nLONG = NAME + '.inner'\n")
    with judge("acme/__init__.py", "acme/inner.py"):
        inner: object = import_module("acme.inner")
    assert getattr(inner, "LONG", None) == "acme.inner"
    assert getattr(inner, "__file__", None) == str(site / "acme/inner.py")


def test_a_file_that_changed_since_it_was_judged_is_not_imported(site: Path, judge: Judge) -> None:
    write(site / "acme.py", "x = 1\n")
    judged = judge("acme.py")
    write(site / "acme.py", "x = 2\n")
    with judged, pytest.raises(ImportError) as caught:
        import_module("acme")
    assert str(caught.value) == f"{site}/acme.py has changed since it was judged"
    assert "acme" not in sys.modules


def test_what_is_imported_on_first_use_comes_from_what_was_judged_too(site: Path, judge: Judge) -> None:
    write(site / "acme/__init__.py", "")
    write(site / "acme/late.py", "x = 1\n")
    with judge("acme/__init__.py", "acme/late.py"):
        import_module("acme")
    write(site / "acme/late.py", "x = 2\n")
    with pytest.raises(ImportError, match="has changed since it was judged"):
        import_module("acme.late")


def test_a_file_that_came_first_on_the_path_later_is_not_taken_for_the_judged_one(
    site: Path, judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(site / "acme.py", "x = 'judged'\n")
    judged = judge("acme.py")
    write(tmp_path / "earlier/acme.py", "x = 'another'\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "earlier"), *sys.path])
    with judged:
        assert getattr(import_module("acme"), "x", None) == "judged"


def test_once_a_node_is_loaded_an_application_has_its_own_modules_of_the_same_name(
    site: Path, judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many distributions ship a package ``tests`` or a module ``utils`` at the top by mistake."""
    write(site / "acme.py", "")
    write(site / "checks/__init__.py", "x = 'shipped'\n")
    write(site / "checks/inner.py", "x = 'shipped'\n")
    write(tmp_path / "own/checks/__init__.py", "x = 'own'\n")
    write(tmp_path / "own/checks/inner.py", "x = 'own'\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "own"), *sys.path])
    with judge("acme.py", "checks/__init__.py", "checks/inner.py"):
        import_module("acme")
    inner: object = import_module("checks.inner")
    assert (getattr(sys.modules.pop("checks"), "x", None), getattr(inner, "x", None)) == ("own", "own")
    del sys.modules["checks.inner"]


def test_in_a_namespace_that_is_shared_what_was_judged_comes_first_also_on_first_use(
    site: Path, judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(site / "acme/one.py", "")
    write(site / "acme/late.py", "x = 'judged'\n")
    write(site / "acme/deep/__init__.py", "x = 'judged'\n")
    write(tmp_path / "earlier/acme/late.py", "x = 'another'\n")
    write(tmp_path / "earlier/acme/deep/__init__.py", "x = 'another'\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "earlier"), *sys.path])
    with judge("acme/one.py", "acme/late.py", "acme/deep/__init__.py"):
        import_module("acme.one")
    late = [getattr(import_module(name), "x", None) for name in ("acme.late", "acme.deep")]
    assert late == ["judged", "judged"]


def test_a_judged_module_that_no_entry_of_the_path_holds_is_imported_all_the_same(
    site: Path, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of an editable installation that a finder of its own makes known."""
    write(site / "acme.py", "x = 1\n")
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry != str(site)])
    with judge("acme.py"):
        pass
    assert getattr(import_module("acme"), "x", None) == 1


def test_what_was_judged_anew_is_imported_as_it_is_now(site: Path, judge: Judge) -> None:
    write(site / "acme.py", "x = 1\n")
    with judge("acme.py"):
        pass
    write(site / "acme.py", "x = 2\n")
    with judge("acme.py"):
        assert getattr(import_module("acme"), "x", None) == 2


def test_what_was_not_judged_is_imported_as_ever(site: Path, judge: Judge) -> None:
    write(site / "acme/__init__.py", "")
    write(site / "acme/words.txt", "x = 1\n")
    write(site / "beta.py", "x = 3\n")
    with judge("acme/__init__.py", "acme/words.txt"):
        assert getattr(import_module("beta"), "x", None) == 3
        with pytest.raises(ModuleNotFoundError):
            import_module("acme.words")


def test_no_compiled_file_is_written_for_what_was_judged(
    site: Path, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    write(site / "acme.py", "x = 1\n")
    write(site / "beta.py", "x = 1\n")
    with judge("acme.py"):
        import_module("acme")
        import_module("beta")
    assert [file.name.partition(".")[0] for file in (site / "__pycache__").iterdir()] == ["beta"]
