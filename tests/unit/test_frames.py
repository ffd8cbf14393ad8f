"""Frames that a host sends are read in pieces; all else is noise."""

from __future__ import annotations

import tracemalloc

import cbor2
import pytest

from driftcheck.core.limits import REPLY_BYTES
from driftcheck.subjects.frames import Frames, Noise, ReplyTooLarge


def frame(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


REPLY = frame(cbor2.dumps(["reply", b"what it did"]))


@pytest.mark.parametrize("item", [b"", b"x" * 23, b"x" * 24, b"x" * 256, b"x" * 65_536])
def test_a_frame_is_read_whatever_its_pieces(item: bytes) -> None:
    """A frame that arrives in any pieces is taken once, when it is whole."""
    sent = frame(cbor2.dumps(["reply", item]))
    for size in (1, 5, 4096):
        frames, taken = Frames(), []
        for at in range(0, len(sent), size):
            frames.add(sent[at : at + size])
            if (one := frames.take()) is not None:
                taken.append(one)

        assert taken == [("reply", item)]
        assert not frames.has_more


def test_each_kind_of_frame_is_known() -> None:
    """A host is ready, or it failed; it replies, or it reports an error."""
    kinds = [("ready", {"contract": "lru"}), ("failed", "no such file"), ("error", "unreadable")]
    for word, item in kinds:
        frames = Frames()
        frames.add(frame(cbor2.dumps([word, item])))

        assert frames.take() == (word, item)


NOISE = {
    "text": b"hello, world\n",
    "a zero before a frame": b"\0" + REPLY,
    "bytes after a frame": REPLY + b"\0",
    "two frames": REPLY * 2,
    "an empty frame": frame(b""),
    "another word": frame(cbor2.dumps(["reply!", b""])),
    "another item": frame(cbor2.dumps(["reply", "text"])),
    "an item that is longer than its frame": frame(cbor2.dumps(["reply", b"abc"])[:-1]),
    "an item that is shorter than its frame": frame(cbor2.dumps(["reply", b"abc"]) + b"d"),
    "an item of unknown length": frame(b"\x82\x65reply\x5f\x41x\xff"),
    "an item without a length": frame(b"\x82\x65reply\x5b"),
    "no item": frame(b"\x82\x65reply"),
    "text that is not UTF-8": frame(b"\x82\x65error\x61\xff"),
    "a description that is no map": frame(cbor2.dumps(["ready", [1]])),
    "a description that is cut short": frame(b"\x82\x65ready\xa1\x61"),
    "a large frame that is no reply": b"\x7f\xff\xff\xff" + cbor2.dumps(["error", "x"]),
}


@pytest.mark.parametrize("sent", NOISE.values(), ids=NOISE)
def test_all_else_is_noise(sent: bytes) -> None:
    """What no host sends is refused, with a reason."""
    frames = Frames()
    frames.add(sent)

    with pytest.raises(Noise) as caught:
        frames.take()
    assert caught.value.reason


def test_a_length_alone_allocates_nothing() -> None:
    """A reply that claims more than the limit is refused when its head has arrived."""
    frames = Frames()
    size = REPLY_BYTES + 1
    tracemalloc.start()
    try:
        frames.add(size.to_bytes(4, "big"))
        assert frames.take() is None
        frames.add(b"\x82\x65reply\x5a")
        with pytest.raises(ReplyTooLarge, match="a reply of 8,388,609 bytes is larger than the limit of"):
            frames.take()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 100_000
