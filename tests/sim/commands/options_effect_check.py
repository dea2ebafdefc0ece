#!/usr/bin/env python3
"""No option is ignored: every option of every command is either given in a call where it can do nothing, and refused
with its name, or stands here with the reason why it always matters. The options come from `--help`, so that a new one
fails this test until somebody has thought about it."""
import re
import shutil
import sys
import tempfile
from pathlib import Path

from command_case import SOURCE, run

Q_PROJ = "model.layers.0.self_attn.q_proj"

# These reasons are said once.
INPUT = "it names what the command works on"
OUTPUT = "it names what the command writes"
SHAPE = "it changes what is printed or written in every call"

# Each option of each command has the words of a call in which it does nothing, or the reason why there is no such call.
# PACKED, TOKENS, RECORD, SWEEP, MARKDOWN and OUT stand for files of the test.
SIMULATE = ["PACKED", "--layer", Q_PROJ, "--tokens", "1"]
GEMM = ["--gemm", "tokens=1,outputs=8,inputs=8", "--format", "int4", "--design", "bitmod-core-4x4"]
CASES = {
    "quantize": {"model": INPUT, "format": INPUT, "out": OUTPUT, "layer": INPUT, "record": OUTPUT,
                 "verbose": ["--format", "int4", "--out", "OUT", "--verbose", "--json"],
                 "threads": "it changes the time that the command takes"},
    "evaluate": {"model": INPUT, "format": INPUT, "weights": INPUT, "text": INPUT, "record": OUTPUT,
                 "tokenizer": ["--text", "TOKENS", "--tokenizer", "none"], "stories": ["--text", "TOKENS", "--stories"],
                 "streaming": ["--text", "TOKENS", "--streaming"], "tokens": SHAPE,
                 "activation-format": ["--tokens", "9", "--activation-format", "int8"],
                 "design": ["--tokens", "9", "--design", "int8-8x8"],
                 "set": ["--tokens", "9", "--format", "int8", "--set", "rows=4"],
                 "sensitivity": ["--tokens", "9", "--sensitivity"],
                 "record-activations": OUTPUT, "record-tokens": ["--tokens", "9", "--record-tokens", "4"],
                 "verbose": ["--tokens", "9", "--verbose", "--json"],
                 "threads": "it changes the time that the command takes"},
    "survey": {"format": INPUT, "model": INPUT, "text": INPUT,
               "tokenizer": ["--text", "TOKENS", "--format", "int4", "--tokenizer", "none"],
               "tokens": SHAPE, "markdown": OUTPUT, "into": OUTPUT, "record": OUTPUT,
               "plot": ["--format", "int4", "--tokens", "9", "--plot", "OUT.png"],
               "verbose": ["--format", "int4", "--tokens", "9", "--verbose", "--json"]},
    "unpack": {"packed": INPUT, "out": OUTPUT,
               "layer": ["PACKED", "--layer", "no_such_layer", "--out", "OUT.npy"],
               "codes": ["PACKED", "--codes", "--out", "OUT.safetensors"],
               "scales": ["PACKED", "--scales", "--out", "OUT.safetensors"],
               "selectors": ["PACKED", "--layer", Q_PROJ, "--selectors", "OUT.npy"],
               "zeros": ["PACKED", "--layer", Q_PROJ, "--zeros", "OUT.npy"],
               "channel-scales": ["PACKED", "--layer", Q_PROJ, "--channel-scales", "OUT.npy"],
               "tensor-scale": ["PACKED", "--layer", Q_PROJ, "--tensor-scale", "OUT.npy"]},
    "import": {"file": INPUT, "out": OUTPUT, "layer": INPUT,
               "global-scale": ["GGUF", "--out", "OUT", "--global-scale", "encode"]},
    "export": {"packed": INPUT, "out": OUTPUT, "layout": SHAPE,
               "model": ["PACKED", "--out", "OUT", "--layout", "tl2", "--model", "embedded"],
               "type": ["PACKED", "--out", "OUT", "--layout", "tl2", "--type", "TQ1_0"],
               "keep-rows": ["PACKED", "--out", "OUT", "--model", "embedded", "--keep-rows"],
               "tile-rows": ["PACKED", "--out", "OUT", "--keep-rows", "--tile-rows", "4"],
               "block-cols": ["PACKED", "--out", "OUT", "--keep-rows", "--block-cols", "4"], "unit": INPUT,
               "params": ["PACKED", "--out", "OUT", "--params", "lanes=4"],
               "format": ["PACKED", "--out", "OUT", "--format", "int4"],
               "cases": ["PACKED", "--out", "OUT", "--cases", "4"], "seed": ["PACKED", "--out", "OUT", "--seed", "4"],
               "stalls": ["PACKED", "--out", "OUT", "--stalls", "4"],
               "clock-mhz": ["PACKED", "--out", "OUT", "--clock-mhz", "4"],
               "netlist": ["PACKED", "--out", "OUT", "--netlist"],
               "technology": ["PACKED", "--out", "OUT", "--technology", "osu018"],
               "liberty": ["PACKED", "--out", "OUT", "--liberty", "none"],
               "rtl-dir": ["PACKED", "--out", "OUT", "--rtl-dir", "rtl"]},
    "simulate": {"weights": INPUT, "format": INPUT, "activations": INPUT, "tokens": SHAPE, "design": INPUT,
                 "engine": SHAPE, "record": OUTPUT, "synth": SHAPE, "energy": SHAPE,
                 "workload": INPUT, "gemm": INPUT, "phase": [*SIMULATE, "--phase", "decode=4"],
                 "batch": [*SIMULATE, "--batch", "4"], "kv-format": [*SIMULATE, "--kv-format", "int8"],
                 "context": ["--workload", "embedded", *GEMM[2:], "--context", "8"],
                 "model": [*SIMULATE, "--model", "embedded", "--engine", "fast"],
                 "layer": ["PACKED", "--layers", "all", "--layer", Q_PROJ],
                 "layers": ["PACKED", "--layers", "no_such_layer"],
                 "seed": [*SIMULATE, "--engine", "golden,fast", "--seed", "3"],
                 "rtl-dir": [*SIMULATE, "--engine", "golden,fast", "--rtl-dir", "rtl"],
                 "out": [*SIMULATE, "--engine", "fast", "--out", "OUT.npy"],
                 "waves": ["PACKED", "--layers", "all", "--waves", "OUT"],
                 "timeline": [*SIMULATE, "--engine", "golden,fast", "--timeline", "OUT.json"],
                 "clock-unchecked": [*GEMM, "--clock-unchecked"],
                 "zero-delay": [*SIMULATE, "--engine", "golden,fast", "--zero-delay"],
                 "verbose": [*SIMULATE, "--engine", "golden,fast", "--verbose", "--json"],
                 "technology": [*SIMULATE, "--engine", "golden,fast", "--technology", "osu018"],
                 "set": [*SIMULATE, "--engine", "golden,fast", "--set", "memory.dram=hbm2"],
                 "sram": [*SIMULATE, "--engine", "golden,fast", "--sram", "configs/memories/sram.csv"],
                 "dram": [*SIMULATE, "--engine", "golden,fast", "--dram", "configs/memories/dram.csv"]},
    "verify": {"unit": INPUT, "format": INPUT, "cases": SHAPE, "seed": SHAPE, "params": INPUT, "stalls": SHAPE,
               "engine": SHAPE, "coverage": SHAPE,
               "technology": ["--unit", "ternary2_unpack", "--format", "ternary", "--technology", "osu018"],
               "rtl-dir": ["--unit", "ternary2_unpack", "--format", "ternary", "--engine", "golden,systemc",
                           "--rtl-dir", "rtl"],
               "waves": ["--unit", "ternary2_unpack", "--format", "ternary", "--engine", "golden,systemc", "--waves"],
               "verbose": ["--unit", "ternary2_unpack", "--format", "ternary", "--verbose", "--json"],
               "out": ["--unit", "ternary2_unpack", "--format", "ternary", "--out", "OUT"]},
    "synth": {"rtl-dir": INPUT, "design": INPUT, "set": ["--unit", "ternary2_unpack", "--set", "rows=4"],
              "sram": ["--design", "bitmod-4x4", "--sram", "ihp130"],
              "unit": INPUT, "technology": INPUT, "liberty": INPUT, "abc": SHAPE, "out": OUTPUT, "record": OUTPUT,
              "check": SHAPE, "curve": ["--curve", "auto"], "all": ["--unit", "ternary2_unpack", "--curve", "20",
                                                                    "--all"],
              "points": ["--unit", "ternary2_unpack", "--points", "small"], "params": ["--all", "--params", "lanes=4"],
              "clock-mhz": ["--unit", "ternary2_unpack", "--curve", "20", "--clock-mhz", "20"],
              "no-composed": ["--all", "--no-composed"],
              "sta": ["--unit", "ternary2_unpack", "--check", "--sta"],
              "energy": ["--unit", "ternary2_unpack", "--energy"],
              "zero-delay": ["--unit", "ternary2_unpack", "--curve", "20", "--zero-delay"],
              "format": ["--unit", "ternary2_unpack", "--curve", "20", "--format", "ternary"],
              "limit": ["--unit", "ternary2_unpack", "--limit", "5"],
              "verbose": ["--unit", "ternary2_unpack", "--verbose", "--json"],
              "seed": ["--unit", "ternary2_unpack", "--seed", "5"]},
    "energy": {"rtl-dir": INPUT,
               "unit": INPUT, "all": SHAPE, "format": INPUT, "weights": INPUT, "technology": INPUT, "liberty": INPUT,
               "cycles": SHAPE, "clock-mhz": SHAPE, "wires": SHAPE, "wire-ff-per-um": SHAPE, "record": OUTPUT,
               "zero-delay": SHAPE,
               "params": ["--all", "--params", "lanes=4"], "scale-to": ["--all", "--scale-to", "16@0.8"],
               "model": ["--unit", "int8_mac_tile", "--weights", "PACKED", "--model", "embedded"],
               "layer": ["--unit", "ternary2_unpack", "--layer", Q_PROJ],
               "activations": ["--unit", "ternary2_unpack", "--activations", "TOKENS"],
               "tokens": ["--unit", "ternary2_unpack", "--tokens", "4"],
               "random": ["--unit", "ternary2_unpack", "--random"],
               "verbose": ["--unit", "ternary2_unpack", "--verbose", "--json"],
               "seed": ["--unit", "int8_mac_tile", "--params", "rows=1,cols=1", "--seed", "3"]},
    "sweep": {"sweep": INPUT, "out": OUTPUT, "technology": INPUT,
              "verbose": ["SWEEP", "--out", "OUT", "--verbose", "--json"],
              "set": ["SWEEP", "--out", "OUT", "--set", "rows=1"],
              "sram": ["SWEEP", "--out", "OUT", "--sram", "configs/memories/sram.csv"],
              "dram": ["SWEEP", "--out", "OUT", "--dram", "configs/memories/dram.csv"]},
    "reproduce": {"name": INPUT, "samples": ["--samples", "100000"], "seed": ["--seed", "3"],
                  "liberty": ["int-vs-fp", "--liberty", "osu018"], "record": ["--record", "OUT"],
                  "verbose": ["--verbose"]},
    "report": {"records": INPUT, "out": OUTPUT, "title": ["RECORD", "--title", "mine"],
               "verbose": ["RECORD", "--out", "OUT", "--verbose"]},
    "formats": {"name": INPUT, "all": ["int4", "--all"]},
    "units": {},
    "keys": {"kind": INPUT, "markdown": SHAPE},
}
# These are some of the options in other states; each must be refused too.
MORE = [
    ("verify", "seed", ["--unit", "ternary2_unpack", "--params", "codes=4,codes=8", "--format", "ternary"], "codes"),
    ("reproduce", "samples", ["bitmod-hardware", "--samples", "100000"], "--samples"),
    ("reproduce", "seed", ["--liberty", "osu018"], "--liberty"),
    ("reproduce", "seed", ["bitmod", "--seed", "3"], "--seed"),
    ("reproduce", "verbose", ["int-vs-fp", "--verbose", "--json"], "--verbose"),
    ("report", "verbose", ["RECORD", "--verbose", "--json"], "--verbose"),
    ("simulate", "seed", [*SIMULATE, "--activations", "TOKENS", "--seed", "3"], "--seed"),
    ("simulate", "batch", [*GEMM, "--batch", "4"], "--batch"),
    ("simulate", "seed", [*GEMM, "--seed", "3"], "--seed"),
    ("simulate", "out", [*GEMM, "--out", "OUT.npy"], "--out"),
    ("simulate", "clock-unchecked", [*GEMM, "--clock-unchecked"], "--clock-unchecked"),
    ("simulate", "set", [*GEMM, "--set", "memory.dram=hbm2"], "--set"),
    ("simulate", "set", [*GEMM, "--set", "technology=osu018"], "--set"),
    ("simulate", "clock-unchecked", ["--format", "int4", "--design", "bitmod-core-4x4", "--engine", "fast",
                                     "--clock-unchecked"], "--clock-unchecked"),
    ("quantize", "format", ["--format", "SHADOWED", "--out", "OUT"], "no effect"),
    ("simulate", "sram", [*SIMULATE, "--engine", "golden,fast", "--sram", "ihp130"], "--sram"),
    ("evaluate", "set", ["--format", "int8", "--tokens", "9", "--design", "int8-8x8", "--set", "clock_mhz=9"], "--set"),
    ("sweep", "set", ["SWEEP", "--out", "OUT", "--set", "output.bits=16"], "--set"),
    ("keys", "kind", ["design", "--markdown"], "--kind"),
    ("export", "unit", ["--seed", "3", "--out", "OUT"], "--seed"),
    ("export", "keep-rows", ["PACKED", "--out", "OUT", "--layout", "tl2", "--keep-rows"], "--keep-rows"),
]


