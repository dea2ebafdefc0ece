#!/usr/bin/env python3
"""Runs what a test run has no time for: a million random cases per unit through golden, SystemC and RTL, every mutant,
every proof, ten thousand layers on cores drawn at random, the commands of the pages that take minutes, and coverage,
Verilated netlists and exported units of the whole catalogue. It can be called from anywhere, after a build:

  tests/nightly.py [--cases N] [--unit U] [--core-tops N] [--skip-mutation]

Cases are spread over the formats that a unit can run, its verified points and three stall rates; the seed changes with
the day and is printed. The exit status is 1 when a beat differs or a check fails.
"""
import argparse
import datetime
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(os.environ.get("SUBBYTE_SOURCE_DIR", Path(__file__).resolve().parent.parent))
BINARY = Path(os.environ.get("SUBBYTE_BINARY_DIR", ROOT / "build"))
SUBBYTE = str(BINARY / "subbyte")


def verify(unit, cases, seed):
    command = [SUBBYTE, "verify", "--unit", unit, "--format", "all", "--cases", str(cases),
               "--seed", str(seed), "--json"]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode not in (0, 1):
        sys.exit(f"nightly: {' '.join(command)}:\n{result.stderr}")
    return json.loads(result.stdout)


def million(unit, cases, seed):
    """Prints one line of the table, and returns True when every engine agrees."""
    start = time.monotonic()
    formats = {run["format"] for run in verify(unit, 1, seed)["runs"]}
    answer = verify(unit, -(-cases // len(formats)), seed)
    total = sum(run["cases"] for run in answer["runs"])
    bits = sum(pair["bit_mismatches"] for pair in answer["pairs"])
    cycles = sum(pair["cycle_mismatches"] for pair in answer["pairs"])
    print(f"{unit:20} {total:>9} cases over {len(formats):>2} formats: {bits} bit and {cycles} cycle mismatches, "
          f"{time.monotonic() - start:.0f} s", flush=True)
    return answer["equal"]


def check(name, *arguments):
    start = time.monotonic()
    environment = {**os.environ, "SUBBYTE": SUBBYTE, "SUBBYTE_SOURCE_DIR": str(ROOT), "SUBBYTE_BINARY_DIR": str(BINARY)}
    status = subprocess.run([str(ROOT / "tests" / name), *arguments], env=environment).returncode
    print(f"{name}: {'passed' if status == 0 else 'FAILED'}, {time.monotonic() - start:.0f} s", flush=True)
    return status == 0


def whole_catalogue():
    """Runs the checks that take a sample of the units in a test run, with every unit."""
    os.environ["SUBBYTE_NIGHTLY"] = "1"
    names = ("coverage_test", "netlist_test", "gate_energy_test")
    return [check(str(BINARY / "tests" / name)) for name in names] + [check("sim/engines/export_unit_check.py")]


def core(seed, tops):
    """Runs random layers in tops of the core that are drawn at random, and prints how many there were."""
    os.environ.update(SUBBYTE_NIGHTLY="1", SUBBYTE_SEED=str(seed), SUBBYTE_CORE_TOPS=str(tops))
    return check(str(BINARY / "tests" / "core_test"), "--gtest_brief=1", "--gtest_filter=*TenThousandLayers*")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000_000, help="random cases per unit (default: a million)")
    parser.add_argument("--unit", help="run this unit alone, and no other check but the core's own")
    parser.add_argument("--core-tops", type=int, default=60, help="arrays of the core that are drawn, each for 167 "
                        "layers (default: 60, which are 10,000 layers)")
    parser.add_argument("--skip-mutation", action="store_true", help="run no mutants, which take most of the time")
    options = parser.parse_args()
    catalogue = json.loads(subprocess.run([SUBBYTE, "units", "--json"], capture_output=True,
                                          text=True, check=True).stdout)
    names = [unit["name"] for unit in catalogue["units"]]
    if options.unit and options.unit not in names:
        print(f"nightly: no unit '{options.unit}', expected one of {', '.join(names)}", file=sys.stderr)
        return 2
    seed = datetime.date.today().toordinal()
    print(f"seed {seed}")
    passed = [million(name, options.cases, seed) for name in names if options.unit in (None, name)]
    if options.unit is None:
        passed.append(check("docs/docs_check.py", "--nightly"))
        passed.append(check("formal/formal_check.sh"))
        passed += whole_catalogue()
    if options.unit in (None, "core"):
        passed.append(core(seed, options.core_tops))
    if options.unit is None:
        if not options.skip_mutation:
            passed.append(check("mutation/mutation_check.py", "--all"))
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
