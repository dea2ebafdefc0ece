#!/usr/bin/env python3
"""What a hostile user found: outputs that were lost or damaged, caches and kept points that were trusted, failures of
the environment that were called mismatches, children that outlived their parent. Every case runs the program.

With SUBBYTE=PROGRAM the cases run another program, for example that of an older revision, in which most of them fail.
"""
import json
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

SUBBYTE = str(Path(os.environ.get("SUBBYTE", "build/subbyte")).absolute())
SOURCE = Path(os.environ.get("SUBBYTE_SOURCE_DIR", ".")).absolute()
QUANTIZE = ["quantize", "--format", "int4", "--layer", "*q_proj"]
VERIFY = ["verify", "--unit", "ternary2_unpack", "--format", "ternary", "--params", "codes=8", "--stalls", "0",
          "--cases", "20"]


def run(arguments, **options):
    options = {"capture_output": True, "text": True, **options}
    return subprocess.run([SUBBYTE, *map(str, arguments)], **options)


def shell(text, **options):
    """Runs a shell's line in which $subbyte is the program."""
    return subprocess.run(["bash", "-c", text], capture_output=True, env={**os.environ, "subbyte": SUBBYTE}, **options)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="subbyte-faults-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.environment = {**os.environ, "SUBBYTE_CACHE": str(self.folder / "cache")}

    def packed(self, name="packed"):
        """A packed file, and its bytes."""
        path = self.folder / name
        done = run([*QUANTIZE, "--out", path])
        self.assertEqual(done.returncode, 0, done.stderr)
        return path, path.read_bytes()

    def refused(self, done, *words):
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)


