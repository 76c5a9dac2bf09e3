"""`python -m sopkit`, and the command `sopkit`."""

from __future__ import annotations

from typing import NoReturn


def main() -> NoReturn:
    """Ctrl-C while Python still loads what sopkit is made of ends it at once: nothing has begun."""
    try:
        import signal

        if listens := signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _leave)
        from sopkit.cli.main import main as run
    except KeyboardInterrupt:
        _leave()
    if listens:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


def _leave(*_: object) -> NoReturn:
    import os

    try:
        os.write(2, b"Dibatalkan.\n")
    finally:
        os._exit(3)


if __name__ == "__main__":
    main()
