"""The command line: `python -m core --help`."""

from core.command_line.main import main

if __name__ == "__main__":
    main()