def options_of(command):
    text = run([command, "--help"]).stdout
    names = re.findall(r"^  (?:-\w \[ )?--([a-z-]+)", text, re.MULTILINE)
    return [name for name in names if name not in ("json", "help")]


def commands():
    text = run(["--help"]).stdout
    return re.findall(r"^  ([a-z]+) ", text[text.index("Commands:"):], re.MULTILINE)


def files(folder):
    """Makes the files that the calls name."""
    names = {"PACKED": folder / "packed", "GGUF": folder / "model.gguf", "RECORD": folder / "record.json",
             "SWEEP": folder / "sweep.yaml", "SHADOWED": folder / "shadowed.yaml",
             "TOKENS": SOURCE / "configs/workloads/embedded/validation.npy", "OUT": folder / "out"}
    for arguments in (["quantize", "--format", "int4", "--out", "PACKED", "--record", "RECORD"],
                      ["quantize", "--format", "q4_0", "--out", "OUT"],
                      ["export", "OUT", "--model", "embedded", "--out", "GGUF"]):
        done = run([str(names.get(word, word)) for word in arguments])
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
    names["OUT"].unlink()
    names["SWEEP"].write_text(f"""name: none
design: int8-8x8
workload: {{layer: {Q_PROJ}, tokens: 1}}
formats: [int4]
vary: [{{rows: 1, cols: 1}}]
objectives: {{maximize: [sqnr_db], minimize: [bits_per_weight]}}
""")
    names["SHADOWED"].write_text("default: int4\n"
                                 "layers: [{match: '*', format: int8}, {match: '*mlp*', format: int4}]\n")
    return names


