#!/usr/bin/env python3
"""The RTL that `subbyte export --unit` hands over passes its bench in Icarus Verilog, where flip-flops start at X.

All units are run, at their small point and at the points that `verify` names, with the commands that the exported
README shows. At the small point a wrong expected bit must be found, and so must missing resets: all of a unit's, and
the one of a register in a part (MISSING). Two points run at a time. The arguments are names of units; without any, all
are run. """
import concurrent.futures
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
from export_unit_check import SUBBYTE, commands, fails, flipped, passes, run, with_line  # noqa: E402

CASES = 24  # the small point has so many
MORE_CASES = 2  # every other point has so many
MISSING = ("rtl/parts/group_sum.sv", "acc_top_q <= '0;")
MISSED_BY = {"ternary_tile", "plane_tile", "fp16_int8_mac_tile"}  # the units whose small point uses this register


def without_resets(build, command, out, name, files, old, new):
    """Puts `new` for `old` in these files, where the bench must then fail, and restores them. Returns False where `old`
    is nowhere."""
    good = {path: path.read_text() for path in files}
    if not any(old in text for text in good.values()):
        return False
    for path, text in good.items():
        path.write_text(text.replace(old, new))
    run(build, out)
    fails(command, out, rf"FAIL {name}: ")
    for path, text in good.items():
        path.write_text(text)
    return True


def broken(unit, out, build, command, beats):
    """Breaks the export in every way, and returns in words what was found."""
    name, found = unit["name"], []
    with with_line(out / "vectors/expected.hex", beats - 1, flipped):
        fails(command, out, rf"FAIL {name}: beat {beats - 1} at cycle \d+: got [0-9a-f]+, expected [0-9a-f]+\n")
        found.append("a wrong bit")
    if without_resets(build, command, out, name, sorted(out.rglob("*.sv")), "if (!rst_ni)", "if (1'b0)"):
        found.append("no reset")
    assert ("no reset" in found) != unit["combinational"], f"{name} has no 'if (!rst_ni)' to break"
    if name in MISSED_BY:
        part = out / MISSING[0]
        assert without_resets(build, command, out, name, [part], MISSING[1], ""), f"{part} has no '{MISSING[1]}'"
        found.append("a register without one")
    return found


def check_point(unit, point, out):
    start = time.monotonic()
    small = point == unit["small_point"]
    params = ",".join(f"{name}={value}" for name, value in point.items())
    told = json.loads(run([SUBBYTE, "export", "--unit", unit["name"], "--params", params, "--cases",
                           str(CASES if small else MORE_CASES), "--stalls", "30", "--out", out,
                           "--json"]).splitlines()[-1])
    build, command = commands(out / "README.md")[2:]
    run(build, out)
    passes(command, out, unit["name"], told["output_beats"])
    found = broken(unit, out, build, command, told["output_beats"]) if small else []
    return told["cycles"], time.monotonic() - start, found


def points(unit):
    return [unit["small_point"]] + [point for point in unit["points"] if point != unit["small_point"]]


def main():
    for tool in ("iverilog", "vvp"):
        if shutil.which(tool) is None:
            sys.exit(f"export_icarus_check: {tool} is not installed (bootstrap.sh packages)")
    catalogue = json.loads(run([SUBBYTE, "units", "--json"]))["units"]
    chosen = [unit for unit in catalogue if unit["name"] in (sys.argv[1:] or [unit["name"]])]
    folder = Path(tempfile.mkdtemp(prefix="subbyte-icarus-check-"))
    failed, found, start = False, [], time.monotonic()
    try:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            waiting = [(unit["name"], point, pool.submit(check_point, unit, point, folder / f"{unit['name']}_{at}"))
                       for unit in chosen for at, point in enumerate(points(unit))]
            for unit, point, future in waiting:
                try:
                    cycles, seconds, more = future.result()
                    found += more
                    print(f"{unit}: {cycles} cycles, {seconds:.1f} s{''.join(f', found {what}' for what in more)}",
                          flush=True)
                except AssertionError as error:
                    failed = True
                    print(f"{unit} at {point}: FAILED: {error}", flush=True)
    finally:
        shutil.rmtree(folder)
    missed = {"a wrong bit", "no reset", "a register without one"} - set(found)
    if missed and not sys.argv[1:]:
        sys.exit(f"FAILED: nothing was planted of: {', '.join(sorted(missed))}")
    done = f"{len(chosen)} units pass in Icarus from unknown flip-flops at {len(waiting)} points"
    print(f"{'FAILED' if failed else done}, {time.monotonic() - start:.0f} s")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
