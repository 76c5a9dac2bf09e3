"""`--cluster`: the same work on a Dask cluster, with a real scheduler and two workers, one of which dies."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import pytest
from processes import ended
from report_samples import AS_OF
from test_recap import _offices

from sopkit import spread
from sopkit.errors import SopkitError
from sopkit.pipeline import RunOptions, inspect_books, recap_of, render_findings, run_books
from sopkit.reports.console import make_console
from sopkit.reports.recap_store import Store

distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
MADE_ANEW = ("arsip.sqlite3", ".sopkit.lock")  # they hold when they were made


@dataclass
class Cluster:
    address: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def has(self, count: int) -> None:
        """Start workers until there are as many."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) < count:
            self.workers.append(_started("worker", self.address, "--no-nanny", "--nthreads", "1", "--no-dashboard"))
        with distributed.Client(self.address) as client:
            client.wait_for_workers(count, timeout=60)

    def kill_one(self) -> None:
        self.workers.pop().kill()


def _started(*words: str | Path) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    command = [Path(sys.executable).with_name("dask"), *words]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    told = tmp_path_factory.mktemp("dask") / "scheduler.json"
    scheduler = _started("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", told)
    try:
        until = time.monotonic() + 60
        while not told.is_file() and time.monotonic() < until:
            time.sleep(0.1)
        with distributed.Client(scheduler_file=told, timeout="60s") as client:
            there = Cluster(client.scheduler.address)
        yield there
        for worker in there.workers:
            worker.kill()
    finally:
        scheduler.kill()


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    folder = tmp_path_factory.mktemp("provinsi")
    (folder / "rusak.xlsx").write_bytes(b"PK\x03\x04broken")
    return [*_offices(folder, 5), folder / "rusak.xlsx"]


def test_a_recap_and_findings_are_the_same_when_a_worker_dies(
    cluster: Cluster, books: Sequence[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.has(2)
    here = recap_of(books, AS_OF, None)
    put = Store.put

    def and_kill(*given: object, **more: object) -> None:
        put(*given, **more)  # type: ignore[arg-type]
        if len(cluster.workers) == 2:
            cluster.kill_one()

    monkeypatch.setattr(Store, "put", and_kill)
    there = recap_of(books, AS_OF, None, cluster=cluster.address)
    assert len(cluster.workers) == 1 and here.recap and there.recap
    assert (there.recap.workbook, there.counted) == (here.recap.workbook, 5)
    assert [(path, str(error)) for path, error in there.unfinished] == [(p, str(e)) for p, e in here.unfinished]
    found = [inspect_books(books, AS_OF, None, address) for address in (None, cluster.address)]
    assert render_findings(found[0].inspected, "json") == render_findings(found[1].inspected, "json")
    assert len(found[1].unfinished) == 1


def test_run_makes_the_same_when_a_worker_dies(cluster: Cluster, books: Sequence[Path], tmp_path: Path) -> None:
    cluster.has(2)
    outputs = [tmp_path / "sini", tmp_path / "kluster"]

    def kill_when_one_works() -> None:
        while not list(outputs[1].glob("*/arsip.sqlite3")):
            time.sleep(0.01)
        cluster.kill_one()

    killer = threading.Thread(target=kill_when_one_works, daemon=True)
    killer.start()
    said = []
    for output, address in zip(outputs, (None, cluster.address), strict=True):
        console = make_console(StringIO())
        done = run_books(books, AS_OF, None, console, RunOptions(output=output), cluster=address)
        assert len(done.made) == 5 and [path.name for path, _ in done.unfinished] == ["rusak.xlsx"]
        said.append(console.file.getvalue().replace(str(output), ""))
    killer.join()
    assert len(cluster.workers) == 1
    trees = [
        {path.relative_to(output): path.read_bytes() for path in output.rglob("*") if path.is_file()}
        for output in outputs
    ]
    kept = [{name: data for name, data in tree.items() if not name.name.startswith(MADE_ANEW)} for tree in trees]
    assert kept[0].keys() == kept[1].keys()
    assert [str(name) for name, data in kept[0].items() if data != kept[1][name]] == []
    assert said[0] == said[1]


def test_what_a_worker_does_not_see_is_named(tmp_path: Path) -> None:
    def work(path: Path) -> str:
        return path.name

    for folder, book in ((tmp_path, Path("tak-ada.xlsx")), (tmp_path / "tak-ada", Path("r.xlsx"))):
        before = Path.cwd()
        told = spread.OnWorker(work, folder)(book)
        assert isinstance(told, SopkitError) and f"{book} tidak terlihat dari pekerja" in str(told)
        assert Path.cwd() == before
    other = spread.OnWorker(work, tmp_path)
    other.version = "0.1"
    assert "bukan 0.1" in str(other(tmp_path))


@pytest.mark.parametrize("address", ["abc", "", "xyz://a:1"])
def test_what_is_no_address_of_a_cluster_is_said(address: str) -> None:
    with pytest.raises(SopkitError, match="tidak menjawab"), spread.spreading(1, address):
        pass


@pytest.mark.parametrize("command", ["validate", "run", "recap"])
def test_a_cluster_that_does_not_answer_is_said(
    command: str, books: Sequence[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread, "ANSWER", "1s")
    done = ended(command, *books[:2], "--cluster", "tcp://127.0.0.1:9", folder=tmp_path)
    assert done.returncode == 3 and "Kluster tcp://127.0.0.1:9 tidak menjawab." in done.stderr
    assert "Traceback" not in done.stderr
