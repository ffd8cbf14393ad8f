"""
Names of a contract in Go's spelling.

Knows only spelling.
"""

from __future__ import annotations

KEYWORDS = frozenset(
    "break case chan const continue default defer else fallthrough for func go goto if import "
    "interface map package range return select struct switch type var".split()
)

# In the spelling of Go's linters: ID, not Id.
_INITIALISMS = frozenset(
    "acl api ascii cpu css dns eof guid html http https id ip json lhs qps ram rhs rpc sla smtp sql "
    "ssh tcp tls ttl udp ui uid uuid uri url utf8 vm xml".split()
)


def package(contract: str) -> str:
    """Return the package's name: the contract's without underscores."""
    return contract.replace("_", "")


def exported(name: str) -> str:
    """Turn snake_case, UPPER_CASE or CamelCase into an exported name: user_id becomes UserID."""
    if name.isupper():
        name = name.lower()
    words = [w for w in name.split("_") if w]
    return "".join(w.upper() if w in _INITIALISMS else w[:1].upper() + w[1:] for w in words)


def parameter(name: str) -> str:
    """Turn snake_case into a parameter's name: user_id becomes userID."""
    first, *rest = [w for w in name.split("_") if w]
    camel = first[:1].lower() + first[1:] + exported("_".join(rest))
    return camel + "_" if camel in KEYWORDS else camel


def quoted(text: str) -> str:
    """Return a Go string literal."""
    plain = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
    out = []
    for ch in text:
        if ch in plain:
            out.append(plain[ch])
        elif ch.isprintable():
            out.append(ch)
        else:
            out.append(f"\\U{ord(ch):08x}")
    return '"' + "".join(out) + '"'


def comment(text: str, indent: str = "") -> list[str]:
    """Return the lines of a doc comment, with its paragraphs but without any other layout.

    gofmt would otherwise read some lines as lists or code, and change them.
    """
    lines: list[str] = []
    for paragraph in text.strip().split("\n\n"):
        words = paragraph.split()
        if not words:
            continue
        if lines:
            lines.append(f"{indent}//")
        line = f"{indent}//"
        for word in words:
            if len(line) + 1 + len(word) > 100 and line.strip() != "//":
                lines.append(line)
                line = f"{indent}//"
            line += f" {word}"
        lines.append(line)
    return lines
