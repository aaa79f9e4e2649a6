"""Lets `python -m hub` do what the command `hub` does."""

from hub.cli import main

if __name__ == "__main__":
    main()