class Outputs(Case):
    def test_missing_descriptors_do_not_become_the_output(self):
        _, expected = self.packed()
        for index, closed in enumerate(("0<&- 2>&-", "1>&- 2>&-", "0<&- 1>&- 2>&-", "1>&-", "2>&-")):
            out = self.folder / f"out{index}"
            done = shell(f'"$subbyte" {" ".join(QUANTIZE[:-1])} "*q_proj" --out "{out}" {closed}')
            self.assertEqual(done.returncode, 0, closed)
            self.assertEqual(out.read_bytes(), expected, closed)

    def test_a_link_is_followed(self):
        _, expected = self.packed()
        (self.folder / "target").write_text("old")
        for name, target in (("link", "target"), ("dangling", "new"), ("second", "link")):
            (self.folder / name).symlink_to(target)
            self.assertEqual(run([*QUANTIZE, "--out", self.folder / name]).returncode, 0)
            self.assertTrue((self.folder / name).is_symlink(), name)
            self.assertEqual((self.folder / name).read_bytes(), expected, name)
        circle = self.folder / "circle"
        circle.symlink_to("circle")
        self.refused(run([*QUANTIZE, "--out", circle]), "circle", "cannot be written")

    def test_standard_output_gets_the_file_and_stays_what_it_is(self):
        _, expected = self.packed()
        before = os.readlink("/dev/stdout")
        words = " ".join(QUANTIZE[:-1]) + ' "*q_proj"'
        self.assertEqual(shell(f'"$subbyte" {words} --out /dev/stdout').stdout, expected)
        done = shell(f'"$subbyte" {words} --out /dev/stdout > "{self.folder}/f"')
        self.assertEqual((self.folder / "f").read_bytes(), expected)
        self.assertIn(b"bits per weight", done.stderr)
        self.assertEqual(os.readlink("/dev/stdout"), before)
        self.assertEqual(shell(f'"$subbyte" {words} --out /dev/fd/3 3> "{self.folder}/g"').returncode, 0)
        self.assertEqual((self.folder / "g").read_bytes(), expected)
        self.refused(run([*QUANTIZE, "--out", "/dev/stdout", "--json"]), "--json")

    def test_a_device_and_a_pipe_are_written_and_never_replaced(self):
        path, expected = self.packed()
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        got = []
        reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
        reader.start()
        self.assertEqual(run([*QUANTIZE, "--out", pipe]).returncode, 0)
        reader.join()
        self.assertEqual(got[0], expected)
        self.assertTrue(stat.S_ISFIFO(pipe.stat().st_mode))
        self.assertEqual(run(["unpack", path, "--layer", "model.layers.0.self_attn.q_proj", "--out", "/dev/null",
                              "--codes", "/dev/null"]).returncode, 0)
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))
        self.refused(run([*QUANTIZE, "--out", self.folder]), "is a folder")

    def test_a_replaced_file_keeps_mode_and_owner(self):
        path, _ = self.packed()
        path.chmod(0o640)
        if os.geteuid() == 0:
            os.chown(path, 12345, 12346)
        self.assertEqual(run([*QUANTIZE, "--out", path]).returncode, 0)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o640)
        if os.geteuid() == 0:
            self.assertEqual((path.stat().st_uid, path.stat().st_gid), (12345, 12346))

    def check_clash(self, arguments, kept):
        before = kept.read_bytes() if kept.exists() else None
        done = run(arguments)
        self.assertEqual(done.returncode, 2, f"{arguments}: {done.stdout}{done.stderr}")
        self.assertIn("--", done.stderr)
        self.assertEqual(kept.read_bytes() if kept.exists() else None, before, arguments)

    def test_an_output_is_no_input(self):
        path, _ = self.packed()
        q_proj = "model.layers.0.self_attn.q_proj"
        simulate = ["simulate", path, "--layer", q_proj, "--tokens", "1", "--engine", "golden,fast"]
        link = self.folder / "link"
        link.symlink_to(path)
        hard = self.folder / "hard"
        hard.hardlink_to(path)
        for out in (path, link, hard, self.folder / "." / "packed"):
            self.check_clash(["unpack", path, "--layer", q_proj, "--out", out], path)
            self.check_clash(["export", path, "--out", out, "--keep-rows"], path)
            self.check_clash([*simulate, "--out", out], path)
            self.check_clash([*simulate, "--record", out], path)
        text = self.folder / "format.yaml"
        shutil.copy(SOURCE / "configs/formats/skewed4.yaml", text)
        self.check_clash(["quantize", "--format", text, "--out", text], text)
        self.check_clash(["quantize", "--format", f"{text}:g32", "--out", self.folder / "q", "--record", text], text)
        design = self.folder / "design.yaml"
        shutil.copy(SOURCE / "configs/designs/int8-8x8.yaml", design)
        self.check_clash([*simulate, "--design", design, "--record", design], design)
        record = self.folder / "record.json"
        self.assertEqual(run([*QUANTIZE, "--out", self.folder / "q", "--record", record]).returncode, 0)
        self.check_clash(["report", record, "--out", record], record)

    def test_an_output_is_no_other_output(self):
        path, _ = self.packed()
        both = self.folder / "both"
        q_proj = "model.layers.0.self_attn.q_proj"
        self.check_clash([*QUANTIZE, "--out", both, "--record", both], both)
        self.check_clash(["simulate", path, "--layer", q_proj, "--tokens", "1", "--out", both, "--record", both], both)
        self.check_clash(["evaluate", "--tokens", "9", "--record", both, "--record-activations", both], both)
        self.check_clash(["unpack", path, "--layer", q_proj, "--codes", both, "--scales", both], both)
        (self.folder / "alias").symlink_to("both")
        self.check_clash([*QUANTIZE, "--out", both, "--record", self.folder / "alias"], both)
        done = shell(f'"$subbyte" {" ".join(QUANTIZE[:-1])} "*q_proj" --out "{both}" > "{both}"')
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"standard output", done.stderr)

    def test_names_in_configurations_stay_in_the_folder(self):
        sweep = self.folder / "sweep.yaml"
        sweep.write_text(SWEEP.format(name="../outside", formats="int4"))
        self.refused(run(["sweep", sweep, "--out", self.folder / "out"]), "name", "../outside")
        self.assertEqual([p.name for p in self.folder.iterdir() if "outside" in p.name], [])
        self.refused(run(["sweep", sweep, "--out", ""]), "--out")


SWEEP = """name: "{name}"
design: int8-8x8
workload: {{layer: model.layers.0.self_attn.q_proj, tokens: 1}}
formats: [{formats}]
vary: [{{rows: 1, cols: 1}}]
objectives: {{maximize: [sqnr_db], minimize: [bits_per_weight]}}
"""
LEVELS = "name: mine\nalphabet: {{levels: [-8, -4, -2, -1, 0, 1, 2, {last}]}}\nscaling: {{group: 32}}\n"


class KeptPoints(Case):
    def sweep(self, formats="int4"):
        """The rows of the sweep's table, computed points first."""
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
                             "again")):
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
        """Processes that work in this case's cache or temporary folder."""
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
