"""What `--help` says, and what a mistyped word gets."""

from __future__ import annotations

import pytest
from cli_toys import TOY, Author, Call

from driftcheck.cli import JOBS, VERBS

MODEL = "\n\nclass Model(Toy):\n    def ping(self) -> bool:\n        return True\n"


def test_each_verb_has_its_whole_sentence(driftcheck: Call) -> None:
    """The list of verbs is grouped by job, and cuts no sentence off."""
    said = driftcheck("--help")

    assert said.code == 0
    assert "..." not in said.out.partition("\n\n")[2]
    assert [line for line in said.out.splitlines() if line.rstrip(":") in JOBS] == [f"{job}:" for job in JOBS]
    for verb in VERBS:
        assert f"\n  {verb} " in said.out


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_verb_has_an_example(driftcheck: Call, verb: str) -> None:
    """Each verb shows at least one line that can be typed."""
    said = driftcheck(verb, "--help")

    assert said.code == 0
    assert "\n  Example" in said.out
    assert f"\n    driftcheck {verb}" in said.out


def test_a_mistyped_verb_gets_the_nearest_one(driftcheck: Call) -> None:
    """What is nearer to no verb gets the list alone."""
    near, far = driftcheck("rnu"), driftcheck("xyzzy")

    assert (near.code, far.code) == (2, 2)
    assert near.err.endswith("; did you mean 'run'?\n")
    assert "no command is named 'xyzzy'; the commands are new, " in far.err
    assert "did you mean" not in far.err


def test_a_mistyped_name_gets_the_nearest_one(driftcheck: Call, author: Author) -> None:
    """Contracts, subjects, checks and options alike."""
    contract = author(TOY + MODEL)

    assert driftcheck("run", "jsn").err.endswith("; did you mean 'json'?\n")
    assert driftcheck("run", contract, "--subject", "modl").err.endswith("; did you mean 'model'?\n")
    assert driftcheck("explain", "D1011").err.endswith("; did you mean 'D101'?\n")
    assert "--max-time" in driftcheck("run", contract, "--max-tim", "1").err


def test_a_plain_number_is_a_number_of_seconds(driftcheck: Call, author: Author) -> None:
    """`--max-time 90` means 90 seconds."""
    said = driftcheck("run", author(TOY + MODEL), "--max-time", "90", "--max-traces", "5")

    assert (said.code, said.err) == (0, "")
