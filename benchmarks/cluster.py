"""Recap and run on Dask: here, on a LocalCluster, and on two hosts made of network namespaces (root on Linux).

    uv run --extra cluster python benchmarks/cluster.py FOLDER [RUNS]

FOLDER holds registers (benchmarks/offices.py); `run` takes the first RUNS of them (default 6). It says whether each way
gives the same bytes, what is lost when the second host dies in mid-run, and what is said when it does not see FOLDER.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

BIN = Path(sys.executable).parent
HOSTS = ("sopkit-a", "sopkit-b")
ADDRESS = "tcp://10.77.0.1:8786"
AS_OF = ("--as-of", "2026-11-28")
MADE_ANEW = ("arsip.sqlite3", ".sopkit.lock", "rekap-simpanan")  # they hold when they were made


def main() -> None:
    folder = Path(sys.argv[1]).resolve()
    books = sorted(folder.glob("*.xlsx"))
    runs = books[: int(sys.argv[2]) if len(sys.argv) > 2 else 6]
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        out = Path(made)
        said("here", recap(books, out / "sini"), out / "sini", out / "sini")
        run(runs, out / "run-sini")
        on_local_cluster(books, out)
        with two_hosts():
            on_two_hosts(books, runs, folder, out)


def on_local_cluster(books: Sequence[Path], out: Path) -> None:
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        seconds = recap(books, out / "lokal", "--cluster", cluster.scheduler_address)
        said("LocalCluster, 2 workers", seconds, out / "lokal", out / "sini")


def on_two_hosts(books: Sequence[Path], runs: Sequence[Path], folder: Path, out: Path) -> None:
    cluster = ("--cluster", ADDRESS)
    with started(0, "scheduler", "--host", "10.77.0.1", "--port", "8786", "--no-dashboard"), worker(0):
        with worker(1):
            time.sleep(4)
            said("two hosts", recap(books, out / "dua", *cluster, host=0), out / "dua", out / "sini")
        with worker(1) as second:
            time.sleep(4)
            done = begun(0, "recap", *map(str, books), *AS_OF, "--output", str(out / "mati" / "rekap.xlsx"), *cluster)
            time.sleep(5)
            second.kill()
            before = time.monotonic()
            print("  exit", done.wait(), f"{time.monotonic() - before:.1f} s after the second host died")
            said("two hosts, one dies in mid-recap", 0, out / "mati", out / "sini")
        with worker(1) as second:
            time.sleep(4)
            done = begun(0, "run", *map(str, runs), *AS_OF, "--output", str(out / "run-dua"), *cluster)
            while not list((out / "run-dua").glob("*/arsip.sqlite3")):
                time.sleep(0.05)
            time.sleep(1)
            second.kill()
            print("  exit", done.wait())
            said("two hosts, one dies in mid-run", 0, out / "run-dua", out / "run-sini")
        with worker(1, hidden=folder):
            time.sleep(4)
            done = begun(0, "recap", *map(str, books[:20]), *AS_OF, "--output", str(out / "buta" / "r.xlsx"), *cluster)
            _, err = done.communicate()
            print(
                f"two hosts, one does not see the folder: exit {done.returncode}, {len(err.splitlines())} named, e.g."
            )
            print("  " + (err.splitlines() or ["nothing"])[0])


def recap(books: Sequence[Path], target: Path, *more: str, host: int | None = None) -> float:
    before = time.monotonic()
    begun(host, "recap", *map(str, books), *AS_OF, "--output", str(target / "rekap.xlsx"), *more).wait()
    return time.monotonic() - before


def run(books: Sequence[Path], target: Path) -> None:
    begun(None, "run", *map(str, books), *AS_OF, "--output", str(target)).wait()


def said(what: str, seconds: float, made: Path, like: Path) -> None:
    trees = [
        {path.relative_to(top): sha256(path.read_bytes()).digest() for path in top.rglob("*") if path.is_file()}
        for top in (made, like)
    ]
    one, other = ({n: d for n, d in tree.items() if not n.name.startswith(MADE_ANEW)} for tree in trees)
    unlike = [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)]
    took = f" in {seconds:.1f} s" if seconds else ""
    print(f"{what}{took}: {len(one)} files, {len(unlike)} unlike {sorted(map(str, unlike))[:3] or ''}", flush=True)


def begun(host: int | None, *words: str) -> subprocess.Popen[str]:
    within = [] if host is None else ["ip", "netns", "exec", HOSTS[host]]
    return subprocess.Popen(
        [*within, str(BIN / "sopkit"), *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


@contextmanager
def started(host: int, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    command = ["ip", "netns", "exec", HOSTS[host], *words] if words[0] == "unshare" else [
        "ip", "netns", "exec", HOSTS[host], str(BIN / "dask"), *words]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def worker(host: int, hidden: Path | None = None):  # type: ignore[no-untyped-def]
    words = ["worker", ADDRESS, "--host", f"10.77.0.{host + 1}", "--no-nanny", "--nthreads", "1", "--no-dashboard"]
    if hidden is None:
        return started(host, *words)
    command = f"mount -t tmpfs none {hidden} && exec {BIN / 'dask'} {' '.join(words)}"
    return started(host, "unshare", "--mount", "--uts", "sh", "-c", f"hostname komputer-{host + 1}; {command}")


@contextmanager
def two_hosts() -> Iterator[None]:
    """Two network namespaces with a cable between them; what the system refuses is said with its own words."""
    if not shutil.which("ip"):
        sys.exit("blocked: no `ip`")
    steps = [
        *(f"netns add {host}" for host in HOSTS),
        f"link add sopkit0 netns {HOSTS[0]} type veth peer name sopkit1 netns {HOSTS[1]}",
        *(f"-n {host} addr add 10.77.0.{n + 1}/24 dev sopkit{n}" for n, host in enumerate(HOSTS)),
        *(f"-n {host} link set {device} up" for n, host in enumerate(HOSTS) for device in (f"sopkit{n}", "lo")),
    ]
    try:
        for step in steps:
            done = subprocess.run(["ip", *step.split()], capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(f"blocked: ip {step}: {done.stderr.strip()}")
        yield
    finally:
        for host in HOSTS:
            subprocess.run(["ip", "netns", "del", host], capture_output=True, check=False)


if __name__ == "__main__":
    main()
