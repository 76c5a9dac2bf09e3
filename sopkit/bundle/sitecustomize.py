"""In the bundle: pywin32 makes its folder of DLLs known by a .pth file, and Python reads none in a folder like site/."""

from contextlib import suppress

with suppress(ImportError):
    import pywin32_bootstrap  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: F401
