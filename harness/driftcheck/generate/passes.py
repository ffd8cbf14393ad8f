"""
Passes: the ways to make a case simpler, in the order in which a shrink tries them.

Each pass attempts simpler cases, and keeps those that still show the signature. Knows nothing of judges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any

import attrs

from driftcheck.codecs import checked_calls
from driftcheck.core.trace import Document, LawCase, Trace
from driftcheck.generate import plan as p
from driftcheck.generate import together
from driftcheck.generate._conjecture import Choices
from driftcheck.generate.attempts import Attempts
from driftcheck.generate.cut_documents import cut
from driftcheck.generate.cutting import (
    brought_forward,
    keep_steps,
    minimal_subset,
    opened_where_moved,
    size,
    with_neighbours_exchanged,
)
from driftcheck.generate.drop_mutations import Put, documents_in, with_fewer_mutations
from driftcheck.generate.naming import (
    in_other_orders,
    with_instances_in_order,
    with_names_in_order,
    with_simplest_names,
    with_unused_names,
)
from driftcheck.generate.simplest import Simplifier


@attrs.frozen
class Pass:
    """A way to make a case simpler."""

    name: str
    run: Callable[[Attempts[Any]], None]

    def improves(self, attempts: Attempts[Any]) -> bool:
        """Run the pass; return whether the case has become simpler."""
        before = attempts.choices
        self.run(attempts)
        return attempts.choices != before


def lift_again(one: Attempts[Any]) -> None:
    """Lift the case again, which leaves out choices that drawing did not need."""
    one.attempt(one.case(), only_simpler=True)


def cut_steps(one: Attempts[Any]) -> None:
    """Remove whole steps."""
    case = one.case()
    minimal_subset(list(range(size(case))), lambda keep: one.attempt(keep_steps(case, keep)))


def replace_steps(one: Attempts[Any]) -> None:
    """Remove steps that another step, or the opening, can replace."""

    def shorter() -> Iterator[Trace]:
        case = one.case()
        return chain(brought_forward(case), opened_where_moved(case, one.plan))

    while any(map(one.attempt, shorter())):
        pass


def order_steps(one: Attempts[Any]) -> None:
    """Exchange neighbours among the steps, where that is simpler."""
    while any(one.attempt(other, only_simpler=True) for other in with_neighbours_exchanged(one.case())):
        pass


def simplify_arguments(one: Attempts[Any]) -> None:
    """Make arguments the simplest ones of their types."""
    simplifier = Simplifier(one.plan, one.case())
    minimal_subset(simplifier.places(), lambda keep: one.attempt(simplifier.simplified(set(keep))))


def drop_mutations(one: Attempts[Any]) -> None:
    """Drop mutations of documents."""
    while any(one.attempt(fewer, only_simpler=True) for fewer in with_fewer_mutations(one.plan, one.case())):
        pass


def simplify_names(one: Attempts[Any]) -> None:
    """Put names in play and instances into their order, and make the names simple."""
    if one.plan.instances > 1:
        one.attempt(with_instances_in_order(one.case()), only_simpler=True)
    one.attempt(with_names_in_order(one.case()), only_simpler=True)
    case = one.case()
    candidates = chain(
        [with_simplest_names(case, one.plan, also_used=True)],
        in_other_orders(case, one.plan),
        [with_simplest_names(case, one.plan, also_used=False)],
    )
    if any(one.attempt(candidate, only_simpler=True) for candidate in candidates):
        return
    any(one.attempt(candidate, only_simpler=True) for candidate in with_unused_names(one.case()))


def simplify_text(one: Attempts[Any]) -> None:
    """Make text and bytes zeros, or else shorter, and zeros where that is possible.

    Hypothesis turns each into a number of as many digits.
    """
    for at in range(len(one.choices)):
        whole = _text_at(one, at)
        if len(whole) <= 1:
            continue
        still = partial(_put_text, one, at)
        if whole == _zeros(whole) or still(_zeros(whole)):
            _shorten(whole, still)
            continue
        minimal_subset(list(range(len(whole))), lambda keep: still(_only(whole, keep)))  # noqa: B023 # called at once
        left = _text_at(one, at)
        minimal_subset(list(range(len(left))), lambda keep: still(_zeros_but(left, keep)))  # noqa: B023


def _text_at(one: Attempts[Any], at: int) -> str | bytes:
    """Return the text or bytes of a choice; "" where it is something else, or is not there any more."""
    choice = one.choices[at] if at < len(one.choices) else ""
    return choice if isinstance(choice, str | bytes) else ""


def _put_text(one: Attempts[Any], at: int, text: str | bytes) -> bool:
    return type(text) is type(_text_at(one, at)) and one.attempt_choices(
        (*one.choices[:at], text, *one.choices[at + 1 :])
    )


def _shorten(whole: str | bytes, still: Callable[[str | bytes], bool]) -> None:
    """Remove as many zeros as possible."""
    length, step = len(whole), len(whole) // 2
    while step:
        while step <= length and still(_zeros(whole[: length - step])):
            length -= step
        step //= 2


def _zeros(text: str | bytes) -> str | bytes:
    return "0" * len(text) if isinstance(text, str) else bytes(len(text))


def _only(text: str | bytes, keep: list[int]) -> str | bytes:
    """Return the characters at these places."""
    if isinstance(text, str):
        return "".join([text[n] for n in keep])
    return bytes([text[n] for n in keep])


def _zeros_but(text: str | bytes, keep: list[int]) -> str | bytes:
    """Return the text with zeros at all but these places."""
    kept = set(keep)
    if isinstance(text, str):
        return "".join([c if n in kept else "0" for n, c in enumerate(text)])
    return bytes([c if n in kept else 0 for n, c in enumerate(text)])


def lower_numbers(one: Attempts[Any]) -> None:
    """Lower numbers, also several together."""
    together.lower(lambda: one.choices, one.attempt_choices, in_text=False)


def lower_numbers_of_documents(one: Attempts[Any]) -> None:
    """Lower numbers, also those that are digits of text, as long as nothing else becomes odd."""
    together.lower(lambda: one.choices, _attempt_without_new_features(one), in_text=True)


def lower_lengths(one: Attempts[Any]) -> None:
    """Remove a part of a text or of bytes, and lower a number by its length."""
    together.shorten(lambda: one.choices, _attempt_without_new_features(one))


def _attempt_without_new_features(one: Attempts[Any]) -> Callable[[Choices], bool]:
    before = _features_in(one.plan, one.case())

    def attempt(choices: Choices) -> bool:
        case = one.drawn(choices)
        if case is None:
            return False
        after = _features_in(one.plan, case)
        has_new = len(after) != len(before) or any(not a <= b for a, b in zip(after, before, strict=True))
        return not has_new and one.attempt_choices(choices)

    return attempt


def _features_in(plan: p.Plan, case: Trace | LawCase) -> list[set[str]]:
    return [
        set(checked_calls.places_of(part.type.codec, part.type.inner, document.data))
        for part, document, _ in documents_in(plan, case)
    ]


def shrink_choices(one: Attempts[Any]) -> None:
    """Let Hypothesis shrink the choices."""
    one.shrink_choices()


def cut_documents(one: Attempts[Any]) -> None:
    """Cut documents as bytes."""
    for number in range(len(documents_in(one.plan, one.case()))):
        part, document, put = documents_in(one.plan, one.case())[number]

        def still(shorter: Document, put: Put = put) -> bool:
            return one.attempt(put(shorter))

        cut(part, document, still, one.end_if_over)


# Until none of them helps: steps, arguments and choices.
OF_CASES = (
    Pass("lift again", lift_again),
    Pass("remove steps", cut_steps),
    Pass("replace steps", replace_steps),
    Pass("order steps", order_steps),
    Pass("simplify arguments", simplify_arguments),
    Pass("drop mutations", drop_mutations),
    Pass("simplify names", simplify_names),
    Pass("simplify text", simplify_text),
    Pass("lower lengths", lower_lengths),
    Pass("choices", shrink_choices),
    Pass("lower numbers", lower_numbers),
)
# Then, until none of them helps: documents as bytes. Hypothesis would turn their letters into zeros.
OF_DOCUMENTS = (
    Pass("cut documents", cut_documents),
    Pass("lower lengths", lower_lengths),
    Pass("lower numbers of documents", lower_numbers_of_documents),
    Pass("remove steps", cut_steps),
    Pass("simplify arguments", simplify_arguments),
)
