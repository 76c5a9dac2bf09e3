"""What numpy arrays hold, so that mypy tells a moment from a row number."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]  # a column whose kind is known only when it is read
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]  # str or None
Moments = npt.NDArray[np.datetime64]  # NaT where not known
Durations = npt.NDArray[np.timedelta64]


def distinct(values: Array) -> Array:
    """Each value once, ascending; `np.unique` alone loads numpy's masked arrays, which takes 10 ms."""
    return np.unique(values, return_index=True)[0]
