"""The same work on many workbooks: here, in several processes, or on a cluster. One that kills its process is named."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from socket import gethostname
from threading import Lock, current_thread, main_thread
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

from sopkit import __version__
from sopkit.errors import SopkitError
from sopkit.files import umask_restored
from sopkit.folders import how_to_add

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

A = TypeVar("A")
B = TypeVar("B")
Spread = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]
"""Work, and the workbooks to do it on (paths, or what has one as `book`); what came of each, in their order."""
ANSWER = "10s"  # in which a cluster must answer
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
        with ExitStack() as stack:  # processes end with the work, however it ends
            yield lambda work, books: stack.enter_context(closing(_in_processes(jobs, work, books)))


@contextmanager
def _cluster(address: str) -> Iterator[Spread]:
    try:
        from distributed import Client
    except ImportError as error:
        raise SopkitError("Dukungan kluster belum terpasang.", how_to_add("cluster")) from error

    def spread(work: Callable[[Any], Any], books: Sequence[Any]) -> Iterator[Any]:
        # pure: a former result must not stand for a workbook that was saved since
        flying = deque(client.map(OnWorker(work, Path.cwd()), books, pure=False))
        while flying:
            yield _outcome(flying.popleft())  # so that the cluster forgets it

    try:
        client = Client(address, timeout=ANSWER)
    except (OSError, ValueError) as error:  # ValueError: no address
        raise SopkitError(f"Kluster {address} tidak menjawab.", "Periksa alamat dan jaringannya.") from error
    with client:
        yield spread


def _outcome(future: Any) -> Any:
    from distributed.scheduler import KilledWorker

    try:
        return future.result()
    except KilledWorker:
        return _dead()
    except Exception as error:
        kind = type(error).__name__
        return SopkitError(f"Kluster tidak menyelesaikan buku kerja ini ({kind}).", SAME_EVERYWHERE)


SAME_EVERYWHERE = f"Periksa apakah kluster masih hidup dan sopkit {__version__} terpasang di setiap pekerjanya."
_ALONE = Lock()  # folder and rights for new files are a process's, and a worker may have several threads


class OnWorker:
    """Work as this process would do it: from its folder, with the same sopkit, one workbook at a time."""

    def __init__(self, work: Callable[[Any], Any], folder: Path) -> None:
        self.work, self.folder, self.version = work, folder, __version__

    def __call__(self, book: Any) -> Any:
        host = gethostname()
        if self.version != __version__:
            told = f"Pekerja {host} memakai sopkit {__version__}, bukan {self.version}."
            return SopkitError(told, "Pasang versi yang sama di setiap pekerja.")
        path = book if isinstance(book, Path) else book.book
        with _ALONE, umask_restored():
            before = Path.cwd()
            try:
                os.chdir(self.folder)
                there = path.exists()
            except OSError:
                there = False
            try:
                return self.work(book) if there else _not_seen(path, host)
            finally:
                os.chdir(before)


def _not_seen(path: Path, host: str) -> SopkitError:
    return SopkitError(
        f"Berkas {path} tidak terlihat dari pekerja {host}.",
        "Taruh register di folder bersama yang letaknya sama di setiap komputer, lalu jalankan lagi dari situ.",
    )


def _in_processes(jobs: int, work: Callable[[Any], Any], books: Sequence[Any]) -> Generator[Any]:
    done: dict[Any, Any] = {}
    left, coming = deque(books), deque(books)
    while coming:
        suspects: list[Any] = []
        for _ in _until_one_dies(jobs, work, left, done, suspects):
            yield from _in_turn(coming, done)
        for suspect in suspects:
            again: dict[Any, Any] = {}
            for _ in range(2):  # it may have been waiting when another one's process died
                for _ in _until_one_dies(1, work, deque([suspect]), again, []):
                    pass
                if again:
                    break
            done[suspect] = again.get(suspect, _dead())
        yield from _in_turn(coming, done)


def _in_turn(coming: deque[Any], done: dict[Any, Any]) -> Iterator[Any]:
    while coming and coming[0] in done:
        yield done.pop(coming.popleft())


def _until_one_dies(
    jobs: int, work: Callable[[Any], Any], left: deque[Any], done: dict[Any, Any], suspects: list[Any]
) -> Iterator[None]:
    """Do what is left, and yield where something is done; when a process dies, what was with the processes then is
    suspect.
    """
    from concurrent.futures import FIRST_COMPLETED, wait  # 10 ms that one workbook need not pay
    from concurrent.futures.process import BrokenProcessPool

    flying: dict[Future[Any], Any] = {}
    with processes(jobs) as pool:
        try:
            while left or flying:
                while left and len(flying) < jobs * AHEAD:
                    flying[submit(pool, work, left[0])] = left[0]
                    left.popleft()
                for future in wait(flying, return_when=FIRST_COMPLETED).done:
                    done[flying[future]] = future.result()
                    del flying[future]
                yield
        except BrokenProcessPool:
            suspects += flying.values()


@contextmanager
def processes(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that end at once when this one is interrupted."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import active_children, get_context

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
