"""What the tests of the verbs share: calls of the command line, and the smallest contract."""

from __future__ import annotations

from collections.abc import Callable

import attrs


@attrs.frozen
class Said:
    """What a call of the command line came to."""

    code: int
    out: str
    err: str  # without the seed, which a run prints first
    seed: str = ""  # the line with the seed


Call = Callable[..., Said]
Author = Callable[[str], str]

TOY = '''
from driftcheck import Contract, operation


class Toy(Contract):
    """A contract with as little as can be."""

    @operation
    def ping(self) -> bool:
        """Answer."""
'''

GO_MOD = """\
module toy

go 1.24

require driftcheck/sdk v0.0.0

replace driftcheck/sdk => ./.driftcheck/sdk
"""
