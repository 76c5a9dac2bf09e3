"""The same work on many workbooks: here, in several processes, or on a cluster. One that kills its process is named."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType
from typing import Any, TypeVar

from sopkit.errors import SopkitError
from sopkit.folders import how_to_add

A = TypeVar("A")
B = TypeVar("B")
Spread = Callable[[Callable[[Path], Any], Sequence[Path]], Iterable[Any]]
"""Work, and the workbooks to do it on; what came of each, in their order."""
AHEAD = 2  # workbooks given to each process at a time


@contextmanager
def spreading(jobs: int, cluster: str | None) -> Iterator[Spread]:
    """How work is spread. A workbook whose process dies twice when it is alone in it comes to a `SopkitError`."""
    if cluster is not None:
        with _cluster(cluster) as spread:
            yield spread
    elif jobs <= 1:
        yield map
    else:
        yield lambda work, books: _in_processes(jobs, work, books)


@contextmanager
def _cluster(address: str) -> Iterator[Spread]:
    try:
        from distributed import Client
    except ImportError as error:
        raise SopkitError("Dukungan kluster belum terpasang.", how_to_add("cluster")) from error

    def outcome(future: Any) -> Any:
        return _dead() if future.exception() is not None else future.result()

    try:
        with Client(address, timeout="10s") as client:
            yield lambda work, books: [outcome(future) for future in client.map(work, books)]
    except OSError as error:
        raise SopkitError(f"Kluster {address} tidak menjawab.", "Periksa alamat dan jaringannya.") from error


def _in_processes(jobs: int, work: Callable[[Path], Any], books: Sequence[Path]) -> list[Any]:
    done: dict[Path, Any] = {}
    left = deque(books)
    while left:
        for suspect in _until_one_dies(jobs, work, left, done):
            again: dict[Path, Any] = {}
            for _ in range(2):  # it may have been waiting when another one's process died
                if not _until_one_dies(1, work, deque([suspect]), again):
                    break
            done[suspect] = again.get(suspect, _dead())
    return [done[book] for book in books]


def _until_one_dies(
    jobs: int, work: Callable[[Path], Any], left: deque[Path], done: dict[Path, Any]
) -> tuple[Path, ...]:
    """Do what is left; when a process dies, the workbooks that were with the processes then."""
    flying: dict[Future[Any], Path] = {}
    with processes(jobs) as pool:
        try:
            while left or flying:
                while left and len(flying) < jobs * AHEAD:
                    flying[submit(pool, work, left[0])] = left[0]
                    left.popleft()
                for future in wait(flying, return_when=FIRST_COMPLETED).done:
                    done[flying[future]] = future.result()
                    del flying[future]
        except BrokenProcessPool:
            pass
    return tuple(flying.values())


@contextmanager
def processes(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that end at once when this one is interrupted."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        try:
            yield pool
        except BaseException:
            for process in active_children():
                process.terminate()
            raise


def submit(pool: ProcessPoolExecutor, work: Callable[[A], B], given: A) -> Future[B]:
    """A process that is started now never hears Ctrl-C: this one does, when it is started whole, and ends it."""
    with _interrupted_afterwards():
        if not hasattr(signal, "pthread_sigmask"):
            return pool.submit(work, given)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return pool.submit(work, given)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _interrupted_afterwards() -> Iterator[None]:
    """Ctrl-C waits: what blocks it in one thread leaves it to the others, and Python tells this one."""
    if current_thread() is not main_thread():
        yield
        return
    heard: list[tuple[int, FrameType | None]] = []
    handler = signal.signal(signal.SIGINT, lambda number, frame: heard.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if heard and callable(handler):
        handler(*heard[0])


def _dead() -> SopkitError:
    return SopkitError(
        "Proses yang memeriksa buku kerja ini berhenti mendadak dua kali; mungkin memorinya tidak cukup.",
        "Tutup program lain, lalu periksa buku kerja itu sendiri dengan: sopkit validate",
    )
