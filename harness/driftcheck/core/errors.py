"""
What can go wrong, by step of a run.

1. driftcheck reads a contract class:             ContractError
   It tries the codecs of the contract:           CodecError
2. It looks up names:                             UnknownContract, UnknownCheck
3. It reads and builds subjects:                  SubjectError, BuildError, StaleLibrary
4. It starts hosts, which describe themselves:    HostFailed, HostKilled, WrongLibrary
5. It sends traces and reads replies:             ProtocolFault
6. It tries each subject alone:                   SubjectUnsound
7. It reads case files:                           CaseError
8. It loads and calls plugins:                    PluginFailed

All of these are a `DriftcheckError`: the tool, the contract or the set-up is wrong, exit code 2.
A divergence is not one of them: it is a result, exit code 1, and in pytest a failure.
"""

from __future__ import annotations

import attrs

from driftcheck.core.shorten import shown
from driftcheck.core.suggest import did_you_mean


class DriftcheckError(Exception):
    """The tool, the contract or the set-up is wrong; the message says what to do."""


@attrs.define(eq=False)
class ContractError(DriftcheckError):
    """A contract class has a mistake, or its law or invariant raised."""

    contract: str
    what: str  # the place, what was found and what to do: "operation 'get': argument 'n' is ..."

    def __str__(self) -> str:
        return f"contract {self.contract!r}: {self.what}"


@attrs.define(eq=False)
class CodecError(DriftcheckError):
    """A codec, or one of its mutations, breaks a promise that every codec must keep."""

    codec: str
    what: str  # with the value or the bytes that showed it, and what to do

    def __str__(self) -> str:
        return f"codec {self.codec!r}: {self.what}"


@attrs.define(eq=False)
class UnknownContract(DriftcheckError):
    """No contract of that name is installed."""

    name: str
    known: tuple[str, ...]
    advice: str = (
        "to add one, declare an entry point in the group 'driftcheck.contracts', "
        "and install its package again"
    )

    def __str__(self) -> str:
        message = (
            f"no contract is named {shown(self.name)}; the contracts are {', '.join(self.known) or 'none'}"
        )
        return f"{message}{did_you_mean(self.name, self.known) or f'; {self.advice}'}"


@attrs.define(eq=False)
class UnknownCheck(DriftcheckError):
    """No check has that code."""

    code: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        message = f"no check has the code {shown(self.code)}"
        if self.code[:2] == "X-":
            return f"{message}; install the plugin that provides it"
        all_codes = f"; the codes are {', '.join(self.known)}"
        return f"{message}{did_you_mean(self.code, self.known) or all_codes}"


@attrs.define(eq=False)
class SubjectError(DriftcheckError):
    """A subject is declared wrongly, or the contract has none."""

    contract: str
    what: str

    def __str__(self) -> str:
        return f"contract {self.contract!r}: {self.what}"


@attrs.define(eq=False)
class WrongLibrary(DriftcheckError):
    """A library was built from another contract, or from an older form of this one."""

    contract: str
    subject: str
    asked: str
    found: str
    address: str  # what the command line calls the contract

    def __str__(self) -> str:
        return (
            f"contract {self.contract!r}: the library of subject {self.subject!r} was built for "
            f"{self.found}, but the contract is {self.asked}; run 'driftcheck gen {self.address}', fix the "
            f"adapter where it no longer compiles, and run 'driftcheck build {self.address}'"
        )


@attrs.define(eq=False)
class ProtocolFault(DriftcheckError):
    """A host cannot read a request, or driftcheck cannot read its reply: a fault of driftcheck or an SDK."""

    subject: str
    text: str

    def __str__(self) -> str:
        return (
            f"subject {self.subject!r}: {self.text}; this is a fault of driftcheck or of its SDK, "
            "please report it"
        )


@attrs.define(eq=False)
class SubjectUnsound(DriftcheckError):
    """An adapter is wrong, so that comparing it would tell nothing."""

    contract: str
    subject: str
    what: str

    def __str__(self) -> str:
        return (
            f"contract {self.contract!r}: subject {self.subject!r} cannot be compared: {self.what}; "
            "fix its adapter first"
        )


@attrs.define(eq=False)
class CaseError(DriftcheckError):
    """A case file cannot be read, or no longer fits the contract."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"case file {self.path}: {self.what}"


@attrs.define(eq=False)
class PluginFailed(DriftcheckError):
    """A plugin cannot be loaded, raised an exception, or returned an unusable value."""

    plugin: str
    what: str

    def __str__(self) -> str:
        return f"plugin {self.plugin!r}: {self.what}; fix it, or uninstall it"
