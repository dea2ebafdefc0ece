#!/usr/bin/env python3
"""GTKWave itself opens the save file of a mismatch and shows what `subbyte verify` says of the first wrong beat.

A unit is broken on purpose in a copy of rtl/. GTKWave runs under Xvfb with gtkwave_state.tcl, and what it displays is
held against the report and against the waveform as fst2vcd prints it: the names of signals, the place of the marker,
and the values. Wrong save files must be noticed, and so must a viewer that hangs. The folder has a blank in its path.
  gtkwave_check.py --screenshot FILE.png   also takes the picture of docs/: the window at 1600 x 900
"""
import argparse
import contextlib
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SUBBYTE = os.environ.get("SUBBYTE", str(ROOT / "build/subbyte"))
STATE = Path(__file__).with_name("gtkwave_state.tcl")
UNIT = "term_encoder"
# The special values of a format follow the group's selector; here the first of them is always taken.
BROKEN = ("codes/term_decode.sv", "specials_i[32'(selector_i)*TermWidth", "specials_i[32'd0*TermWidth")
HANDSHAKE = ["clk_i", "rst_ni", "in_valid_i", "in_ready_o", "out_valid_o", "out_ready_i"]
LIMIT_S = 60  # GTKWave and Xvfb take a second or two each; one that takes longer hangs
RESET_CYCLES, CYCLE_TIME, BEFORE_EDGE = 1, 10, 4  # testbenches/harness/bench_abi.hpp


