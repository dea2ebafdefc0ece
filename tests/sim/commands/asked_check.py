#!/usr/bin/env python3
"""Holds that what was asked for is what is done and told: runs on a core say what runs on a tile say. Every case runs
the program."""
import json
import shutil
import unittest

from command_case import SOURCE, Case, run


class AskedCase(Case):
    def told(self, arguments, status=0):
        done = run([*arguments, "--json"])
        self.assertEqual(done.returncode, status, done.stdout[-2000:] + done.stderr[-2000:])
        return json.loads(done.stdout)


class Cores(AskedCase):
    def simulate(self, design, *options):
        return ["simulate", "--design", design, "--format", "bitmod-fp4", "--tokens", "2", "--engine", "golden,fast",
                *options]

    def test_a_core_tells_what_a_tile_tells_under_the_same_names(self):
        files = {design: self.folder / design for design in ("bitmod-4x4", "bitmod-core-4x4")}
        tile, core = (self.told(self.simulate(design, "--model", "embedded", "--record", file))
                      for design, file in files.items())
        self.assertEqual(set(tile) - set(core), {"bound"})
        tile_record, core_record = (json.loads(file.read_text()) for file in files.values())
        self.assertEqual(set(tile_record["provenance"]), set(core_record["provenance"]))
        for key in ("tokens", "model", "format_definitions", "layer", "activation_format", "outputs"):
            self.assertEqual(tile_record["provenance"][key], core_record["provenance"][key])
        self.assertEqual((core["design_name"], core["clock_met"]), ("bitmod-core-4x4", None))
        errors = [{m["name"]: m["value"] for m in told["metrics"] if m["unit"] == "dB"} for told in (tile, core)]
        self.assertEqual(errors[0], errors[1])
        self.assertIn("layer_sqnr", errors[0])

    def test_only_designs_and_engines_that_a_command_takes_are_suggested(self):
        sweep = self.folder / "sweep.yaml"
        sweep.write_text("name: s\ndesign: bitmod-core-4x\nworkload: {layer: l, tokens: 1}\nformats: [int4]\n")
        int4 = ["--format", "int4", "--design"]
        for arguments, suggested, others in (
                (["evaluate", *int4, "bitmod-core-4x"], "bitmod-4x4", "core-"),
                (["sweep", sweep], "bitmod-4x4", "core-"),
                (["simulate", "--workload", "embedded", *int4, "bitmod-4x"], "bitmod-core-4x4", "bitmod-4x4"),
                (["simulate", *int4, "bitmod-core-4x"], "bitmod-core-4x4", None),
                (["simulate", *int4, "bitmod-core-4x4", "--engine", "netlis"], "golden, fast, systemc, rtl", "netlist"),
                (["simulate", *int4, "bitmod-4x4", "--engine", "netlis"], "netlist", None),
                (["simulate", *int4, "bitmod-core-4x4", "--engine", "fast", "--out", "y.npy"], "or rtl", "netlist"),
                (["simulate", *int4, "bitmod-core-4x4", "--engine", "fast", "--rtl-dir", SOURCE / "rtl"],
                 "expected rtl", "netlist")):
            done = run(arguments)
            text = done.stderr.replace("'netlis'", "").replace("bitmod-core-4x'", "").replace("bitmod-core-4x,", "")
            text = text.replace("is bitmod-core-4x:", "")
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(suggested, text)
            if others:
                self.assertNotIn(others, text)

    def test_what_is_not_there_is_told_before_anything_is_built(self):
        environment = {**self.environment, "SUBBYTE_CACHE": str(self.folder / "cold")}
        for arguments, words in ((["--synth", "--technology", "osu19"], "osu19"),
                                 (["--energy", "--clock-unchecked", "--technology", "none.lib"], "none.lib"),
                                 (["--waves", "/dev/null/x"], "/dev/null/x"), (["--waves", SOURCE / "README.md"],
                                                                               "README.md")):
            done = run(["simulate", "--format", "int4", "--tokens", "1", "--engine", "golden,rtl", *arguments],
                       env=environment, timeout=20)
            self.refused(done, words)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertFalse((self.folder / "cold").exists(), arguments)

    def test_foreign_rtl_is_told_on_the_terminal(self):
        rtl = self.folder / "mine"
        shutil.copytree(SOURCE / "rtl", rtl)
        done = run([*self.simulate("bitmod-core-4x4")[:-1], "golden,rtl", "--rtl-dir", rtl])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"RTL     {rtl}, not the project's own", done.stdout)


