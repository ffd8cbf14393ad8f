"""
Payloads: what a codec writes, real documents, both perhaps with mutations, and any bytes.

Knows only the protocol of codecs and mutations.
"""

from __future__ import annotations

from typing import Any

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
    codec, type_ = part.type.codec, part.type.inner
    coder = compile_part(part.part)
    kinds, more, names, corpus = part.kinds, part.more, part.names, part.corpus
    giants, giant = part.giants, part.giant
    first_of = {kind: kinds.index(kind) for kind in dict.fromkeys(kinds)}
    last_kind, last_document = len(kinds) - 1, len(corpus) - 1

    # A search draws a document and soon lifts it, to take its step again; its parts make it then.
    drawn_here: Recent[int, Document] = Recent(1024, 1 << 20)
    lifted: Recent[int, tuple[Document, list[Choice]]] = Recent(1024, 1 << 20)
    is_free = next(names_used(part.part), None) is None  # of what a trace has in play

    def draw(data: Source, state: State) -> Document:
        kind = kinds[data.draw_integer(0, last_kind)]
        if kind == "raw":
            return Document(data.draw_bytes(0, ENDLESS))
        value = seed = None
        if kind == "value":
            data.start_span(VALUE)
            value = at_its_schema_version(coder.draw(data, state), type_)
            data.stop_span()
            written = checked_calls.encode(codec, type_, value)
        else:
            seed, written = corpus[data.draw_integer(0, last_document)]
        origin = written
        mutations: list[str] = []
        draws: list[tuple[int | bool, ...]] = []
        for probability in more:
            if not data.draw_boolean(probability):
                break
            data.start_span(MUTATION)
            for _ in range(EFFECTIVE_TRIES):
                recorder = _Recorder(data)
                among = giants if giants and data.draw_boolean(giant) else names
                name = among[data.draw_integer(0, len(among) - 1)]
                mutated = checked_calls.mutate(codec, type_, written, name, recorder, (StopTest,))
                if mutated.applied:
                    written = mutated.data
                    mutations.append(name)
                    draws.append(tuple(recorder.drawn))
                    break
            else:
                if probability == 1:  # the caller wants no document without the mutation
                    data.mark_invalid()
            data.stop_span()
        document = Document(written, value, tuple(mutations), seed, tuple(draws), origin)
        return drawn_here.get(id(document), len(written), lambda: document)

    def lift(value: Any, out: list[Choice], state: State) -> None:
        if not isinstance(value, Document):
            raise CannotLift(f"{value!r} is not a document")
        known = lifted.known(id(value))
        if known is not None and known[0] is value:
            out += known[1]
            return
        try:
            made = made_of(value, state)
            out += made
            if is_free:
                lifted.get(id(value), len(value.data), lambda: (value, made))
        except NotInPlay:  # as plain bytes it would not follow its names while they are shrunk
            raise
        except (CannotLift, KeyError):  # edited by hand, from elsewhere, or with mutations of another release
            if "raw" not in first_of:
                raise CannotLift(f"{value!r} cannot be rebuilt from its parts") from None
            out += (first_of["raw"], value.data)

    def made_of(document: Document, state: State) -> list[Choice]:
        """Return the choices that made a document; raises CannotLift where they are not known."""
        out: list[Choice] = []
        is_known = drawn_here.known(id(document)) is document
        written = document.data
        if document.value is not None:
            out.append(first_of["value"])
            coder.lift(document.value, out, state)
            if not is_known:
                written = checked_calls.encode(codec, type_, document.value)
        else:
            index = next((i for i, (name, _) in enumerate(corpus) if name == document.seed), None)
            if index is None:
                raise CannotLift(f"no document is named {document.seed!r}")
            out += (first_of["seed"], index)
            written = document.data if is_known else corpus[index][1]
        if len(document.mutations) != len(document.draws) or len(document.mutations) > len(more):
            raise CannotLift("the choices of its mutations are not known")
        for name, drawn in zip(document.mutations, document.draws, strict=True):
            if not is_known:
                player = _Player(drawn)
                written = checked_calls.mutate(codec, type_, written, name, player, (CannotLift,)).data
            is_giant = name in giants
            out.append(True)
            if giants:
                out.append(is_giant)
            out += ((giants if is_giant else names).index(name), *drawn)
        if len(document.mutations) < len(more):
            out.append(False)
        if written != document.data:
            raise CannotLift("its bytes are not what its parts make")
        return out

    return Coder(draw, lift)