@contextlib.contextmanager
def ended_in_time(process, limit_s=LIMIT_S):
    """Kills a process and its group at the end of a `with`, or before it when that takes too long."""
    late = threading.Event()

    def kill():
        late.set()
        os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(limit_s, kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if not late.is_set():
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if late.is_set():
            raise AssertionError(f"{process.args[0]} hung: it was killed after {limit_s} s")


class Screen:
    """An X server without a screen, for the time of a `with`."""

    def __enter__(self):
        reading, writing = os.pipe()
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x900x24", "-nolisten", "tcp"]
        self.server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        if not select.select([reading], [], [], LIMIT_S)[0]:
            self.server.kill()
            raise AssertionError(f"Xvfb does not start within {LIMIT_S} s")
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        if not number:
            raise AssertionError("Xvfb does not start")
        self.environment = dict(os.environ, DISPLAY=f":{number}", NO_AT_BRIDGE="1", GSETTINGS_BACKEND="memory")
        return self

    def __exit__(self, *_):
        self.server.terminate()  # so that it removes its lock
        try:
            self.server.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self.server.kill()


def run(command, expected=0, timeout=600, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=timeout, **more)
    if done.returncode != expected:
        raise AssertionError(f"{command}: status {done.returncode}, expected {expected}\n{done.stdout}{done.stderr}")
    return done.stdout


def first_mismatch(folder):
    """Runs the broken unit, and returns its first mismatch and its two wave files."""
    rtl = folder / "rtl"
    shutil.copytree(ROOT / "rtl", rtl)
    name, good, wrong = BROKEN
    text = (rtl / name).read_text()
    assert good in text, f"{name} holds no '{good}' to break"
    (rtl / name).write_text(text.replace(good, wrong))
    request = ["--unit", UNIT, "--format", "bitmod-fp4", "--params", "lanes=4,cols=1", "--cases", "60",
               "--stalls", "30", "--seed", "6", "--engine", "golden,rtl",
               "--rtl-dir", rtl, f"--waves={folder / 'waves'}"]
    result = json.loads(run([SUBBYTE, "verify", *request, "--json"], 1))
    (waves,) = result["waves"]
    assert waves["note"] == "", waves
    # The two files must show the same when they are taken to another place.
    elsewhere = folder / "another machine"
    shutil.move(Path(waves["save"]).parent, elsewhere)
    files = [elsewhere / Path(waves[kind]).name for kind in ("fst", "save")]
    assert sorted(elsewhere.iterdir()) == sorted(files), list(elsewhere.iterdir())
    return waves["first_mismatch"], *files


def displayed(screen, save, screenshot=None, program="gtkwave", limit_s=LIMIT_S):
    """Returns what GTKWave shows of a save file: marker, window, signals with values in order, and lines of text."""
    shown = {"signals": {}, "texts": []}
    viewer = subprocess.Popen([program, "-S", STATE, save], env=screen.environment, cwd="/", text=True,
                              start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    said = ""
    with ended_in_time(viewer, limit_s):
        for line in viewer.stdout:
            said += line
            word, _, rest = line.rstrip("\n").partition(" ")
            if word == "end":
                break
            if word in ("marker", "window"):
                shown[word] = [int(time) for time in rest.split()]
            elif word == "signal":
                name, _, value = rest.partition(" ")
                shown["signals"][name] = value
            elif word == "text":
                shown["texts"].append(rest.strip())
        assert "window" in shown, f"GTKWave said nothing of {save}:\n{said}"
        if screenshot:
            take_picture(screen, screenshot)
    return shown


def take_picture(screen, path):
    """Takes the screen once it has stopped changing; 64 colours are enough for a wave window and make a small file."""
    last = b""
    for _ in range(LIMIT_S // 2):
        time.sleep(1)
        now = run(["import", "-window", "root", "-depth", "8", "txt:-"], 0, LIMIT_S, env=screen.environment).encode()
        if now == last:
            break
        last = now
    picture = ["import", "-window", "root", "+dither", "-colors", "64", "-strip", "-quality", "95", path]
    run(picture, 0, LIMIT_S, env=screen.environment)


def waveform(fst):
    """Reads the dump of fst2vcd: returns the names with their widths, and a function from (name, time) to bits."""
    lines = iter(run(["fst2vcd", "-f", fst], 0, LIMIT_S).splitlines())
    scopes, names, changes, now = [], {}, {}, 0
    for line in lines:
        words = line.split()
        if line.startswith("$scope"):
            scopes.append(words[2])
        elif line.startswith("$upscope"):
            scopes.pop()
        elif line.startswith("$var"):
            width, code, name = int(words[2]), words[3], words[4]
            names[".".join([*scopes, name])] = (code, width)
        elif line.startswith("#"):
            now = int(line[1:])
        elif line.startswith("b"):
            changes.setdefault(words[1], []).append((now, words[0][1:]))
        elif line[:1] in "01xz" and line:
            changes.setdefault(line[1:], []).append((now, line[0]))

    def bits(name, at):
        code, width = names[name]
        value = [bits for moment, bits in changes[code] if moment <= at][-1]
        return value.rjust(width, "0")
    return {name: width for name, (_, width) in names.items()}, bits


def expected_names(widths):
    """Returns the names of the handshake, of every field's wire in the bench, and of the unit's own registers."""
    bench = f"TOP.{UNIT}_bench."
    local = [name[len(bench):] for name in widths if name.startswith(bench)]
    fields = [name for name in local if re.fullmatch(r"(in|out|expected)_\w+", name)
              and not re.fullmatch(r"\w+_(data|valid|ready)_[io]", name)]
    registers = [name for name in local if re.fullmatch(r"dut\.(\w+(\[\d+\])?\.)*\w+_q", name)]
    assert fields and registers
    chosen = [*HANDSHAKE, "mismatch", *fields, *registers]
    ranges = {name: f"[{width - 1}:0]" if width > 1 else "" for name, width in widths.items()}
    return {bench + name + ranges[bench + name] for name in chosen}


def term(bits):
    return "0" if bits[1] == "0" else f"{'-' if bits[0] == '1' else '+'}2^{int(bits[2:], 2)}"


def reads_as(name, bits, text):
    """Tells whether the text that GTKWave shows for a signal says its bits."""
    if re.search(r"\.(out|expected)_term_\d+", name):
        return text == term(bits)
    if re.search(r"\.in_code_\d+", name):
        return re.fullmatch(rf"{int(bits, 2):02x} = (-?\d+|special [-/\d]+)", text) is not None
    return text.lower() == (bits if len(bits) == 1 else f"{int(bits, 2):0{(len(bits) + 3) // 4}x}")


def complaints(mismatch, fst, shown):
    """Lists what the window shows that the report or the waveform does not say."""
    wrong = []
    widths, bits = waveform(fst)
    cycle = mismatch["cycles"][1]
    marker = (cycle + RESET_CYCLES) * CYCLE_TIME + BEFORE_EDGE
    if shown["marker"] != [marker]:
        wrong.append(f"the marker stands at {shown['marker']}, expected {marker}, before the edge of cycle {cycle}")
    if not shown["window"][0] < shown["marker"][0] < shown["window"][1]:
        wrong.append(f"the marker at {shown['marker']} is outside of the window, {shown['window']}")
    names = expected_names(widths)
    wrong += [f"{name} is not displayed" for name in sorted(names - shown["signals"].keys())]
    wrong += [f"{name} is displayed, and nobody asked for it" for name in sorted(shown["signals"].keys() - names)]
    for name in sorted(names & shown["signals"].keys()):
        is_there = bits(name.split("[")[0], shown["marker"][0])
        if not reads_as(name, is_there, shown["signals"][name]):
            wrong.append(f"{name} is shown as '{shown['signals'][name]}', its bits are {is_there}")
    bench = f"TOP.{UNIT}_bench."
    for name in ("out_valid_o", "out_ready_i"):
        if shown["signals"].get(bench + name) != "1":
            wrong.append(f"{name} is {shown['signals'].get(bench + name)} at the marker, where a beat is taken")
    field = f"{bench}out_{mismatch['field']}_{mismatch['index']}"
    text = next((text for name, text in shown["signals"].items() if name.split("[")[0] == field), None)
    golden, rtl = (re.search(r"\((.*)\)", value).group(1) for value in mismatch["values"])
    if text is None or text.lstrip("+") != rtl or rtl == golden:
        wrong.append(f"{field} shows '{text}', the report says {rtl} where {golden} was expected")
    expected = next((text for name, text in shown["signals"].items()
                     if name.split("[")[0] == field.replace(".out_", ".expected_")), None)
    if expected is None or expected.lstrip("+") != golden:
        wrong.append(f"the expected value is shown as '{expected}', the report says {golden}")
    if shown["signals"].get(bench + "mismatch") != "1":
        wrong.append(f"mismatch is {shown['signals'].get(bench + 'mismatch')} at the first wrong beat")
    values = mismatch["values"]
    for line in (f"first wrong beat: {mismatch['beat']}", f"golden: {values[0]}", f"rtl: {values[1]}"):
        if line not in shown["texts"]:
            wrong.append(f"no line '{line}' above the signals, only {shown['texts']}")
    return wrong


def self_test(screen, mismatch, fst, save):
    """Makes save files with one thing wrong; each must be complained about, with these words."""
    good = save.read_text()
    marker = re.search(r"^\*\S+ (\d+)", good, re.M).group(1)
    field = f"out_{mismatch['field']}_{mismatch['index']}"
    changes = [("the marker stands", good.replace(f" {marker} -1", f" {int(marker) + CYCLE_TIME} -1")),
               ("is not displayed", re.sub(rf"^@\w+\n(?:[\[^].*\n)*TOP\.\w+\.{field}\[.*\n", "", good, flags=re.M)),
               (f"{field} shows", re.sub(r"^\^>\d+ .*\n", "", good, flags=re.M)),
               ("no line 'first wrong beat", good.replace("first wrong beat: ", "first wrong beat: 1"))]
    for number, (words, text) in enumerate(changes):
        assert text != good, f"the change for '{words}' changes nothing"
        other = save.with_name(f"wrong {number}.gtkw")
        other.write_text(text)
        found = complaints(mismatch, fst, displayed(screen, other))
        assert any(words in line for line in found), f"'{words}' is not noticed, only {found}"
    return len(changes)


def hang_is_noticed(screen, folder):
    """A viewer that shows nothing and does not end must fail the test after the time that it has."""
    viewer = folder / "hanging viewer"
    viewer.write_text("#!/bin/sh\nsleep 1000\n")  # the shell's child holds the pipe that the test reads
    viewer.chmod(0o755)
    start = time.monotonic()
    try:
        displayed(screen, "any.gtkw", program=str(viewer), limit_s=1)
    except AssertionError as error:
        assert "hung" in str(error), error
        assert time.monotonic() - start < 30, "the hanging viewer was killed far too late"
        return
    raise AssertionError("a viewer that hangs is not noticed")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--screenshot", type=Path)
    arguments = parser.parse_args()
    for tool in ("gtkwave", "fst2vcd", "Xvfb", *(["import"] if arguments.screenshot else [])):
        if shutil.which(tool) is None:
            sys.exit(f"gtkwave_check: {tool} is not installed (bootstrap.sh packages)")
    with tempfile.TemporaryDirectory(prefix="subbyte gtkwave ") as folder, Screen() as screen:
        mismatch, fst, save = first_mismatch(Path(folder))
        shown = displayed(screen, save, arguments.screenshot and arguments.screenshot.absolute())
        wrong = complaints(mismatch, fst, shown)
        for line in wrong:
            print(line)
        if wrong:
            return 1
        noticed = self_test(screen, mismatch, fst, save)
        hang_is_noticed(screen, Path(folder))
    print(f"GTKWave shows {len(shown['signals'])} signals as the report has them, the marker at {shown['marker'][0]}; "
          f"{noticed} wrong save files and a viewer that hangs are noticed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
