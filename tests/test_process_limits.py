"""The process that reads foreign formats: held to limits before it reads a byte, on Windows by a job object."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from sopkit.excel import process_limits
from sopkit.excel.process_limits import JobLimits

OFFSETS = {
    "process_time": 0, "job_time": 8, "flags": 16, "least_set": 24, "most_set": 32, "processes": 40, "affinity": 48,
    "priority": 56, "scheduling": 60, "io": 64, "process_memory": 112, "job_memory": 120, "peak_process": 128,
    "peak_job": 136,
}  # fmt: skip
"""As a C compiler lays out JOBOBJECT_EXTENDED_LIMIT_INFORMATION of winnt.h for 64 bits."""


@pytest.mark.skipif(ctypes.sizeof(ctypes.c_void_p) != 8, reason="64 bits")
def test_the_limits_of_a_job_lie_where_windows_looks_for_them() -> None:
    assert ctypes.sizeof(JobLimits) == 144
    assert {name: getattr(JobLimits, name).offset for name in OFFSETS} == OFFSETS


class _Kernel:
    """kernel32 as far as a job needs it; `refused` is the call that fails."""

    def __init__(self, refused: str = "") -> None:
        self.refused, self.calls = refused, list[tuple[object, ...]]()
        for name in ("CreateJobObjectW", "SetInformationJobObject", "AssignProcessToJobObject", "GetCurrentProcess"):
            setattr(self, name, self._function(name))
        self.SetErrorMode = self._function("SetErrorMode")

    def _function(self, name: str):
        def call(*words: object) -> int:
            self.calls.append((name, *words))
            if name == "SetInformationJobObject":
                given = words[2]._obj  # type: ignore[attr-defined]
                self.limits = (given.flags, given.process_time, given.process_memory)
            return 0 if name == self.refused else {"CreateJobObjectW": 92, "GetCurrentProcess": 7}.get(name, 1)

        return call


@pytest.mark.parametrize("refused", ["", "CreateJobObjectW", "SetInformationJobObject", "AssignProcessToJobObject"])
def test_a_job_is_made_limited_and_joined_and_a_refusal_is_known(refused: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = _Kernel(refused)
    monkeypatch.setattr(ctypes, "WinDLL", lambda name: kernel, raising=False)
    assert process_limits._limit_on_windows(200 << 20, 3) is not bool(refused)
    named = [str(call[0]) for call in kernel.calls]
    if not refused:
        assert named[-1] == "AssignProcessToJobObject" and kernel.calls[-1][1:] == (92, 7)
        assert kernel.limits == (0x502, 30_000_000, 200 << 20)
    elif refused != "AssignProcessToJobObject":
        assert "AssignProcessToJobObject" not in named


def test_a_process_is_ended_beyond_its_memory_and_its_time() -> None:
    pytest.importorskip("resource")
    limited = "from sopkit.excel.process_limits import limit_this_process as l; l(200 << 20, 1)\n"
    for greedy in ("bytearray(400 << 20)", "while True: pass"):
        done = subprocess.run([sys.executable, "-c", limited + greedy], capture_output=True, timeout=60, check=False)
        assert done.returncode != 0, greedy
