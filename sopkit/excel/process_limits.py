"""A process that reads what nobody vetted is held to limits, by the system itself."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

EXTENDED_LIMITS = 9  # JobObjectExtendedLimitInformation
JOB_PROCESS_TIME, JOB_PROCESS_MEMORY, JOB_DIE_ON_UNHANDLED = 0x2, 0x100, 0x400  # JOB_OBJECT_LIMIT_…
PER_SECOND = 10_000_000  # a job's time counts in 100 nanoseconds
NO_WINDOWS = 0x1 | 0x2 | 0x8000  # SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX, SEM_NOOPENFILEERRORBOX


def limit_this_process(memory: int, seconds: int) -> None:
    """Let the system end this process beyond so many bytes of memory or seconds of processor time.

    Where it has no such limit (macOS knows none of memory), nothing happens.
    """
    if sys.platform == "win32":
        _limit_on_windows(memory, seconds)
    else:
        import resource

        for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
            with suppress(ValueError, OSError):
                resource.setrlimit(kind, (most, most))


class JobLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION of winnt.h, 144 bytes on a 64-bit Windows."""

    _fields_ = (
        ("process_time", ctypes.c_int64), ("job_time", ctypes.c_int64), ("flags", ctypes.c_uint32),
        ("least_set", ctypes.c_size_t), ("most_set", ctypes.c_size_t), ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t), ("priority", ctypes.c_uint32), ("scheduling", ctypes.c_uint32),
        ("io", ctypes.c_uint64 * 6), ("process_memory", ctypes.c_size_t), ("job_memory", ctypes.c_size_t),
        ("peak_process", ctypes.c_size_t), ("peak_job", ctypes.c_size_t),
    )  # fmt: skip


def _limit_on_windows(memory: int, seconds: int) -> bool:
    """A job object for this process, which lasts as we do; False where the system refuses it.

    One that breaks its limits ends at once, without a window that waits for somebody to close it.
    """
    from ctypes import wintypes

    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined, unused-ignore]
    kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = wintypes.HANDLE
    kernel.SetInformationJobObject.argtypes = (wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD)
    kernel.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
    kernel.SetErrorMode(NO_WINDOWS)
    flags = JOB_PROCESS_MEMORY | JOB_PROCESS_TIME | JOB_DIE_ON_UNHANDLED
    limits = JobLimits(process_time=seconds * PER_SECOND, flags=flags, process_memory=memory)
    job = kernel.CreateJobObjectW(None, None)
    return bool(
        job
        and kernel.SetInformationJobObject(job, EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
        and kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())
    )
