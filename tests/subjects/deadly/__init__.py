"""
A contract whose subjects die on request, each in the ways that its language has.

`DRIFTCHECK_DEADLY`, in the environment in which a host starts, names language and kind, as in
`go-deadlock`. The subject of that language then dies so in `die`; the other one, and both without
the variable, do nothing there and stay well.
"""

from driftcheck import U64, Contract, operation

VARIABLE = "DRIFTCHECK_DEADLY"

KINDS = {
    "go": (
        "panic",
        "goroutine_panic",
        "map_writes",
        "stack_overflow",
        "exit",
        "deadlock",
        "endless_loop",
        "memory",
        "segv",
    ),
    "rust": ("panic", "abort", "stack_overflow", "exit", "endless_loop", "memory", "segv"),
}


class Deadly(Contract):
    """Counts the steps it has lived through."""

    def state(self) -> U64: ...

    @operation(weight=50)
    def live(self) -> U64:
        """Count one more; return how many there are."""

    @operation(weight=1)
    def die(self) -> None:
        """Die, where asked to."""
