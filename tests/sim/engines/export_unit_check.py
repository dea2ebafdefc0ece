#!/usr/bin/env python3
"""Every unit of the catalogue, handed over by `subbyte export --unit`, proves itself without Subbyte.

At its small point each unit's bench passes on the RTL in Verilator and on the mapped netlist in Icarus, and fails,
naming the place, for a wrong expected beat, a wrong expected cycle and a netlist with one wrong cell; for one unit of
each kind also on RTL that is wrong. The file list names what is there, the constraints are read by OpenSTA, and wrong
input is refused. Two units run at a time. The arguments are names of units; without any, SAMPLE is taken, or all units
where SUBBYTE_NIGHTLY is set.
"""
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SUBBYTE = os.environ.get("SUBBYTE", "build/subbyte")
LIBERTY = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib"
CASES = 24
# These units compile fast enough for a test run.
SAMPLE = ["term_encoder", "group_dequant", "ternary34_pack", "fp4_dequant", "nvfp4_dot", "int8_mac_tile"]
BROKEN_RTL = {"ternary34_pack", "group_dequant"}  # a combinational unit and one with registers
# Nothing is optimised, because compiling costs more than running sixty cases.
ENVIRONMENT = dict(os.environ, MAKEFLAGS="OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0",
                   **({"OBJCACHE": "ccache"} if shutil.which("ccache") else {}))


