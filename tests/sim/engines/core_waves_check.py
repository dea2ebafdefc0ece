#!/usr/bin/env python3
"""GTKWave itself opens the waveform that `simulate --waves` writes of a layer on a core: the handshake, every field
that comes and is expected, and registers stand there with the values that fst2vcd prints, and nothing is marked wrong.
"""
import json
import sys
import tempfile
from pathlib import Path

import gtkwave_check
from gtkwave_check import HANDSHAKE, SUBBYTE, Screen, displayed, expected_names, reads_as, run, waveform

gtkwave_check.UNIT = "core"
LAYER = ["--format", "bitmod-fp4", "--tokens", "2", "--design", "bitmod-core-4x4", "--engine", "fast,rtl"]


def complaints(fst, shown):
    """Lists what the window shows that the waveform does not say."""
    widths, bits = waveform(fst)
    at = shown["marker"][0]
    names = expected_names(widths)
    wrong = [f"{name} is in no waveform" for name in shown["signals"] if name not in names]
    wrong += [f"{name} is not shown" for name in names if ".dut." not in name and name not in shown["signals"]]
    wrong += [f"{name} is {text} and not {bits(name.partition('[')[0], at)}" for name, text in shown["signals"].items()
              if name in names and ".dut." not in name and not reads_as(name, bits(name.partition("[")[0], at), text)]
    registers = sum(".dut." in name for name in shown["signals"])
    if registers < 100:
        wrong.append(f"{registers} registers are shown, expected at least a hundred")
    for time in range(at, shown["window"][1], 5):
        if bits("TOP.core_bench.mismatch", time) != "0":
            wrong.append(f"a mismatch is marked at {time}, and the engines agree")
    return wrong


def main():
    with tempfile.TemporaryDirectory(prefix="subbyte waves ") as folder, Screen() as screen:
        told = json.loads(run([SUBBYTE, "simulate", *LAYER, "--waves", folder, "--json"], 0))
        (waves,) = told["waves"]
        fst, save = Path(waves["fst"]), Path(waves["save"])
        assert waves["note"] == "" and fst.parent == Path(folder), waves
        shown = displayed(screen, save)
        wrong = complaints(fst, shown)
        assert complaints(fst, {**shown, "signals": {}}), "a window without signals is not noticed"
        assert any(name.endswith(HANDSHAKE[0]) for name in shown["signals"]) or wrong
    print("\n".join(wrong) or f"{len(shown['signals'])} signals of the core are shown as the waveform has them")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
