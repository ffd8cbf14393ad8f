"""A contract with an operation that makes a handle and may be rejected; and models of it."""

from __future__ import annotations

from driftcheck import Closing, Contract, Handle, Rejection, operation


class Room:
    """A room that a guest has."""


class Hotel(Contract):
    """A hotel with one room."""

    full = Rejection("somebody has the room")

    def open(self) -> None: ...
    def state(self) -> bool: ...
    @operation(rejects=[full])
    def enter(self) -> Handle[Room]: ...
    @operation
    def leave(self, room: Closing[Handle[Room]]) -> bool: ...


class Right(Hotel):
    """Keeps every promise."""

    def open(self) -> None:
        self.taken = False

    def state(self) -> bool:
        return self.taken

    def enter(self) -> Handle[Room]:
        if self.taken:
            raise Hotel.full()
        self.taken = True
        return Handle(None)

    def leave(self, room: Handle[Room]) -> bool:
        self.taken = False
        return True


class Grudging(Right):
    """Remembers, outside its state, that it rejected a guest."""

    def open(self) -> None:
        super().open()
        self.is_cross = False

    def enter(self) -> Handle[Room]:
        self.is_cross = self.taken
        return super().enter()

    def leave(self, room: Handle[Room]) -> bool:
        return super().leave(room) and not self.is_cross
