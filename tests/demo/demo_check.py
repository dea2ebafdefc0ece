#!/usr/bin/env python3
"""Runs the demo, and compares the table with which it ends with the one that README.md shows.

SUBBYTE_BINARY_DIR names the build. The figures must be the same to the last digit that is printed. A table with one
wrong digit must be noticed.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(os.environ.get("SUBBYTE_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BINARY = Path(os.environ.get("SUBBYTE_BINARY_DIR", ROOT / "build"))
sys.path.insert(0, str(ROOT / "tests/docs"))
import pages  # noqa: E402


def shown():
    """Returns what README.md says that the demo prints."""
    page = pages.read((ROOT / "README.md").read_text())
    blocks = [block for block in page.blocks if "bootstrap.sh demo" in block.commands]
    assert len(blocks) == 1 and blocks[0].expected, "README.md shows no output of ./bootstrap.sh demo"
    return blocks[0].expected


def check_the_check(expected, printed):
    """Changes each last digit of the table once; no change may pass."""
    digits = [match.start() for match in re.finditer(r"\d(?=\s|$)", expected)]
    assert len(digits) > 40, f"the table of README.md has only {len(digits)} figures"
    for at in digits:
        wrong = expected[:at] + str((int(expected[at]) + 1) % 10) + expected[at + 1:]
        assert pages.difference(wrong, printed), f"a wrong digit is not noticed: {wrong[max(0, at - 40):at + 1]}"
    return len(digits)


def main():
    expected = shown()
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([str(ROOT / "tests/demo/run.sh"), str(BINARY), folder], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    if done.returncode:
        print(done.stdout)
        print(f"the demo ended with status {done.returncode}")
        return 1
    different = pages.difference(expected, done.stdout)
    if different:
        print(f"README.md, the table of the demo: {different}")
        return 1
    figures = check_the_check(expected, done.stdout)
    print(f"the demo ends with the table of README.md, {figures} figures; each wrong digit is noticed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
