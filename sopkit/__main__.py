"""`python -m sopkit`."""

from sopkit.cli.main import main

if __name__ == "__main__":
    main()
