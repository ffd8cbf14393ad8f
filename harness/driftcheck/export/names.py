"""
Names of an exported test: its file, its folder and its function.

Knows spelling alone.
"""

from __future__ import annotations

import re

import attrs

from driftcheck.oracle.signature import Signature


@attrs.frozen
class Names:
    """The names of one test."""

    words: str  # snake_case, with the digits of the signature: json_accept_reject_decode_5e74fa2b

    @classmethod
    def of(cls, contract: str, signature: Signature, subject: str = "") -> Names:
        """Return the names of the test of a signature, and of a subject if the case has several."""
        # The digits are last: Go reads the end of a file's name, such as `_js`, as a system to build for.
        parts = (contract, signature.slug, *([subject] if subject else []), signature.digest)
        return cls(re.sub(r"[^a-z0-9]+", "_", "_".join(parts).lower()).strip("_"))

    @property
    def go_function(self) -> str:
        """Return the name of the Go test."""
        return "Test" + "".join(word[:1].upper() + word[1:] for word in self.words.split("_"))

    @property
    def go_package(self) -> str:
        """Return the name of the folder and of the package of a Go test."""
        return self.words.replace("_", "")
