"""
Plain numbers as text: whole numbers and decimals.
"""

from __future__ import annotations

import math
import re
import sys

import attrs

from driftcheck.codecs.number.features import number_features
from driftcheck.codecs.number.mutations import decimal_mutations, integer_mutations, positional
from driftcheck.core import types as t
from driftcheck.core.codec import Codec
from driftcheck.core.raw_mutations import text_mutations

_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class IntegerText(Codec[int]):
    """A whole number in decimal digits."""

    mutations = (*integer_mutations, *text_mutations)

    def encode(self, value: int) -> bytes:
        return str(int(value)).encode()

    def decode(self, data: bytes) -> int:
        text = data.decode()
        if not _WHOLE.fullmatch(text) or len(text) > 4000:
            raise ValueError(f"{text[:40]!r} is not a whole number in plain digits")
        return int(text)

    def features_typed(self, data: bytes, type_: t.Type) -> set[str]:
        return number_features(data, type_)

    def value_typed(self, data: bytes, type_: t.Type) -> int:
        value = self.decode(data)
        if self.encode(value) != data:
            raise ValueError("-0 is not written")
        return value


class DecimalText(Codec[float]):
    """A finite float in the fewest decimal digits from which it can be read back, without an exponent."""

    mutations = (*decimal_mutations, *text_mutations)

    def expressible(self, type_: t.Type) -> t.Type:
        bare = t.bare(type_)
        if not isinstance(bare, t.Float):
            return type_
        most = sys.float_info.max
        return attrs.evolve(bare, lo=max(bare.lo, -most), hi=min(bare.hi, most))

    def encode(self, value: float) -> bytes:
        if not math.isfinite(value):
            raise ValueError(f"{value!r} has no decimal digits")
        return positional(value).encode()

    def decode(self, data: bytes) -> str:
        text = data.decode()
        if not _DECIMAL.fullmatch(text):
            raise ValueError(f"{text[:40]!r} is not a decimal number")
        return float(text).hex()  # unlike the float, it tells 0 from -0

    def features_typed(self, data: bytes, type_: t.Type) -> set[str]:
        return number_features(data, type_)

    def value_typed(self, data: bytes, type_: t.Type) -> float:
        value = float.fromhex(self.decode(data))
        if not math.isfinite(value) or self.encode(value) != data:
            raise ValueError("it is not in the form that the codec writes")
        return value
