#!/usr/bin/env python3
"""What commands print for people: no line is wider than 120 columns, with --verbose and without, on small inputs; what
--verbose adds is told by one line without it; and a short job says nothing on standard error."""
import re
import sys
import tempfile
from pathlib import Path

from command_case import SOURCE, SWEEP, run

COLUMNS = 120
UNIT = ["--unit", "ternary2_unpack", "--params", "codes=4"]
# Calls that print text; RECORD and SWEEP are files of the test. Those of QUIET take less than two seconds.
QUIET = [
    ["quantize", "--format", "int4", "--out", "OUT"],
    ["simulate", "--format", "bitmod-fp4", "--tokens", "2", "--engine", "golden,fast,systemc"],
    ["simulate", "--format", "bitmod-fp4", "--tokens", "2", "--layers", "*q_proj"],
    ["evaluate", "--format", "int4,bitmod-fp4", "--tokens", "9"],
    ["evaluate", "--format", "bitmod-fp4", "--tokens", "9", "--sensitivity"],
    ["survey", "--format", "int4,bitmod-fp4", "--tokens", "9"],
    ["report", "RECORD"],
    ["reproduce"],
    ["reproduce", "int-vs-fp", "--samples", "4096"],
    ["formats", "bitmod-fp4"],
    ["formats"],
    ["formats", "--all"],
    ["units"],
]
# These run yosys or Verilator where the cache does not know their results, or take a second or two.
SLOW = [
    ["reproduce", "bitmod"],
    ["simulate", "--format", "int8", "--design", "DESIGN", "--tokens", "1", "--energy", "--clock-unchecked"],
    ["simulate", "--format", "int8", "--design", "DESIGN", "--tokens", "1", "--energy", "--clock-unchecked",
     "--layers", "*.0.self_attn.[qk]_proj"],
    ["synth", *UNIT],
    ["synth", *UNIT, "--curve", "20,100", "--energy", "--format", "ternary"],
    ["synth", *UNIT, "--check"],
    ["energy", *UNIT],
    ["energy", "--unit", "ternary2_unpack", "--format", "all"],
    ["verify", "--unit", "ternary2_unpack", "--format", "all", "--params", "codes=4", "--stalls", "0", "--cases", "20",
     "--engine", "golden,systemc"],
    ["sweep", "SWEEP", "--out", "OUT.sweep"],
]
WITHOUT_VERBOSE = {"formats", "units"}
FAILURES = []


def expect(true, text):
    if not true:
        FAILURES.append(text)


def narrow(words, text):
    wide = [line for line in text.splitlines() if len(line) > COLUMNS]
    expect(not wide, f"{' '.join(words)}: {len(wide)} lines are wider than {COLUMNS} columns, for example:\n{wide[:1]}")


def answer(words, files):
    done = run([str(files.get(word, word)) for word in words])
    # A reproduction of few samples differs, which is status 1.
    allowed = (0, 1) if words[0] == "reproduce" else (0,)
    expect(done.returncode in allowed, f"{' '.join(words)}: status {done.returncode}: {done.stderr}")
    narrow(words, done.stdout)
    return done


def check(words, files, quiet):
    terse = answer(words, files)
    said = [line for line in terse.stderr.splitlines() if "computed again" not in line]
    if quiet:
        expect(not said, f"{' '.join(words)}: a short job says {said}")
    if words[0] in WITHOUT_VERBOSE or words == ["reproduce"]:
        return
    verbose = answer([*words, "--verbose"], files).stdout
    left_out = re.findall(r"^(\d+) more notes?: --verbose$", terse.stdout, re.MULTILINE)
    expect(len(left_out) <= 1, f"{' '.join(words)}: says more than once how much is left out")
    expect("more note" not in verbose, f"{' '.join(words)} --verbose leaves something out")
    added = set(verbose.splitlines()) - set(terse.stdout.splitlines())
    expect(not left_out or added, f"{' '.join(words)} --verbose adds nothing")


def conditions(files):
    """Of an energy, what a decision needs is always there; the tools and the windows are for those who ask."""
    terse, verbose = (answer([*words], files).stdout for words in (["energy", *UNIT], ["energy", *UNIT, "--verbose"]))
    for word in ("osu018_stdcells (typical: 1.8 V", "wires       none", "in it: zero delay times", "accuracy"):
        expect(word in terse, f"energy says nothing of '{word}'")
    for word in ("Yosys", "512 of 64 cycles", "confidence"):
        expect(word not in terse and word in verbose, f"'{word}' is for energy --verbose alone")


def refusals():
    refused = run(["simulate", "--format", "int4", "--tokens", "1", "--verbose", "--json"])
    expect(refused.returncode == 2 and "--verbose: has no effect with --json" in refused.stderr, refused.stderr)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {"RECORD": folder / "record.json", "SWEEP": folder / "sweep.yaml", "OUT": folder / "out",
                 "OUT.sweep": folder / "points", "DESIGN": folder / "tiny.yaml"}
        design = (SOURCE / "configs/designs/int8-8x8.yaml").read_text()
        files["DESIGN"].write_text(re.sub(r"(rows|cols): \d+", r"\1: 1", design))
        files["SWEEP"].write_text(SWEEP.format(name="tiny", formats="int8, int4") + "energy: true\n")
        answer(["simulate", "--format", "bitmod-fp4", "--tokens", "1", "--engine", "golden,fast", "--record",
                "RECORD"], files)
        for words in QUIET:
            check(words, files, True)
        for words in SLOW:
            check(words, files, False)
        conditions(files)
        refusals()
    for failure in FAILURES:
        print(failure)
    return 1 if FAILURES else 0


if __name__ == "__main__":
    sys.exit(main())
