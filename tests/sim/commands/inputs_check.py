#!/usr/bin/env python3
"""Holds that inputs are not lost and do not hang: folders that are read, named pipes, and what errors say of texts,
YAML and the keys of a core."""
import json
import os
import re
import shutil
import struct
import subprocess
import threading
import time
import unittest
from pathlib import Path

from command_case import SOURCE, SUBBYTE, Case, run, shell

CELLS = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")
EMBEDDED = SOURCE / "configs/workloads/embedded"


class Folders(Case):
    def setUp(self):
        super().setUp()
        self.model = self.folder / "model"
        shutil.copytree(EMBEDDED, self.model)
        self.model.chmod(0o755)
        for file in self.model.iterdir():
            file.chmod(0o644)

    def test_no_file_of_a_folder_that_is_read_is_replaced(self):
        (self.model / "sub").mkdir()
        (self.model / "sub/deep").write_text("keep")
        (self.model / "notes.txt").write_text("keep")
        link = self.folder / "link"
        link.symlink_to(self.model / "notes.txt")
        before = {file: file.read_bytes() for file in self.model.rglob("*") if file.is_file()}
        calls = (["quantize", "--model", self.model, "--format", "int4", "--layer", "lm_head", "--out"],
                 ["evaluate", "--model", self.model, "--tokens", "3", "--record"],
                 ["evaluate", "--model", self.model, "--tokens", "3", "--record-activations"],
                 ["simulate", "--model", self.model, "--format", "int4", "--tokens", "1", "--engine", "golden,fast",
                  "--out"])
        for call in calls:
            for out in (*before, link):
                self.refused(run([*call, out]), str(out))
                self.assertEqual(before, {file: file.read_bytes() for file in before}, call)
        self.refused(run([*calls[0], self.model / "notes.txt"]), "what is there is not replaced",
                     "expected a new name or another folder")
        done = run([*calls[0], self.model / "new.safetensors"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((self.model / "new.safetensors").is_file())

    def test_sources_that_are_measured_are_not_replaced(self):
        rtl = self.folder / "rtl"
        shutil.copytree(SOURCE / "rtl", rtl)
        done = run(["simulate", "--format", "int4", "--tokens", "1", "--engine", "golden,rtl", "--rtl-dir", rtl,
                    "--out", rtl / "bitserial_pe.sv"])
        self.refused(done, "what is there is not replaced")

    def test_a_text_that_is_a_folder_is_called_so(self):
        (self.model / "validation.npy").unlink()
        (self.model / "validation.npy").mkdir()
        self.refused(run(["evaluate", "--model", self.model, "--tokens", "3"]), "validation.npy: is a directory")


class Pipes(Case):
    def fed(self, arguments, name, text, delay):
        """Runs the program on a named pipe, into which the text comes late."""
        path = self.folder / name
        os.mkfifo(path)

        def feed():
            time.sleep(delay)
            path.write_text(text)
        thread = threading.Thread(target=feed, daemon=True)
        thread.start()
        done = run([word if word != "PIPE" else path for word in arguments], timeout=60)
        thread.join()
        return done, path

    def test_a_named_pipe_is_waited_for_and_that_is_said(self):
        record = self.folder / "r.json"
        run(["quantize", "--format", "int4", "--out", self.folder / "q", "--record", record])
        policy, said = "default: int4\n", "is a named pipe: waiting for a program that writes into it"
        for arguments, name, text in ((["report", "PIPE"], "r", record.read_text()),
                                      (["quantize", "--format", "PIPE", "--out", "/dev/null"], "p.yaml", policy)):
            done, path = self.fed(arguments, name, text, 2.5)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"{path} {said}", done.stderr)
        done, path = self.fed(["report", "PIPE"], "quick", record.read_text(), 0.1)
        self.assertEqual((done.returncode, "waiting" in done.stderr), (0, False), done.stderr)

    def test_nobody_writes_and_it_can_be_ended(self):
        path = self.folder / "p.yaml"
        os.mkfifo(path)
        for arguments in (["sweep", path], ["quantize", "--format", path, "--out", "/dev/null"],
                          ["simulate", "--format", "int4", "--design", path],
                          ["simulate", "--workload", path, "--format", "int4", "--design", "bitmod-core-4x4"]):
            child = subprocess.Popen([SUBBYTE, *map(str, arguments)], stderr=subprocess.PIPE, text=True)
            line = child.stderr.readline()
            child.terminate()
            child.communicate(timeout=20)
            self.assertIn(f"{path} is a named pipe: waiting", line)
            self.assertNotEqual(child.returncode, 0)

    def test_an_output_waits_for_its_reader(self):
        record = self.folder / "r.json"
        run(["quantize", "--format", "int4", "--out", self.folder / "q", "--record", record])
        path = self.folder / "page"
        os.mkfifo(path)
        child = subprocess.Popen([SUBBYTE, "report", record, "--out", path], stderr=subprocess.PIPE, text=True)
        line = child.stderr.readline()
        self.assertIn(f"{path} is a named pipe: waiting for a program that reads it", line)
        page = path.read_text()
        self.assertEqual(child.wait(timeout=20), 0, child.communicate()[1])
        self.assertIn("</html>", page)

    def test_pipes_of_the_shell_are_read(self):
        for line in ("$subbyte evaluate --tokens 3 --format <(echo 'default: int4')",
                     "$subbyte evaluate --tokens 3 --format <(sleep 3; echo 'default: int4')",
                     "echo 'default: int4' | $subbyte evaluate --tokens 3 --format /dev/stdin"):
            done = shell(line, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
        done = shell("$subbyte report <(true)", timeout=20)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"is empty", done.stderr)


@unittest.skipUnless(CELLS.is_file(), "qflow-tech-osu018 is not installed")
class Liberty(Case):
    def test_what_the_tools_misread_is_synthesised_all_the_same(self):
        text = CELLS.read_text()
        spelled = {"as it is": text,
                   "brace": re.sub(r"^(\s*(?:library|cell) ?\(\w+\)) *\{", r"\1\n  {", text, flags=re.M),
                   "unit": re.sub(r"(capacitive_load_unit ?\(1, ?)pf", r'\1"pF"', text)}
        figures = {}
        for name, content in spelled.items():
            if name != "as it is":
                self.assertNotEqual(content, text)
            library = self.folder / f"{name.replace(' ', '')}.lib"
            library.write_text(content)
            done = run(["synth", "--unit", "ternary34_unpack", "--params", "groups=1", "--liberty", library, "--json"],
                       env=self.environment)
            self.assertEqual(done.returncode, 0, f"{name}: {done.stderr}")
            unit = json.loads(done.stdout)["units"][0]
            figures[name] = (unit["cells"], unit["area_um2"])
        self.assertEqual(len(set(figures.values())), 1, figures)


class Messages(Case):
    def test_yaml_says_what_to_write_instead(self):
        policy = self.folder / "p.yaml"
        alias = "an unquoted * begins an alias in YAML, and there is no anchor of this name: expected a pattern in q"
        for text, words in (("default: int8\nskip: [*.lm_head]\n", "p.yaml:2:8: " + alias),
                            ("default: int8\nskip:\n  - *lm_head\n", "p.yaml:3:5: " + alias),
                            ("default: int8\nskip: [*]\n", alias),
                            ("default: int8\nskip:\n\t- lm_head\n", "p.yaml:3:2: a tab indents this line"),
                            ("default: @int8\n", "p.yaml:1:10: '@' begins no value in YAML, expected it in quotes"),
                            ("default: !mine int8\n", "the tag !mine has no effect")):
            policy.write_text(text)
            self.refused(run(["quantize", "--format", policy, "--out", self.folder / "q"]), words)

    def test_a_word_that_no_tokenizer_knows_stands_in_the_text(self):
        words, text = self.folder / "vocab.json", self.folder / "t.txt"
        words.write_text(json.dumps({word: place for place, word in enumerate(["once", "upon", "a", "time", "."])}))
        text.write_text("once upon\n\na zebra.\n")
        done = run(["evaluate", "--text", text, "--tokenizer", words, "--tokens", "1"])
        self.refused(done, f"{text}:", "the word 'zebra.' is not among the 5 words of", "vocab.json")

    def test_an_array_without_a_name_is_called_an_array(self):
        array = self.folder / "nan.npy"
        header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 128), }"
        header += " " * (118 - len(header) - 1) + "\n"
        array.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() +
                          struct.pack("<128f", *[0.0] * 3, float("nan"), *[0.0] * 124))
        done = run(["simulate", "--format", "int4", "--engine", "golden,fast", "--activations", array])
        self.refused(done, "the array: row 0, column 3 is not a finite")
        self.assertNotIn("''", done.stderr)

    def test_a_record_that_is_no_object_is_called_so(self):
        record = self.folder / "r.json"
        for text, kind in (("[]", "array"), ("null", "null"), ("3", "number")):
            record.write_text(text)
            self.refused(run(["report", record]), f"is no result record: it holds {text} ({kind}), expected an object")

    def test_keys_beside_a_shape_are_told_at_their_own_place(self):
        sweep = self.folder / "s.yaml"
        for key in ("model: embedded", "tokens: 4", "layer: lm_head", "seed: 3"):
            sweep.write_text(f"design: bitmod-core-4x4\nformats: [int8]\nworkload:\n  shape: embedded\n  {key}\n")
            done = run(["sweep", sweep, "--out", self.folder / "out"])
            self.refused(done, f"s.yaml:5:{len(key.split(':')[0]) + 5}: '{key.split(':')[0]}' stands beside a shape")
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_what_a_core_does_not_allow_is_told_of_the_key_that_was_set(self):
        for setting, words in (("lanes=3", "'lanes' is 3, expected a power of two on a core"),
                               ("cols=3", "'cols' gives an array of 6 columns (3 of a tile x 2 tiles)"),
                               ("core.tile_cols=3", "'tile_cols' gives an array of 12 columns (4 of a tile x 3 tiles)"),
                               ("memory.weight_buffer_kib=0", "'weight_buffer_kib' is 0, expected 1..4096"),
                               ("memory.activation_buffer_kib=5000", "'activation_buffer_kib' is 5000"),
                               ("core.bus_bytes=64", "'bus_bytes' gives a bus of 64 bytes to an array of 8 columns"),
                               ("memory.bandwidth_gb_per_s=100", "'bandwidth_gb_per_s' makes the memory give 2000.0 b"),
                               ("clock_mhz=1", "'clock_mhz' makes the memory give 1600.0 bytes per cycle"),
                               ("output.bits=16", "'bits' does not go with a core, which writes FP32 to the DRAM"),
                               ("output.to=buffer", "'to' does not go with a core, which writes FP32 to the DRAM")):
            done = run(["simulate", "--workload", "embedded", "--format", "int8", "--design", "bitmod-core-4x4",
                        "--set", setting])
            self.refused(done, f"--set {setting.split('=')[0]}: {words}")
            self.assertNotIn("_kib' of unit", done.stderr)

    def test_a_phase_of_no_token_is_no_phase(self):
        shapes = ["simulate", "--workload", "embedded", "--format", "int8", "--design", "bitmod-core-4x4", "--phase"]
        done = run([*shapes, "prefill=0,decode=1", "--json"])
        self.assertEqual(done.returncode, 0, done.stderr)
        names = [metric["name"] for metric in json.loads(done.stdout)["record"]["metrics"]]
        self.assertFalse([name for name in names if "first_token" in name], names)
        for none in ("prefill=0", "decode=0", "prefill=0,decode=0"):
            self.refused(run([*shapes, none]), "--phase: has no token in either phase")

    def test_a_unit_without_rtl_has_no_lines_to_count(self):
        units = json.loads(run(["units", "--json"]).stdout)["units"]
        without = [unit["name"] for unit in units if not unit["rtl"]]
        if not without:
            self.skipTest("every unit has RTL")
        engines = ["--engine", "golden,systemc", "--coverage", "--cases", "5"]
        self.refused(run(["verify", "--unit", without[0], *engines]), "--coverage: has no effect here, expected a unit")


if __name__ == "__main__":
    unittest.main()
