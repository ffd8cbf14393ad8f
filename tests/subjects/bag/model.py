"""The bag in Python, which returns the newest thing first."""

from __future__ import annotations

import os

import attrs

from bag import VARIABLE, Bag, Held, Labelled, Numbered

Thing = Labelled | Numbered


class BagModel(Bag):
    """Holds things."""

    def __init__(self) -> None:
        self.things: list[Thing] = []

    def state(self) -> Held:
        return Held(self.things[-1] if self.things else None, {"bag": self._held()})

    def put(self, thing: Thing) -> tuple[Thing, ...]:
        if len(self.things) == 3:
            raise self.full(self._held())
        self.things.append(thing)
        return self._held()

    def oldest(self) -> Thing | None:
        return self.things[0] if self.things else None

    def _held(self) -> tuple[Thing, ...]:
        forgotten = 1 if os.environ.get(VARIABLE) == "forgets" else 0
        return tuple(_turned(one) for one in reversed(self.things[forgotten:]))


def _turned(thing: Thing) -> Thing:
    if isinstance(thing, Numbered):
        return thing
    return attrs.evolve(thing, labels=thing.labels[::-1], more=thing.more and thing.more[::-1])
