"""
Runs builds at the same time: one chain of builds for each language, in threads of this process.

The builds of one language run one after the other, since Cargo locks its target folder, and both compilers
use all cores by themselves. Knows nothing of what a build is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")
_HAS_ENDED: ContextVar[threading.Event | None] = ContextVar("has_ended", default=None)


class SideBySide(Generic[T]):
    """Runs jobs in the background, those of one chain in order; a context manager.

    Its exit cancels the jobs that have not started, and does not wait for the others; see `is_unwanted`.
    """

    def __init__(self) -> None:
        self._has_ended = threading.Event()
        self._chains: dict[str, ThreadPoolExecutor] = {}

    def __enter__(self) -> SideBySide[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._has_ended.set()
        for executor in self._chains.values():
            executor.shutdown(wait=False, cancel_futures=True)

    def submit(self, chain: str, job: Callable[[], T]) -> Future[T]:
        """Run a job after all earlier jobs of its chain."""
        if chain not in self._chains:
            self._chains[chain] = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"build-{chain}")
        return self._chains[chain].submit(self._run, job)

    def _run(self, job: Callable[[], T]) -> T:
        _HAS_ENDED.set(self._has_ended)
        return job()


def is_unwanted() -> bool:
    """Say whether nobody waits any more for the job that this thread runs."""
    has_ended = _HAS_ENDED.get()
    return has_ended is not None and has_ended.is_set()


def in_order(jobs: Iterable[tuple[str, Callable[[], T]]]) -> list[T]:
    """Run jobs, each with the name of its chain, and return their results in the order of the jobs.

    If jobs raise, the exception of the first one in that order is raised here.
    """
    with SideBySide[T]() as started:
        return [future.result() for future in [started.submit(chain, job) for chain, job in jobs]]
