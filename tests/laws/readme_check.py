#!/usr/bin/env python3
"""The README's table of formats: a line for every format of the table, and figures that `subbyte survey` prints today.

SUBBYTE names the program; the formats compared are few, so that the check takes seconds.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMPARED = ["int4", "mxfp4", "nvfp4", "sherry", "bitmod-fp4", "nested8:view=4"]


def rows(markdown):
    return {line.split("|")[1].strip().strip("`"): line for line in markdown.splitlines() if line.startswith("| `")}


def main():
    subbyte = os.environ.get("SUBBYTE", str(ROOT / "build/subbyte"))
    text = (ROOT / "README.md").read_text()
    committed = rows(text.split("<!-- survey -->")[1].split("<!-- /survey -->")[0])
    table = json.loads(subprocess.run([subbyte, "formats", "--all", "--json"], check=True, capture_output=True).stdout)
    missing = [row["name"] for row in table["formats"] if row["name"] not in committed]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.md"
        subprocess.run([subbyte, "survey", "--format", ",".join(COMPARED), "--markdown", str(path)], check=True,
                       capture_output=True)
        fresh = rows(path.read_text())
    # Whether a row is on the front depends on the other rows: the last two cells are left out.
    figures = lambda line: line.split("|")[:-4]
    stale = [name for name in COMPARED if figures(fresh[name]) != figures(committed.get(name, ""))]
    for name in missing:
        print(f"README.md: the table lacks the format {name}; "
              "run `subbyte survey --into README.md --plot reports/formats.svg`")
    for name in stale:
        print(f"README.md: {name}\n  has    {committed.get(name)}\n  expect {fresh[name]}")
    print(f"{len(committed)} formats in the README, {len(COMPARED)} compared")
    return 1 if missing or stale else 0


if __name__ == "__main__":
    sys.exit(main())