class Inputs(AskedCase):
    def test_a_folder_is_called_so_by_every_reader(self):
        folder = self.folder / "d"
        folder.mkdir()
        for ending in ("yaml", "lib", "csv", "json"):
            (self.folder / f"d.{ending}").mkdir()
        yaml, liberty, table = (self.folder / f"d.{ending}" for ending in ("yaml", "lib", "csv"))
        sweep, policy, design = (self.folder / name for name in ("s.yaml", "p.yaml", "b.yaml"))
        sweep.write_text(f"design: d.yaml\nworkload: {{layer: x, tokens: 1}}\nformats: [d.yaml]\nvary: [{{rows: 1}}]\n")
        policy.write_text("default: d.yaml\n")
        design.write_text("base: d.yaml\ntechnology: d.lib\n")
        for arguments in (["formats", yaml], ["formats", f"{yaml}:g32"], ["evaluate", "--format", yaml],
                          ["evaluate", "--format", policy], ["simulate", "--format", "int4", "--design", yaml],
                          ["simulate", "--format", "int4", "--design", design], ["sweep", yaml], ["sweep", sweep],
                          ["synth", "--unit", "mx_dot", "--liberty", liberty],
                          ["synth", "--unit", "mx_dot", "--technology", liberty], ["report", folder],
                          ["simulate", "--format", "int4", "--energy", "--dram", table],
                          ["evaluate", "--text", folder], ["simulate", "--weights", folder]):
            self.refused(run(arguments, timeout=60), "is a directory")

    def test_what_is_unreadable_or_never_ends_is_told(self):
        self.refused(run(["formats", self.folder / "no.yaml"]), "cannot be read: No such file or directory, expected")
        self.refused(run(["sweep", "/dev/zero"], timeout=120), "is no file and gives more than 256 MiB, expected")
        self.refused(run(["report", "/dev/zero"], timeout=120), "is no file and gives more than 256 MiB, expected")

    def test_a_pipe_is_read_once(self):
        for text in ("name: x\nalphabet: {levels: [-1, 0, 1, 3]}\n", "default: int8\n"):
            done = run(["evaluate", "--tokens", "3", "--format", "/dev/stdin"], input=text, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_an_empty_file_is_one_problem(self):
        empty = self.folder / "empty.yaml"
        empty.write_text("")
        for arguments in (["formats", empty], ["evaluate", "--format", empty], ["sweep", empty],
                          ["simulate", "--format", "int4", "--design", empty]):
            done = run(arguments)
            self.refused(done, "the document is empty, expected a mapping")
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)


