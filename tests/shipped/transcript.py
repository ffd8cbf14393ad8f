"""Every reply of the subjects of `lru` to the traces of one seed, as one digest; printed when run."""

from __future__ import annotations

import hashlib
import sys
from itertools import islice

from driftcheck.generate.draw import draw
from driftcheck.generate.strategy import traces
from driftcheck.lockstep.send_ahead import send_ahead
from driftcheck.search.session import Session, open_session
from driftcheck_contracts.lru import Lru


def transcript(session: Session, *, seed: int, count: int) -> str:
    """Return the digest of every reply, in the order of traces and subjects."""
    digest = hashlib.sha256()

    drawn = islice(draw(traces(session.schema, model=session.model), seed), count)
    for trace in send_ahead(drawn, session.lockstep.ahead):
        for answer in session.lockstep.run(trace).answers.values():
            digest.update(len(answer.raw).to_bytes(8, "big") + answer.raw)
    return digest.hexdigest()


if __name__ == "__main__":
    with open_session(Lru) as opened:
        print(transcript(opened, seed=int(sys.argv[1]), count=int(sys.argv[2])))  # noqa: T201
