"""The ZIP for an office PC: `make.py` makes it of what is installed here; beside it, the files that a clerk clicks."""
