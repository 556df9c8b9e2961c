"""Host and worker understand each other in whatever pieces their words arrive."""

from __future__ import annotations

import pytest

from orket.runners.process.frames import Frame, Frames, encode

WORDS: list[dict[str, object]] = [{"a": 1}, {"text": "grün \ud800"}, {"deep": [[], {"b": None}]}]


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_frames_arrive_in_any_pieces(size: int) -> None:
    data = b"".join(map(encode, WORDS))
    frames, got = Frames(), list[Frame]()
    for start in range(0, len(data), size):
        frames.feed(data[start : start + size])
        while (frame := frames.next()) is not None:
            got.append(frame)

    assert got == WORDS


def test_a_frame_that_is_too_long_is_refused_before_it_has_arrived() -> None:
    frames = Frames(limit=10)
    frames.feed((64 << 20).to_bytes(4, "big"))

    with pytest.raises(ValueError, match="67,108,864 bytes, where 10 are allowed"):
        frames.next()


def test_what_is_no_object_is_refused() -> None:
    frames = Frames()
    frames.feed(b"\0\0\0\x02[]")

    with pytest.raises(ValueError, match="what is no JSON object"):
        frames.next()
