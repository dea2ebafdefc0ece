#!/usr/bin/env python3
"""Holds what a hostile user found: caches and kept points that were trusted, failures of the environment that were
called mismatches, and children that outlived their parent. Every case runs the program."""
import json
import os
import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path

from command_case import SOURCE, SUBBYTE, SWEEP, VERIFY, Case, run

LEVELS = "name: mine\nalphabet: {{levels: [-8, -4, -2, -1, 0, 1, 2, {last}]}}\nscaling: {{group: 32}}\n"


class KeptPoints(Case):
    def sweep(self, formats="int4"):
        """Returns the rows of the sweep's table, with the computed points first."""
        plan = self.folder / "sweep.yaml"
        plan.write_text(SWEEP.format(name="kept", formats=formats))
        done = run(["sweep", plan, "--out", self.folder / "out", "--json"], env=self.environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)
        return told["computed"], told["record"]["tables"][0]["rows"], done.stderr

    def points(self):
        return sorted((self.folder / "out/points").glob("*.json"))

    def test_a_format_is_its_definition_and_not_its_name(self):
        mine = self.folder / "mine.yaml"
        mine.write_text(LEVELS.format(last=5))
        computed, first, _ = self.sweep(mine)
        self.assertEqual(computed, 1)
        mine.write_text(LEVELS.format(last=3))
        computed, second, _ = self.sweep(mine)
        self.assertEqual(computed, 1, "an edited format was not computed again")
        self.assertNotEqual(first, second)
        other = self.folder / "other.yaml"
        other.write_text(LEVELS.format(last=5))
        computed, rows, _ = self.sweep(f"{mine}, {other}")
        self.assertEqual(rows[0][3:9], second[0][3:9])
        self.assertEqual(rows[1][3:9], first[0][3:9])
        self.assertNotEqual(rows[0][0], rows[1][0], "two formats of one name look alike")

    def test_a_damaged_edited_or_foreign_point_is_not_used(self):
        _, expected, _ = self.sweep()
        point = self.points()[0]
        whole = point.read_text()
        _, _, _ = self.sweep("int8")
        foreign = next(p for p in self.points() if p != point).read_text()
        wrong = {"empty": "", "cut": whole[: len(whole) // 2], "no point": "{}", "list": "[]", "null": "null",
                 "text": json.dumps({"sqnr_db": "x"}), "edited": whole.replace("1", "2"), "foreign": foreign}
        for name, text in wrong.items():
            point.write_text(text)
            computed, rows, errors = self.sweep()
            self.assertEqual((computed, rows), (1, expected), name)
            self.assertIn(point.name, errors, name)
            self.assertEqual(point.read_text(), whole, name)

    def test_a_plan_that_says_a_thing_twice_is_refused(self):
        plan = self.folder / "sweep.yaml"
        text = SWEEP.format(name="twice", formats="int4, int4")
        for wrong, word in ((text, "int4:g128' twice"),
                            (text.replace("int4, int4", "int4").replace("[bits_per_weight]", "[sqnr_db]"), "sqnr_db"),
                            (text.replace("int4, int4", "int4").replace("vary: [", "vary: [{rows: 1, cols: 1}, "),
                             "there twice")):
            plan.write_text(wrong)
            self.refused(run(["sweep", plan, "--out", self.folder / "out"]), word)


class Caches(Case):
    def verify(self):
        return run(VERIFY, env=self.environment)

    def test_a_damaged_rtl_library_is_built_again(self):
        self.assertEqual(self.verify().returncode, 0)
        library = next((self.folder / "cache/rtl").glob("*.so"))
        whole = library.read_bytes()
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 1
        for damaged in (b"", whole[: len(whole) // 2], bytes(flipped), b"junk"):
            library.unlink()
            library.write_bytes(damaged)
            done = self.verify()
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("damaged", done.stderr)

    def test_a_damaged_netlist_is_written_again(self):
        command = [*VERIFY, "--engine", "golden,netlist"]
        self.assertEqual(run(command, env=self.environment).returncode, 0)
        netlist = next((self.folder / "cache/synth/netlists").glob("*/*.sv"))
        whole = netlist.read_text()
        for damaged in ("", whole[: len(whole) // 2], whole.replace("INVX1", "BUFX2", 1)):
            netlist.write_text(damaged)
            self.assertEqual(run(command, env=self.environment).returncode, 0)
            self.assertEqual(netlist.read_text(), whole)

    def test_a_damaged_entry_of_any_kind_is_computed_again(self):
        command = ["synth", "--unit", "ternary2_unpack", "--params", "codes=8", "--json"]
        expected = run(command, env=self.environment)
        self.assertEqual(expected.returncode, 0, expected.stderr)
        entry = max((self.folder / "cache/synth").glob("*.json"), key=lambda path: path.stat().st_size)
        for text in ("", "{}", "[]", "null", '{"key":1,"value":2}', '{"key":[],"checksum":{},"value":null}'):
            entry.write_text(text)
            done = run(command, env=self.environment)
            self.assertEqual(done.returncode, 0, text + done.stderr)
            self.assertEqual(json.loads(done.stdout), json.loads(expected.stdout), text)


class Environment(Case):
    """What could not be built or run is no mismatch."""

    def no_verdict(self, done, *words):
        self.assertIn(done.returncode, (2, 3), done.stdout + done.stderr)
        for text in ("DIFFER", "mismatch"):
            self.assertNotIn(text, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_a_cache_that_cannot_be_written(self):
        for command in (VERIFY, ["simulate", "--format", "int4", "--tokens", "1"]):
            self.no_verdict(run(command, env={**self.environment, "SUBBYTE_CACHE": "/dev/null"}), "/dev/null")

    def test_tools_that_are_missing(self):
        tools = self.folder / "tools"
        tools.mkdir()
        for tool in ("bash", "sh", "make", "ln", "mktemp", "nproc"):
            (tools / tool).symlink_to(shutil.which(tool))
        self.no_verdict(run(VERIFY, env={**self.environment, "PATH": str(tools)}), "cannot be run")

    def test_a_folder_for_temporary_files_that_is_none(self):
        for command in (VERIFY, ["synth", "--unit", "ternary2_unpack"]):
            self.no_verdict(run(command, env={**self.environment, "TMPDIR": "/nonexistent"}), "TMPDIR", "/nonexistent")

    def test_rtl_that_does_not_compile(self):
        rtl = self.folder / "rtl"
        shutil.copytree(SOURCE / "rtl", rtl)
        source = rtl / "ternary2_unpack.sv"
        source.write_text(source.read_text().replace("endmodule", "  no_such_module u_none (.x(1'b0));\nendmodule"))
        done = run([*VERIFY, "--rtl-dir", rtl], env=self.environment)
        self.no_verdict(done, "no_such_module")
        self.assertLess(len(done.stderr.splitlines()), 30)

    @unittest.skipUnless(os.geteuid() == 0, "needs the right to mount a file system")
    def test_a_full_disk(self):
        disk = self.folder / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk], capture_output=True).returncode:
            self.skipTest("this machine does not let root mount a file system")
        self.addCleanup(subprocess.run, ["umount", disk])
        for command in (VERIFY, ["synth", "--unit", "bitserial_pe"]):
            self.no_verdict(run(command, env={**self.environment, "SUBBYTE_CACHE": str(disk)}), str(disk))
            self.no_verdict(run(command, env={**self.environment, "TMPDIR": str(disk)}), str(disk))


class Children(Case):
    def descendants(self):
        """Returns the processes that work in this case's cache or temporary folder."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes()
                works = str(self.folder).encode() in words + os.readlink(process / "cwd").encode()
                if works and b"Z" not in (process / "stat").read_bytes().split(b")")[-1].split()[0]:
                    found.append(words)
            except OSError:
                continue
        return found

    def test_they_die_with_their_parent_and_their_folders_go_at_the_next_start(self):
        temporary = self.folder / "tmp"
        temporary.mkdir()
        environment = {**self.environment, "TMPDIR": str(temporary)}
        for command in (["synth", "--unit", "bitserial_tile"], ["verify", "--unit", "bitserial_pe", "--cases", "20"]):
            for how in (signal.SIGKILL, signal.SIGTERM):
                child = subprocess.Popen([SUBBYTE, *command], env=environment, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL)
                deadline = time.monotonic() + 60
                while len(self.descendants()) < 2 and time.monotonic() < deadline and child.poll() is None:
                    time.sleep(0.05)
                self.assertIsNone(child.poll())
                child.send_signal(how)
                child.wait()
                deadline = time.monotonic() + 10
                while self.descendants() and time.monotonic() < deadline:
                    time.sleep(0.05)
                self.assertEqual(self.descendants(), [], command)
        left = [path for path in temporary.iterdir() if path.name.startswith("subbyte")]
        self.assertTrue(left)
        for path in left:
            os.utime(path, (time.time() - 120, time.time() - 120))
        run(["synth", "--unit", "ternary2_unpack", "--params", "codes=8"], env=environment)
        self.assertEqual([path for path in temporary.iterdir() if path.name.startswith("subbyte")], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
