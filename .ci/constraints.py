"""Write constraints.txt from pip's report of what it would install (`make constraints`).

    python .ci/constraints.py < report.json > constraints.txt

torch is pinned without its build (`+cpu`), and what its CUDA builds bring is left to torch, which
names exact versions itself: so one file fits every build.
"""

import json
import re
import sys

HEAD = """\
# Every package that the requirements need, direct or not, at the version that was tested.
# Made by `make constraints`; do not edit.
"""
CUDA = re.compile(r"nvidia-(?!ml-py)|cuda-|triton$")


def pins(report: dict) -> list[str]:
    """`name==version` of each package in a report, sorted by name."""
    found = {}
    for package in report["install"]:
        name = re.sub(r"[-_.]+", "-", package["metadata"]["name"]).lower()
        found[name] = package["metadata"]["version"].partition("+")[0]
    return [f"{name}=={found[name]}" for name in sorted(found) if not CUDA.match(name)]


if __name__ == "__main__":
    sys.stdout.write(HEAD + "\n".join(pins(json.load(sys.stdin))) + "\n")
