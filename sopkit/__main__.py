"""`python -m sopkit`, and the command `sopkit`."""

from __future__ import annotations

from typing import NoReturn


def main() -> NoReturn:
    """Ctrl-C outside a command's own work (while Python still loads what sopkit is made of) ends it at once."""
    listens = False
    try:
        import signal

        if listens := signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _leave)
        from sopkit.cli.main import main as run

        if listens:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        run()
    except KeyboardInterrupt:
        _leave()
    finally:
        if listens and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # interrupted, and all is said
            _end()  # Python itself would, after an interrupt within exec() of a string, kill itself with SIGINT
        if listens:  # all is done and said; Python ends itself with SIGINT while it clears away
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def _leave(*_: object) -> NoReturn:
    import os

    try:
        os.write(2, b"Dibatalkan.\n")
    finally:
        _end()


def _end() -> NoReturn:
    import os

    os._exit(3)


if __name__ == "__main__":
    main()
