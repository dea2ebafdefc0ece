#!/usr/bin/env python3
"""Prints a model of seven billion parameters on two machines, from a sweep's record: tests/demo/machine.py RECORD"""
import json
import sys
from pathlib import Path

DESIGNS = ("bitmod-core-32x32", "fp16-core-24x32")
FIGURES = (("time to first token", 1e3, "first token", "ms"), ("tokens per second", 1, "tokens/s", ""))


def main():
    table = json.loads(Path(sys.argv[1]).read_text())["tables"][0]
    names = [column["name"] for column in table["columns"]]
    variant = names.index("variant")
    cell = {(row[0], row[variant], name): row[at] for row in table["rows"] for at, name in enumerate(names)}
    formats = list(dict.fromkeys(row[0] for row in table["rows"]))
    print(" " * 16 + "".join(f"{design:>26}" for design in DESIGNS))
    for line in (2, 3):
        print(f"{('format', '')[line - 2]:<16}" + "".join(f"{figure[line]:>13}" for _ in DESIGNS for figure in FIGURES)
              + f"{('speedup', 'decode')[line - 2]:>10}")
    for name in formats:
        figures = [cell[name, design, figure[0]] * figure[1] for design in DESIGNS for figure in FIGURES]
        print(f"{name.split(':')[0]:<16}" + "".join(f"{figure:>13.1f}" for figure in figures)
              + f"{figures[1] / figures[3]:>10.2f}")


if __name__ == "__main__":
    main()
