"""The command line: the same recipes and settings as the pages, in a terminal.

Results go to standard output, progress and messages to standard error. With `--json` standard
output is exactly one JSON document. The exit code is 0 on success, 2 on a mistake of the caller, 1
on a failure of ours; either says one line that begins with `Error:`.
"""
