#!/usr/bin/env python3
"""A sweep survives SIGKILL at random moments and a second sweep in the same directory.

Kills one sweep ten times; after each kill every completed point must still be there, unchanged, every file whole. Then
two sweeps with overlapping points run at once; together they compute each missing point exactly once.
"""
import csv
import json
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SUBBYTE = os.environ.get("SUBBYTE", "build/subbyte")
ROWS, COLS = 256, 512

PLAN = """\
name: {name}
design: bitmod-8x8
workload: {{model: {model}, layer: layer, tokens: 24}}
formats: [{formats}]
vary: [{{rows: 4, cols: 4}}, {{rows: 8, cols: 4}}, {{rows: 4, cols: 8}}]
engines: [golden, fast, systemc]
"""


def write_npy(path, rng):
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }" % (ROWS, COLS)
    header += " " * (-(len(header) + 11) % 64) + "\n"
    values = struct.pack("<%df" % (ROWS * COLS), *(rng.gauss(0, 0.02) for _ in range(ROWS * COLS)))
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + values)


def start(plan, out):
    return subprocess.Popen([SUBBYTE, "sweep", str(plan), "--out", str(out), "--json"],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)


def finish(process):
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, f"sweep exited {process.returncode}:\n{err}"
    return json.loads(out)


def points(out):
    """Returns the completed points as name -> (identity, content). Reading them proves that each is whole."""
    found = {}
    for path in sorted((out / "points").glob("*.json")) if (out / "points").is_dir() else []:
        json.loads(path.read_text())
        stat = path.stat()
        found[path.name] = (stat.st_ino, stat.st_mtime_ns, path.read_bytes())
    return found


def check_kills(plan, out, rng, total):
    """Kills sweeps. Each kill comes a random moment after one to three points, so that it falls into computing, writing
    or renaming."""
    known = {}
    for kill in range(1, 11):
        process = start(plan, out)
        wanted = len(known) + rng.randint(1, 3)
        while process.poll() is None and len(points(out)) < wanted:
            time.sleep(0.002)
        assert process.poll() is None, f"kill {kill}: the sweep ended by itself: {process.communicate()}"
        time.sleep(rng.uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        now = points(out)
        for name, identity in known.items():
            assert now.get(name) == identity, f"kill {kill}: completed point {name} was lost or computed again"
        known = now
    assert 10 <= len(known) < total, f"{len(known)} of {total} points were completed by the ten killed runs"
    return known


def check_result(result, out, expected):
    table = result["record"]["tables"][0]
    rows, names = table["rows"], [column["name"] for column in table["columns"]]
    assert len(rows) == expected and len({(r[0], r[1]) for r in rows}) == expected, "a point is missing or there twice"
    assert all(isinstance(cell, (int, float)) for r in rows for cell in r[3:9]), rows
    assert any(r[names.index("on the front")] for r in rows), "nobody is on the Pareto front"
    with open(result["csv"], newline="") as file:
        assert len(list(csv.reader(file))) == expected + 1
    assert json.loads(Path(result["json"]).read_text()) == result["record"]
    return rows


def same_points(some, all_rows):
    """Tells whether points are the same but for the front, which depends on the company."""
    figures = {tuple(row[:2]): row[3:9] for row in all_rows}
    return all(figures[tuple(row[:2])] == row[3:9] for row in some)


def main():
    rng = random.Random(int(os.environ.get("SUBBYTE_SEED", "5")))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        write_npy(folder / "layer.npy", rng)
        formats = [f"{name}:g{group}" for name in ("int8", "int6", "int4", "int4-asym", "bitmod-fp4", "bitmod-fp3")
                   for group in (32, 64, 128)]
        total = 3 * len(formats)
        plan, other, small = folder / "long.yaml", folder / "b.yaml", folder / "a.yaml"
        plan.write_text(PLAN.format(name="long", model=folder / "layer.npy", formats=", ".join(formats)))
        small.write_text(PLAN.format(name="a", model=folder / "layer.npy", formats=", ".join(formats[:6])))
        other.write_text(PLAN.format(name="b", model=folder / "layer.npy",
                                     formats=", ".join(formats[2:6] + ["int5", "int3-asym"])))

        out = folder / "sweep"
        known = check_kills(plan, out, rng, total)
        result = finish(start(plan, out))
        computed = result["computed"]
        assert computed == total - len(known), f"{computed} computed, {len(known)} of {total} were there"
        killed_rows = check_result(result, out, total)
        leftovers = [p.name for p in out.rglob("*") if ".tmp" in p.name]
        assert not leftovers, f"left over: {leftovers}"
        print(f"10 kills: {len(known)} of {total} points completed before the last run, none lost, none computed again")

        out = folder / "two"
        first, second = start(small, out), start(other, out)
        a, b = finish(first), finish(second)
        assert a["computed"] + b["computed"] == 24, f"{a['computed']} + {b['computed']} computed, 24 different points"
        assert same_points(check_result(a, out, 18), killed_rows), "a killed and an undisturbed sweep differ"
        check_result(b, out, 18)
        print(f"two sweeps at once: {a['computed']} + {b['computed']} = 24 points computed, each once")
    return 0


if __name__ == "__main__":
    sys.exit(main())
