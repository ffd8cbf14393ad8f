"""Matrices made by hand, for the pages that show them."""

from __future__ import annotations

import datetime

from driftcheck.matrix.cells import RAW, VALUES, WELL_FORMED, Cell, Entry, Line, Matrix, Row, Witness

ACCEPT, REJECT = Cell("accept"), Cell("reject")
A, B, C = (Cell("accept", mark=mark) for mark in "ABC")
SCRIPT = "<script>document.documentElement.setAttribute('data-ran', 'yes')</script>"
IMAGE = "<img src=x onerror=\"document.documentElement.setAttribute('data-ran', 'yes')\">"
LONG = "0123456789abcdef" * 25


def witness(
    step: str, answers: tuple[str, ...], case: str = "", told: dict[str, str] | None = None, flaky: str = ""
) -> Witness:
    """Return a witness of one step."""
    return Witness((step,), answers, told or {}, case, f"driftcheck replay {case}", flaky)


def entry(id_: str, issue: str = "https://example.org/1") -> Entry:
    """Return what a file says of an entry."""
    return Entry(id_, f"the reason of {id_}", "go", "contracts", datetime.date(2027, 12, 31), issue)


def holding(text: str) -> Matrix:
    """Return a matrix that holds a text wherever it can."""
    line = Line((Cell(text, text), ACCEPT), 1, (text,), witness(text, (text, text), text, {text: text}, text))
    return Matrix(
        contract=text,
        doc=text,
        subjects=(text, "rust"),
        versions={text: text, "rust": text},
        rows=(Row("read", text, (line,)),),
        asymmetries={text: Entry(text, text, text, text, datetime.date(2027, 12, 31), f"https://{text}")},
        traces=1,
        seed=0,
    )


TWO = Matrix(
    contract="json",
    doc="Reads and writes an Item as a JSON document.",
    subjects=("go", "rust"),
    versions={"go": "go1.26.1, encoding/json go1.26.1", "rust": "rustc 1.95.0, serde_json 1.0.145"},
    rows=(
        Row("decode", WELL_FORMED, (Line((ACCEPT, ACCEPT), 100),)),
        Row(
            "decode",
            "duplicate-field",
            (
                Line(
                    (ACCEPT, REJECT),
                    85,
                    ("last-key-wins",),
                    witness(
                        'decode(`{"id":0,"id":1}`)',
                        ("accepted: Item{id: 1}", 'rejected: malformed\n"duplicate field `id`"'),
                        "cases/json/accept-reject-decode-duplicate-field-0a22c8c2.json",
                        {"cause": "duplicate-field"},
                    ),
                ),
                Line(
                    (A, B), 2, (), witness(f'decode(`{{"note":"{LONG}"}}`)', ("accepted: 1", "accepted: 2"))
                ),
                Line((ACCEPT, ACCEPT), 1),
            ),
            set_aside=12,
        ),
        Row(
            "decode",
            "nested-past-10000",
            (
                Line(
                    (ACCEPT, Cell("crash")),
                    10,
                    (),
                    witness(
                        "decode(`[[[[`)",
                        ("accepted: 1", "crashed: signal 11 (SIGSEGV)"),
                        "cases/json/crash-decode-0b11c8c2.json",
                        flaky="0 of 1",
                    ),
                ),
            ),
        ),
        Row("decode", "truncated", (Line((REJECT, REJECT), 100),)),
        Row("decode", "white-space", (Line((ACCEPT, ACCEPT), 60), Line((REJECT, REJECT), 40))),
        Row("decode", "invalid-base64", ()),
        Row("decode", RAW, (Line((REJECT, REJECT), 100),)),
        Row("encode", VALUES, (Line((ACCEPT, ACCEPT), 100),)),
    ),
    asymmetries={"last-key-wins": entry("last-key-wins")},
    traces=100,
    seed=0,
)

_SUBJECTS = ("go", "go-v2", "serde", "serde-roundtrip", "sonic")
_LONG_ID = "differs-in-what-becomes-of-a-name-that-is-there-twice-in-one-object-or-map"

FIVE = Matrix(
    contract="many",
    doc="",
    subjects=_SUBJECTS,
    versions=dict.fromkeys(_SUBJECTS, ""),
    rows=(
        Row(
            "match",
            "duplicate-member-of-a-nested-object",
            (
                Line((A, B, C, A, REJECT), 90, (_LONG_ID, "another"), witness("match(`a`, `b`)", ("",) * 5)),
                Line((ACCEPT, ACCEPT, REJECT, ACCEPT, ACCEPT), 0, ("another",)),
                Line((ACCEPT,) * 5, 10),
            ),
            argument="range",
        ),
        Row(
            "put",
            VALUES,
            (
                Line(
                    (
                        Cell("reject", "no_such_account"),
                        Cell("reject", "too_little"),
                        Cell("accept"),
                        Cell("unsupported"),
                        Cell("outside its type"),
                    ),
                    7,
                    (),
                    witness("put()", ("",) * 5),
                ),
            ),
        ),
        Row("quiet", VALUES, (Line((Cell("reject", "absent"),) * 5, 3),)),
    ),
    asymmetries={id_: entry(id_, issue="") for id_ in (_LONG_ID, "another")},
    traces=100,
    seed=7,
)

# What a payload, a library or an entry may hold: each must be shown as it is and do nothing.
EVIL = Matrix(
    contract="evil",
    doc=f"Says {SCRIPT} | *boldly* [here](javascript:alert(1)).",
    subjects=("go", IMAGE),
    versions={"go": SCRIPT, IMAGE: SCRIPT},
    rows=(
        Row(
            "decode",
            f"of {IMAGE}",
            (
                Line(
                    (Cell("reject", SCRIPT), ACCEPT),
                    3,
                    (SCRIPT,),
                    witness(
                        f"decode(`{SCRIPT}`) decode('``` | {LONG}')",
                        (f"rejected: {SCRIPT}\n{LONG}", f"accepted: {IMAGE}"),
                        f"cases/evil/{SCRIPT}.json",
                        {"found": f"{IMAGE} | `x` is {LONG}"},
                    ),
                ),
            ),
        ),
    ),
    asymmetries={
        SCRIPT: entry(SCRIPT, issue="javascript:document.documentElement.setAttribute('data-ran','yes')")
    },
    traces=3,
    seed=0,
)
