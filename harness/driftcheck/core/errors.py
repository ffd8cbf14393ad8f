"""
What can be wrong, by step of a run.

1. A contract class is made:             ContractError
   Its codecs are tried and used:        CodecError
2. Names are looked up:                  UnknownContract, UnknownCheck
3. Subjects are read and built:          SubjectError, BuildError, StaleLibrary
4. Hosts start and describe themselves:  HostFailed, WrongLibrary
5. Traces are sent and replies read:     ProtocolFault
6. Subjects are tried before they are believed: SubjectUnsound
7. Case files are read:                  CaseError
8. Plugins are loaded and called:        PluginFailed

All of these are `DriftcheckError`: the tool, the contract or the set-up is wrong, exit code 2.
A divergence is none of them: it is a result, exit code 1, and in pytest a failure.
"""

from __future__ import annotations

import attrs

from driftcheck.core.suggest import did_you_mean


class DriftcheckError(Exception):
    """The tool, the contract or the set-up is wrong; the message says what to do."""


@attrs.define(eq=False)
class ContractError(DriftcheckError):
    """A contract class says something that cannot be kept."""

    contract: str
    what: str  # where it stands and what was found: "operation 'get': argument 'n' is ..."

    def __str__(self) -> str:
        return f"contract {self.contract!r}: {self.what}"


@attrs.define(eq=False)
class CodecError(DriftcheckError):
    """A codec, or one of its mutations, breaks what every codec promises."""

    codec: str
    what: str  # with the value or the bytes on which it showed, and what to do

    def __str__(self) -> str:
        return f"codec {self.codec!r}: {self.what}"


@attrs.define(eq=False)
class UnknownContract(DriftcheckError):
    """No contract of that name is installed."""

    name: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        told = f"no contract is named {self.name!r}; known are {', '.join(self.known) or 'none'}"
        install = "; a package makes one known by an entry point in the group 'driftcheck.contracts'"
        return f"{told}{did_you_mean(self.name, self.known) or install}"


@attrs.define(eq=False)
class UnknownCheck(DriftcheckError):
    """No check has that code."""

    code: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        told = f"no check has the code {self.code!r}; known are {', '.join(self.known)}"
        plugin = "; a code that begins with X- comes with a plugin" if self.code[:2] == "X-" else ""
        return f"{told}{did_you_mean(self.code, self.known) or plugin}"


@attrs.define(eq=False)
class SubjectError(DriftcheckError):
    """A subject is declared wrongly, or none is there."""

    contract: str
    what: str

    def __str__(self) -> str:
        return f"contract {self.contract!r}: {self.what}"


@attrs.define(eq=False)
class WrongLibrary(DriftcheckError):
    """A library was built from another contract than the one at hand."""

    contract: str
    subject: str
    asked: str
    found: str
    address: str  # what the command line calls the contract

    def __str__(self) -> str:
        return (
            f"contract {self.contract!r}: the library of subject {self.subject!r} was built for "
            f"{self.found}, but the contract is {self.asked}; run 'driftcheck gen {self.address}', mend the "
            f"adapter where it does not compile any more, and run 'driftcheck build {self.address}'"
        )


@attrs.define(eq=False)
class ProtocolFault(DriftcheckError):
    """A host could not read a request, or its reply cannot be read: a fault of driftcheck or an SDK."""

    subject: str
    text: str

    def __str__(self) -> str:
        return (
            f"subject {self.subject!r}: {self.text}; this is a fault of driftcheck or of its SDK, "
            "please report it"
        )


@attrs.define(eq=False)
class SubjectUnsound(DriftcheckError):
    """An adapter failed before it was compared with anything."""

    contract: str
    subject: str
    what: str

    def __str__(self) -> str:
        return (
            f"contract {self.contract!r}: subject {self.subject!r} cannot be believed: {self.what}; "
            "mend its adapter first, nothing was compared"
        )


@attrs.define(eq=False)
class CaseError(DriftcheckError):
    """A case file cannot be read, or does not fit the contract any more."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"case file {self.path}: {self.what}"


@attrs.define(eq=False)
class PluginFailed(DriftcheckError):
    """A plugin cannot be loaded, raised, or returned what cannot be used."""

    plugin: str
    what: str

    def __str__(self) -> str:
        return f"plugin {self.plugin!r}: {self.what}; fix it, or uninstall it"
