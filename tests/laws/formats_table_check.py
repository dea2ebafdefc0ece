#!/usr/bin/env python3
"""The table of reports/formats.md has a line for every format, and figures that `subbyte survey` prints today.

SUBBYTE names the program; the formats compared are few, so that the check takes seconds. The command itself puts them
into a copy of the page, of which it must leave the rest alone.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(os.environ.get("SUBBYTE_SOURCE_DIR", Path(__file__).resolve().parents[2]))
PAGE = "reports/formats.md"
COMPARED = ["int4", "mxfp4", "nvfp4", "sherry", "bitmod-fp4", "nested8:view=4"]
AGAIN = f"run `subbyte survey --into {PAGE} --plot reports/formats.svg`"


def rows(markdown):
    table = markdown.split("<!-- survey -->")[1].split("<!-- /survey -->")[0]
    return {line.split("|")[1].strip().strip("`"): line for line in table.splitlines() if line.startswith("| `")}


def around(markdown):
    """The page without its table."""
    return markdown.split("<!-- survey -->")[0], markdown.split("<!-- /survey -->")[1]


def main():
    subbyte = os.environ.get("SUBBYTE", str(ROOT / "build/subbyte"))
    text = (ROOT / PAGE).read_text()
    committed = rows(text)
    table = json.loads(subprocess.run([subbyte, "formats", "--all", "--json"], check=True, capture_output=True).stdout)
    missing = [row["name"] for row in table["formats"] if row["name"] not in committed]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "formats.md"
        path.write_text(text)
        subprocess.run([subbyte, "survey", "--format", ",".join(COMPARED), "--into", str(path)], check=True,
                       capture_output=True)
        written = path.read_text()
    fresh = rows(written)
    # Whether a row is on the front depends on the other rows, so the last two cells are left out.
    figures = lambda line: line.split("|")[:-4]
    stale = [name for name in COMPARED if figures(fresh[name]) != figures(committed.get(name, ""))]
    problems = [f"{PAGE}: the table lacks the format {name}; {AGAIN}" for name in missing]
    problems += [f"{PAGE}: {name}\n  has    {committed.get(name)}\n  expect {fresh[name]}\n{AGAIN}" for name in stale]
    if around(written) != around(text) or list(fresh) != COMPARED:
        problems.append("survey --into changed more than the table, or put other formats into it")
    print("\n".join([*problems, f"{len(committed)} formats in {PAGE}, {len(COMPARED)} compared"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
