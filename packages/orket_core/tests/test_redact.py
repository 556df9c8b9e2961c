"""Error text that a model may read: no path of the host, no secret."""

from __future__ import annotations

import subprocess
import sys

import pytest

from orket.core.redact import redact

ROOT = "/srv/agent/work"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("nothing to hide", "nothing to hide"),
        ("cannot open /etc/passwd", "cannot open <path>"),
        ("[Errno 2] No such file: '/home/me/My Documents/a b.txt'", "[Errno 2] No such file: '<path>'"),
        ('File "/usr/lib/python3.11/json/decoder.py", line 3', 'File "<path>", line 3'),
        ("config:/home/me/x", "config:<path>"),
        ("path=/home/me/x, mode=r", "path=<path>, mode=r"),
        ("(/home/me/x)", "(<path>)"),
        ("see file:///home/me/x.html", "see <path>"),
        ("C:\\Users\\me\\x.txt is locked", "<path> is locked"),
        ("C:/opt/me/x.txt is locked", "C:<path> is locked"),
        ("see https://example.com/a/b?c", "see https://example.com/a/b?c"),
        ("and/or, 1/2, a/b.txt", "and/or, 1/2, a/b.txt"),
        ("a / b", "a / b"),
    ],
    ids=range(13),
)
def test_absolute_paths_are_hidden(text: str, safe: str) -> None:
    assert redact(text, ROOT) == safe


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        (f"cannot open {ROOT}/src/a.py", "cannot open src/a.py"),
        (f"cannot open '{ROOT}/src/a.py'", "cannot open 'src/a.py'"),
        (f"cannot list {ROOT}", "cannot list ."),
        (f"cannot list {ROOT}/", "cannot list ."),
        (f"cannot list {ROOT}.", "cannot list .."),
        (f"{ROOT}/a and {ROOT}/b", "a and b"),
        (f"cannot open {ROOT}-backup/secret", "cannot open <path>"),
        (f"cannot open {ROOT}2/secret", "cannot open <path>"),
        (f"cannot open {ROOT}.old/secret", "cannot open <path>"),
        (f"cannot open /mnt{ROOT}/a", "cannot open <path>"),
    ],
    ids=range(10),
)
def test_paths_in_the_workspace_become_relative_to_it(text: str, safe: str) -> None:
    assert redact(text, ROOT) == safe
    assert redact(text, ROOT + "/") == safe


def test_a_workspace_at_the_top_of_the_file_system_hides_nothing_less() -> None:
    assert redact("cannot open /etc/passwd", "/") == "cannot open <path>"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("api_key=abc123", "api_key=<secret>"),
        ("API-KEY: abc123; retry", "API-KEY: <secret>; retry"),
        ("OPENAI_API_KEY=sk-1 is wrong", "OPENAI_API_KEY=<secret> is wrong"),
        ("{'password': 'hunter 2', 'user': 'me'}", "{'password': <secret>, 'user': 'me'}"),
        ('{"access_token": "a.b.c", "n": 1}', '{"access_token": <secret>, "n": 1}'),
        ("client_secret = abc", "client_secret = <secret>"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer <secret>"),
        ("page?token=abc&size=2", "page?token=<secret>&size=2"),
        ("postgresql://me:hunter2@db/app", "postgresql://<secret>@db/app"),
    ],
    ids=range(9),
)
def test_what_is_labelled_as_a_secret_is_hidden(text: str, safe: str) -> None:
    assert redact(text) == safe


@pytest.mark.parametrize("name", ["SERVICE_TOKEN", "API_KEY", "DB_PASSWORD", "client_secret"])
def test_the_values_of_secret_variables_are_hidden(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "correct horse battery")

    assert redact("it said: correct horse battery!") == "it said: <secret>!"


def test_short_values_and_other_variables_are_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHORT_TOKEN", "the")
    monkeypatch.setenv("GREETING", "good morning")

    assert redact("the word is good morning") == "the word is good morning"


def test_long_text_is_cut() -> None:
    assert redact("x" * 5_000) == "x" * 2_000 + " […]"


def test_what_is_no_character_becomes_a_question_mark() -> None:
    assert redact("a\ud800b") == "a?b"


@pytest.mark.parametrize("word", ["a-", "token", "token-"])
def test_no_text_holds_up_who_reads_it(word: str) -> None:
    """In a process of its own: where it would take minutes, no other way ends it."""
    code = f"from orket.core.redact import redact; print(len(redact({word!r} * 1_000_000)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout == "2004\n"
