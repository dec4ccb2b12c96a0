from __future__ import annotations

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbir.images.decode import Bounds
from cbir.images.protocol import (
    ADMIT,
    DONE,
    FAILED,
    GO,
    NO_MEMORY,
    ProtocolError,
    Reply,
    Request,
    read_reply,
    read_request,
    send_reply,
    send_request,
)

counts = st.integers(0, 2**63)
paths = st.binary(max_size=300).map(os.fsdecode)
bounds = st.builds(Bounds, counts, counts, counts)
requests = st.builds(Request, paths, bounds, counts, st.floats(0, 1e9))
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
replies = st.one_of(
    st.builds(Reply, st.just(ADMIT), memory=counts),
    st.builds(Reply, st.just(FAILED), words=words, lasting=st.booleans()),
    st.just(Reply(NO_MEMORY)),
)


def _sent(reply: Reply) -> bytes:
    stream = io.BytesIO()
    send_reply(stream, reply)
    return stream.getvalue()


@given(requests)
def test_requests_arrive_as_they_were_sent(request: Request) -> None:
    stream = io.BytesIO()
    send_request(stream, request)
    stream.write(GO)
    stream.seek(0)
    assert read_request(stream) == request
    assert read_request(stream) is None


@given(replies)
def test_replies_arrive_as_they_were_sent(reply: Reply) -> None:
    assert read_reply(io.BytesIO(_sent(reply)), 100) == reply


@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_pictures_arrive_as_they_were_sent(width: int, height: int, data: st.DataObject) -> None:
    count = 3 * width * height
    pixels = data.draw(st.binary(min_size=count, max_size=count))
    reply = Reply(DONE, size=(width, height), full=(9, 9), taken=-5, pixels=pixels)
    assert read_reply(io.BytesIO(_sent(reply)), 81) == reply


@pytest.mark.parametrize(
    ("size", "full"),
    [((0, 5), (5, 5)), ((5, 5), (4, 4)), ((2, 2), (11, 10)), ((2**40, 2**40), (2**41, 2**41))],
)
def test_sizes_that_cannot_be_are_refused_before_memory_is_taken(
    size: tuple[int, int], full: tuple[int, int]
) -> None:
    with pytest.raises(ProtocolError, match="nonsense"):
        read_reply(io.BytesIO(_sent(Reply(DONE, size=size, full=full))), 100)


@given(replies, st.data())
def test_half_a_reply_is_none(reply: Reply, data: st.DataObject) -> None:
    sent = _sent(reply)
    cut = data.draw(st.integers(0, len(sent) - 1))
    with pytest.raises(ProtocolError):
        read_reply(io.BytesIO(sent[:cut]), 100)


@given(st.binary(max_size=120))
def test_noise_raises_nothing_else(noise: bytes) -> None:
    for read in (lambda stream: read_reply(stream, 100), read_request):
        try:
            read(io.BytesIO(noise))
        except ProtocolError:
            continue