class Lists(AskedCase):
    def problems(self, arguments):
        """Returns place and text of every problem of a command that is refused."""
        told = self.told(arguments, 2)["error"]["problems"]
        return [(one["place"], one["text"]) for one in told]

    def test_a_repeated_entry_is_refused_in_every_list(self):
        record, packed = self.folder / "r.json", self.packed()[0]
        self.told(["evaluate", "--format", "int4", "--tokens", "9", "--record", record])
        twice = "'{}' is given twice{}, expected once"
        for option, words, text in (
                ("--format", ["evaluate", "--format", "int4,int8,int4"], twice.format("int4", "")),
                ("--format", ["evaluate", "--format", "int4,int4:g128"], twice.format("int4:g128", ", also as 'int4'")),
                ("--format", ["survey", "--format", "int4,int4"], twice.format("int4", "")),
                ("--engine", ["simulate", "--format", "int4", "--engine", "fast,fast"], twice.format("fast", "")),
                ("--stalls", ["verify", "--stalls", "0,30,0"], twice.format("0", "")),
                ("--curve", ["synth", "--unit", "mx_dot", "--curve", "50,50.0"],
                 twice.format("50.0", ", also as '50'")),
                ("--params", ["verify", "--unit", "mx_dot", "--params", "block=16,block=16"],
                 twice.format("block=16", "")),
                ("--weights", ["evaluate", "--weights", packed, "--weights", packed], twice.format(packed, "")),
                ("--records", ["report", record, record], twice.format(record, "")),
                ("--liberty", ["reproduce", "operations", "--liberty", "osu018", "--liberty", "osu018"],
                 twice.format("osu018", "")),
                ("--set rows", ["simulate", "--format", "int4", "--set", "rows=1,rows=2"],
                 "is given twice, expected once")):
            self.assertEqual(self.problems(words), [(option, text)], words)

    def test_a_repeated_entry_is_refused_in_the_lists_of_files(self):
        sweep, policy = self.folder / "s.yaml", self.folder / "p.yaml"
        sweep.write_text("design: int8-8x8\nworkload: {layer: model.layers.0.self_attn.q_proj, tokens: 1}\n"
                         "formats: [int8, 'int8:g128']\nvary: [{rows: 1}, {rows: 1}]\nengines: [fast, fast]\n"
                         "objectives: {maximize: [sqnr_db, sqnr_db]}\n")
        done = run(["sweep", sweep])
        self.refused(done, "'formats' has 'int8:g128' twice", "'engines' has 'fast' twice",
                     "s.yaml:4:19: the variant 'rows=1' is there twice", "'maximize' has 'sqnr_db' twice")
        self.assertEqual(len(done.stderr.splitlines()), 4, done.stderr)
        policy.write_text("default: int4\nskip: ['*q_proj', '*q_proj']\n")
        self.refused(run(["evaluate", "--format", policy]), "'skip' has '*q_proj' twice, expected each pattern once")

    def test_all_problems_of_a_list_are_told_at_once(self):
        for words, expected in (
                (["evaluate", "--format", "int44,int4,nope,int4"],
                 ["unknown format 'int44'", "unknown format 'nope'", "'int4' is given twice"]),
                (["survey", "--format", "int44,nope,nope"], ["unknown format 'int44'", "unknown format 'nope'"]),
                (["verify", "--engine", "foo,rtl,bar"], ["'foo' is not an engine", "'bar' is not an engine"]),
                (["verify", "--stalls", "x,0,300"], ["is x, expected", "is 300, expected"]),
                (["synth", "--unit", "mx_dot", "--curve", "x,50,-1"], ["is x, expected", "is -1, expected"]),
                (["verify", "--unit", "mx_dot", "--params", "a,block=x"], ["'a' is not NAME=", "'block=x' is not"]),
                (["synth", "--unit", "mx_dot", "--params", "a=1,b=2"], ["no parameter 'a'", "no parameter 'b'"]),
                (["simulate", "--format", "int4", "--set", "a,b="], ["is 'a', expected", "is 'b=', expected"]),
                (["simulate", "--format", "int4", "--set", "name=x,rows=1,rows=2"],
                 ["cannot be set", "is given twice"])):
            told = self.problems(words)
            self.assertEqual(len(told), len(expected), told)
            for (_, text), part in zip(told, expected):
                self.assertIn(part, text)

    def test_suggestions_are_of_what_the_command_takes(self):
        for command in (["synth", "--unit"], ["synth", "--check", "--unit"], ["energy", "--unit"]):
            self.assertNotIn("core", self.problems([*command, "cor"])[0][1].replace("fp16", ""), command)
            self.refused(run([*command, "core"], timeout=20), "--unit: 'core' holds SRAMs", "bitserial_tile")
        self.assertIn("did you mean 'core'", self.problems(["verify", "--unit", "cor"])[0][1])
        self.assertIn("did you mean 'all'", self.problems(["verify", "--unit", "al"])[0][1])

    def test_more_tokens_than_there_are_is_refused(self):
        for command in ("evaluate", "survey"):
            (place, text), = self.problems([command, "--format", "int4", "--tokens", "10000000"])
            self.assertEqual(place, "--tokens")
            self.assertIn("is 10000000, expected 1..16384: ", text)
        words = ["evaluate", "--tokens", "20", "--record-activations", self.folder / "x.safetensors"]
        (place, text), = self.problems([*words, "--record-tokens", "21"])
        self.assertEqual(place, "--record-tokens")
        self.assertFalse((self.folder / "x.safetensors").exists())
        self.told([*words, "--record-tokens", "20"])


if __name__ == "__main__":
    unittest.main()
