"""
A contract whose subject is a C library that misbehaves as it is told, and a model that behaves.

`DRIFTCHECK_WILD`, in the environment in which a host starts, names a moment and an action, as in
`step-noise_text`. The moments `step`, `state` and `close` come in traces with the step `act`, `late` some
time after their reply, and `load` and `open` in every host and every trace.
"""

from driftcheck import U64, Contract, operation

VARIABLE = "DRIFTCHECK_WILD"


class Wild(Contract):
    """Counts the steps it has lived through."""

    def state(self) -> U64: ...

    @operation(weight=20)
    def live(self) -> U64:
        """Count one more; return how many there are."""

    @operation(weight=1)
    def act(self) -> None:
        """Misbehave, where asked to."""


class WildModel(Wild):
    """The count."""

    def __init__(self) -> None:
        self.lived = 0

    def state(self) -> U64:
        return self.lived

    def live(self) -> U64:
        self.lived += 1
        return self.lived

    def act(self) -> None:
        pass
