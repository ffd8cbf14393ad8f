"""
Payloads: what a codec writes, real documents, both perhaps with mutations, and any bytes.

Knows only the protocol of codecs and mutations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from driftcheck.codecs import checked_calls
from driftcheck.core.recent import Recent
from driftcheck.core.trace import Document
from driftcheck.generate import plan as p
from driftcheck.generate._conjecture import Choice, StopTest, label
from driftcheck.generate.coder import CannotLift, Coder, NotInPlay, State
from driftcheck.generate.dice import ENDLESS, Source
from driftcheck.generate.restrict_plan import names_used
from driftcheck.generate.schema_versions import at_its_schema_version
from driftcheck.generate.values import compile_part

EFFECTIVE_TRIES = 4  # tries to draw a mutation that changes the document; then the document has none

MUTATION = label("driftcheck mutation")
VALUE = label("driftcheck payload")


class _Recorder:
    """Makes the choices of a mutation, and records them."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.drawn: list[int | bool] = []

    def integer(self, lo: int, hi: int) -> int:
        value = self._source.draw_integer(lo, hi)
        self.drawn.append(value)
        return value

    def boolean(self, p: float = 0.5) -> bool:
        value = self._source.draw_boolean(p)
        self.drawn.append(value)
        return value


class _Player:
    """Repeats the recorded choices of a mutation."""

    def __init__(self, drawn: tuple[int | bool, ...]) -> None:
        self._drawn = iter(drawn)

    def integer(self, lo: int, hi: int) -> int:
        value = next(self._drawn, None)
        if type(value) is not int or not lo <= value <= hi:
            raise CannotLift("the mutation draws other choices than are known")
        return value

    def boolean(self, p: float = 0.5) -> bool:
        value = next(self._drawn, None)
        if type(value) is not bool:
            raise CannotLift("the mutation draws other choices than are known")
        return value


def compile_payload(part: p.PayloadDraw) -> Coder:
    """Compile a payload argument; its values are `Document`s."""
    payloads = _Payloads(part, compile_part(part.part))
    return Coder(payloads.draw, payloads.lift)


@attrs.define(eq=False)
class _Payloads:
    """Draws the documents of one argument, and lifts them.

    A search draws a document and soon lifts it, to take its step again; its parts make it then.
    """

    _part: p.PayloadDraw
    _values: Coder
    _drawn_here: Recent[int, Document] = attrs.field(factory=lambda: Recent(1024, 1 << 20))
    _lifted: Recent[int, tuple[Document, list[Choice]]] = attrs.field(factory=lambda: Recent(1024, 1 << 20))
    _is_free: bool = False  # of what a trace has in play

    def __attrs_post_init__(self) -> None:
        self._is_free = next(names_used(self._part.part), None) is None

    def draw(self, data: Source, state: State) -> Document:
        """Draw a document."""
        part, type_ = self._part, self._part.type
        kind = part.kinds[data.draw_integer(0, len(part.kinds) - 1)]
        if kind == "raw":
            return Document(data.draw_bytes(0, ENDLESS))
        value = seed = None
        if kind == "value":
            data.start_span(VALUE)
            value = at_its_schema_version(self._values.draw(data, state), type_.inner)
            data.stop_span()
            origin = checked_calls.encode(type_.codec, type_.inner, value)
        else:
            seed, origin = part.corpus[data.draw_integer(0, len(part.corpus) - 1)]
        written, mutations, draws = self._mutated(data, origin)
        document = Document(written, value, mutations, seed, draws, origin)
        return self._drawn_here.get(id(document), len(written), lambda: document)

    def _mutated(
        self, data: Source, written: bytes
    ) -> tuple[bytes, tuple[str, ...], tuple[tuple[int | bool, ...], ...]]:
        """Draw mutations; return what they make of a document, their names and their choices."""
        part, type_ = self._part, self._part.type
        mutations: list[str] = []
        draws: list[tuple[int | bool, ...]] = []
        for probability in part.more:
            if not data.draw_boolean(probability):
                break
            data.start_span(MUTATION)
            for _ in range(EFFECTIVE_TRIES):
                recorder = _Recorder(data)
                among = part.giants if part.giants and data.draw_boolean(part.giant) else part.names
                name = among[data.draw_integer(0, len(among) - 1)]
                mutated = checked_calls.mutate(type_.codec, type_.inner, written, name, recorder, (StopTest,))
                if mutated.applied:
                    written = mutated.data
                    mutations.append(name)
                    draws.append(tuple(recorder.drawn))
                    break
            else:
                if probability == 1:  # the caller wants no document without the mutation
                    data.mark_invalid()
            data.stop_span()
        return written, tuple(mutations), tuple(draws)

    def lift(self, value: Any, out: list[Choice], state: State) -> None:
        """Append the choices that draw a document; raises CannotLift."""
        if not isinstance(value, Document):
            raise CannotLift(f"{value!r} is not a document")
        known = self._lifted.known(id(value))
        if known is not None and known[0] is value:
            out += known[1]
            return
        try:
            made = self._made_of(value, state)
            out += made
            if self._is_free:
                self._lifted.get(id(value), len(value.data), lambda: (value, made))
        except NotInPlay:  # as plain bytes it would not follow its names while they are shrunk
            raise
        except (CannotLift, KeyError):  # edited by hand, from elsewhere, or with mutations of another release
            if "raw" not in self._part.kinds:
                raise CannotLift(f"{value!r} cannot be rebuilt from its parts") from None
            out += (self._part.kinds.index("raw"), value.data)

    def _made_of(self, document: Document, state: State) -> list[Choice]:
        """Return the choices that made a document; raises CannotLift where they are not known."""
        part, type_, out = self._part, self._part.type, list[Choice]()
        is_known = self._drawn_here.known(id(document)) is document
        if document.value is not None:
            out.append(_index(part.kinds, "value"))
            self._values.lift(document.value, out, state)
            written = (
                document.data if is_known else checked_calls.encode(type_.codec, type_.inner, document.value)
            )
        else:
            index = next((i for i, (name, _) in enumerate(part.corpus) if name == document.seed), None)
            if index is None:
                raise CannotLift(f"no document is named {document.seed!r}")
            out += (_index(part.kinds, "seed"), index)
            written = document.data if is_known else part.corpus[index][1]
        if len(document.mutations) != len(document.draws) or len(document.mutations) > len(part.more):
            raise CannotLift("the choices of its mutations are not known")
        for name, drawn in zip(document.mutations, document.draws, strict=True):
            if not is_known:
                player = _Player(drawn)
                written = checked_calls.mutate(
                    type_.codec, type_.inner, written, name, player, (CannotLift,)
                ).data
            is_giant = name in part.giants
            out.append(True)
            if part.giants:
                out.append(is_giant)
            out += (_index(part.giants if is_giant else part.names, name), *drawn)
        if len(document.mutations) < len(part.more):
            out.append(False)
        if written != document.data:
            raise CannotLift("its bytes are not what its parts make")
        return out


def _index(slots: Sequence[str], name: str) -> int:
    if name not in slots:
        raise CannotLift(f"{name!r} is not drawn")
    return slots.index(name)