def problems(folder):
    names = files(folder)

    def filled(word):
        stem, dot, suffix = word.partition(".")
        return str(names[stem]) + dot + suffix if stem in names else word

    def refuse(command, arguments, expected):
        done = run([command, *map(filled, arguments)], cwd=SOURCE)
        if done.returncode != 2 or expected not in done.stderr:
            yield f"{command} {' '.join(arguments)}: status {done.returncode}, expected 2 and '{expected}': " \
                  f"{done.stderr.strip()[-300:]}"
        left = [path.name for path in folder.iterdir() if path.name.startswith("out")]
        if left:
            yield f"{command} {' '.join(arguments)} left {left}"

    for command in commands():
        cases = CASES.get(command, {})
        for name in sorted(set(options_of(command)) ^ set(cases)):
            yield f"{command} --{name}: " + ("is not in this test" if name not in cases else "is in this test alone")
        for name, case in cases.items():
            if isinstance(case, list):
                yield from refuse(command, case, "no_such_layer" if "no_such_layer" in case else f"--{name}")
    for command, _, arguments, expected in MORE:
        yield from refuse(command, arguments, expected)


def main():
    folder = Path(tempfile.mkdtemp(prefix="subbyte-options-"))
    try:
        found = list(problems(folder))
    finally:
        shutil.rmtree(folder)
    for problem in found:
        print(problem)
    refused = sum(isinstance(case, list) for cases in CASES.values() for case in cases.values()) + len(MORE)
    print(f"{len(found)} problems" if found else f"{refused} calls with an option that does nothing are refused")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
