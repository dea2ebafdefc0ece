#!/usr/bin/env python3
"""Holds what a hostile user found: outputs that were lost or damaged. Every case runs the program."""
import os
import shutil
import stat
import threading
import unittest

from command_case import QUANTIZE, SOURCE, SWEEP, Case, run, shell


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

    def test_a_way_through_a_folder_that_is_not_there_yet_is_seen_through(self):
        """The folder is made with the output, and then `..` leads to a file that was there."""
        _, packed = self.packed()
        (self.folder / "packed").write_bytes(packed)
        again = f"{self.folder}/new/../packed"
        for words in (["unpack", self.folder / "packed", "--out", again],
                      ["simulate", "--weights", self.folder / "packed", "--layer", "model.layers.0.self_attn.q_proj",
                       "--engine", "golden", "--tokens", "2", "--out", again]):
            self.refused(run(words), "packed")
            self.assertEqual((self.folder / "packed").read_bytes(), packed, words[0])
        (self.folder / "y.npy").write_text("old")
        self.refused(run(["simulate", "--format", "int4", "--engine", "golden", "--tokens", "2", "--out",
                          self.folder / "y.npy", "--record", f"{self.folder}/other/../y.npy"]), "y.npy")

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

    @unittest.skipUnless(os.geteuid() == 0, "only root can make a file of somebody else")
    def test_a_file_of_somebody_else_is_refused_and_says_why(self):
        """Its mode lets the user write it, but a new file in its place would be the user's own."""
        folder = self.folder / "shared"
        folder.mkdir()
        out = folder / "out"
        out.write_text("theirs")
        os.chown(out, 12345, 54321)
        out.chmod(0o664)
        for path in (self.folder, folder):
            path.chmod(0o777)
        done = run([*QUANTIZE, "--out", out], user=65534, group=54321, extra_groups=[],
                   env={**self.environment, "HOME": str(folder)})
        self.refused(done, str(out), "belongs to user 12345 and group 54321", "expected a file of your own")
        self.assertEqual((out.read_text(), out.stat().st_uid, out.stat().st_mode & 0o777), ("theirs", 12345, 0o664))
        self.assertEqual([path.name for path in folder.iterdir()], ["out"])

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


if __name__ == "__main__":
    unittest.main(verbosity=2)
