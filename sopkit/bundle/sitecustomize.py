"""In the bundle: pywin32 makes its folder of DLLs known by a .pth file, which Python does not read in site/."""

from contextlib import suppress

with suppress(ImportError):
    import pywin32_bootstrap  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: F401
