"""Error text that a model may read: without the host's paths and without its secrets."""

from __future__ import annotations

import os
import re

__all__ = ["redact"]

_LIMIT = 2_000
_LONGEST = 65_536  # characters looked through; an error may hold all the data that its tool choked on
_START = r"(?:[A-Za-z]:\\|/)"
_PATH = re.compile(
    rf"""(?x)
    (?<= ['"`] ) {_START} [^'"`\n]+ (?= ['"`] )         # in quotes it may hold spaces
    | (?i: \b file:) /+ [^\s'"`<>|,()\[\]{{}}]+
    | (?<! [\w./] ) (?! (?<= : ) // ) {_START} [^\s'"`<>|:;,()\[\]{{}}]+   # but not after a URL's scheme
    """
)
_LABELLED = re.compile(
    # No word may be scanned from each of its characters, or a long one takes minutes: hence the bound, and no prefix.
    r"""(?ix) ( (?: api[_-]?key | token | secret | passw(?:or)?d | credential ) [\w-]{0,64} ['"]? \s* [=:] \s*
              | \b bearer \s+ )
        (?: '[^']*' | "[^"]*" | [^\s'",;)&]+ )"""
)
_USERINFO = re.compile(r"(?<=://)[^/\s@]+@")
_SECRET_NAME = re.compile(r"(?i)key|token|secret|passw|credential")


def redact(text: str, root: str | None = None) -> str:
    """``text`` fit for a model: paths under ``root`` relative, other absolute paths and secrets hidden, length capped.

    Secrets are what looks labelled as one, and the values of environment variables whose names say so.
    """
    for name, value in os.environ.items():
        if len(value) >= 8 and _SECRET_NAME.search(name):
            text = text.replace(value, "<secret>")
    text = text[:_LONGEST]
    if root and root != "/":
        folder = re.escape(root.rstrip("/"))
        text = re.sub(rf"(?<![\w./-]){folder}/(?=[^\s'\"`])", "", text)
        text = re.sub(rf"(?<![\w./-]){folder}/?(?![\w-]|\.\w)", ".", text)
    text = _USERINFO.sub("<secret>@", text)
    text = _LABELLED.sub(r"\1<secret>", text)
    text = _PATH.sub("<path>", text)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= _LIMIT else f"{text[:_LIMIT]} […]"