def run(command, folder=None, expected=0):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=ENVIRONMENT)
    if (done.returncode == 0) != (expected == 0) or (expected not in (0, None) and done.returncode != expected):
        raise AssertionError(f"{' '.join(map(str, command))} in {folder}: status {done.returncode}, expected "
                             f"{'nonzero' if expected is None else expected}\n"
                             f"{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout + done.stderr


def passes(command, folder, unit, beats):
    text = run(command, folder)
    assert re.search(rf"^PASS {unit}: \d+ input beats, {beats} output beats, \d+ cycles$", text, re.M), text


def fails(command, folder, pattern):
    text = run(command, folder, None)
    assert re.search(pattern, text), f"no '{pattern}' in\n{text}"
    assert "PASS" not in text, text


def with_line(path, number, change):
    """Changes one line of the file for the time of a `with`."""
    class Changed:
        def __enter__(self):
            self.text = path.read_text()
            lines = self.text.splitlines()
            lines[number] = change(lines[number])
            path.write_text("\n".join(line for line in lines if line is not None) + "\n")

        def __exit__(self, *_):
            path.write_text(self.text)
    return Changed()


def flipped(line):
    return line[:-1] + format(int(line[-1], 16) ^ 1, "x")


def later(line):
    return format(int(line, 16) + 1, "08x")


def commands(readme):
    """Returns the commands as the README shows them, to build and to run RTL in Verilator, RTL in Icarus, and the
    netlist in Icarus."""
    shown = [line[4:].split() for line in readme.read_text().splitlines() if line.startswith("    ")]
    assert [command[0] for command in shown[::2]] == ["verilator", "iverilog", "iverilog"][:len(shown) // 2], shown
    return shown


def wrong_vectors(command, folder, unit, beats):
    vectors = folder / "vectors"
    last = beats - 1
    with with_line(vectors / "expected.hex", last, flipped):
        fails(command, folder, rf"FAIL {unit}: beat {last} at cycle \d+: got [0-9a-f]+, expected [0-9a-f]+\n"
                               r"  field \w+\[0\]: got [0-9a-f]+, expected [0-9a-f]+\n")
    with with_line(vectors / "expected_cycles.hex", last, later):
        fails(command, folder, rf"FAIL {unit}: beat {last} at cycle \d+, expected at cycle \d+\n")
        passes(command + ["+any_cycle"], folder, unit, beats)
    with with_line(vectors / "expected_cycles.hex", 0, later), with_line(vectors / "expected.hex", 0, flipped):
        fails(command, folder, rf"FAIL {unit}: ")


def wrong_netlist(build, command, folder, unit):
    """Makes the cell that drives the lowest output bit compute the complement, by an inverter behind it."""
    netlist = folder / "netlist" / f"{unit}_netlist.v"
    good = netlist.read_text()
    head, module, body = good.rpartition(f"module {unit} (")
    bit = "out_data_o[0]" if "out_data_o[0]" in body else "out_data_o"
    # Either a cell or a part drives it.
    match = (re.search(rf"\.\w+\({re.escape(bit)}\)\);|assign {re.escape(bit)} = ", body) or
             re.search(rf"[{{ ]{re.escape(bit)}[,}}]", body))
    assert match, f"nothing drives {bit} of {unit}"
    driver = match.group(0).replace(bit, "wrong")
    body = body[:match.start()] + driver + body[match.end():]
    wire = f"\n  wire wrong;\n  assign {bit} = ~wrong;\nendmodule"
    netlist.write_text(head + module + wire.join(body.rsplit("\nendmodule", 1)))
    try:
        run(build, folder)
        fails(command, folder, rf"FAIL {unit}: ")
    finally:
        netlist.write_text(good)


def wrong_rtl(build, command, folder, unit):
    top = folder / "rtl" / f"{unit}.sv"
    good = top.read_text()
    top.write_text(re.sub(r"assign out_valid_o = (\w+);", r"assign out_valid_o = \1 && in_data_i[0];", good))
    assert top.read_text() != good
    shutil.rmtree(folder / "obj_rtl")
    run(build, folder)
    fails(command, folder, rf"FAIL {unit}: ")
    top.write_text(good)


def constraints(folder, unit):
    """Checks that OpenSTA reads the constraints and the netlist, and that no port is left without a constraint."""
    script = folder / "check.tcl"
    script.write_text(f"read_liberty {LIBERTY}\nread_verilog netlist/{unit}_netlist.v\nlink_design {unit}\n"
                      f"read_sdc {unit}.sdc\ncheck_setup -verbose\nreport_checks\n")
    text = run(["sta", "-no_splash", "-exit", "check.tcl"], folder)
    assert "slack" in text and not re.search(r"(?i)warning|error|no input delay|unconstrained", text), text


def check_unit(unit, folder):
    start = time.monotonic()
    out = folder / unit["name"]
    params = ",".join(f"{name}={value}" for name, value in unit["small_point"].items())
    told = json.loads(run([SUBBYTE, "export", "--unit", unit["name"], "--params", params, "--cases", str(CASES),
                           "--stalls", "30", "--netlist", "--out", out, "--json"]).splitlines()[-1])
    name, beats = unit["name"], told["output_beats"]
    assert sorted(told["files"]) == sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file())
    for line in (out / f"{name}.f").read_text().splitlines():
        assert (out / line).is_file(), line
    rtl_build, rtl_run, icarus_build, icarus_run, netlist_build, netlist_run = commands(out / "README.md")
    run(icarus_build, out)  # export_icarus_check.py does it for all units, and for broken ones
    passes(icarus_run, out, name, beats)
    run(rtl_build, out)
    passes(rtl_run, out, name, beats)
    wrong_vectors(rtl_run, out, name, beats)
    run(netlist_build, out)
    passes(netlist_run, out, name, beats)
    wrong_vectors(netlist_run, out, name, beats)
    wrong_netlist(netlist_build, netlist_run, out, name)
    if name in BROKEN_RTL:
        wrong_rtl(rtl_build, rtl_run, out, name)
    if shutil.which("sta"):
        constraints(out, name)
    seconds = time.monotonic() - start
    return f"{name}: {told['input_beats']} beats in, {beats} out, {told['cycles']} cycles, {seconds:.0f} s"


def refusals(folder):
    """Checks that each wrong call is refused with status 2, says why, and leaves nothing behind."""
    out = folder / "refused"
    full = folder / "full"
    full.mkdir()
    (full / "mine").write_text("kept")
    for arguments, expected in [
            (["--unit", "group_dequent", "--out", out], "did you mean 'group_dequant'?"),
            (["--unit", "group_dequant", "--params", "mantissa=12", "--out", out], "expected one of mantissa_width"),
            (["--unit", "group_dequant", "--params", "mantissa_width=1", "--out", out], "expected 9..64"),
            (["--unit", "group_dequant", "--format", "bitmod-fp5", "--out", out], "bitmod-fp"),
            (["--unit", "ternary34_pack", "--format", "int4", "--out", out], "cannot run int4"),
            (["--unit", "group_dequant", "--technology", "osu01", "--out", out], "osu018"),
            (["--unit", "group_dequant", "--cases", "0", "--out", out], "expected 1.."),
            (["--unit", "group_dequant", "--stalls", "100", "--out", out], "0..99"),
            (["--unit", "group_dequant", "--clock-mhz", "0", "--out", out], "--clock-mhz"),
            (["--unit", "group_dequant", "--out", full], "is not empty"),
            (["--unit", "group_dequant", "--out", full / "mine"], "is a file"),
            (["--unit", "group_dequant", "--out", full / "mine" / "x"], "mine"),
            (["--unit", "group_dequant", "--layout", "tl2", "--out", out], "--layout"),
            (["--seed", "3", "--out", out], "--seed"),
            (["--unit", "group_dequant"], "out")]:
        text = run([SUBBYTE, "export", *arguments], None, 2)
        assert expected in text, f"{arguments}: no '{expected}' in: {text}"
        assert not out.exists()
    assert (full / "mine").read_text() == "kept" and len(list(full.iterdir())) == 1
    assert not [p for p in folder.iterdir() if p.name.startswith("subbyte-")]


def odd_paths(folder):
    """`make` below folders whose names a shell, make or a script could misread."""
    for name in ("a b", "it's", 'say "x"', "cost $5", "a;b & (c)"):
        out = folder / name / "pe"
        run([SUBBYTE, "export", "--unit", "ternary2_unpack", "--params", "codes=4", "--cases", "20", "--netlist",
             "--out", out])
        text = run(["make", "all", "icarus"], out)
        assert text.count("PASS") == 3, f"{name}: {text}"
        run(["make", "clean"], out)
        assert not (out / "obj_rtl").exists(), name


def main():
    for tool in ("verilator", "iverilog", "vvp"):
        if shutil.which(tool) is None:
            sys.exit(f"export_unit_check: {tool} is not installed (bootstrap.sh packages)")
    catalogue = json.loads(run([SUBBYTE, "units", "--json"]))["units"]
    names = sys.argv[1:] or ([unit["name"] for unit in catalogue] if "SUBBYTE_NIGHTLY" in os.environ else SAMPLE)
    chosen = [unit for unit in catalogue if unit["name"] in names]
    folder = Path(tempfile.mkdtemp(prefix="subbyte-export-check-"))
    failed = False
    try:
        refusals(folder)
        print("wrong input is refused")
        odd_paths(folder)
        print("make works below folders with odd names")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            waiting = {unit["name"]: pool.submit(check_unit, unit, folder) for unit in chosen}
            for name, future in waiting.items():
                try:
                    print(future.result(), flush=True)
                except AssertionError as error:
                    failed = True
                    print(f"{name}: FAILED: {error}", flush=True)
    finally:
        shutil.rmtree(folder)
    print("FAILED" if failed else f"{len(chosen)} exported units prove themselves and find what is wrong")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
