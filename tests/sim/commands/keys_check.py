#!/usr/bin/env python3
"""What the program says of the keys of configuration files, and values of designs that the command line changes."""
import json
import re
import unittest

from command_case import SOURCE, SWEEP, Case, run

KINDS = {"designs": "design", "sweeps": "sweep", "formats": "format", "technologies": "technology",
         "workloads": "workload"}
SIMULATE = ["simulate", "--format", "int4", "--tokens", "1", "--engine", "golden,fast"]


def keys_of(kind):
    """The last part of every key's name, also of the parameters of units."""
    said = json.loads(run(["keys", kind, "--json"]).stdout)
    entries = said["keys"] + [entry for unit in said.get("units", []) for entry in unit["keys"]]
    return {re.split(r"[.\]]", entry["name"])[-1] for entry in entries}


def keys_in(text):
    """Every key of a YAML text, at whatever depth, in blocks and in {}."""
    text = re.sub(r"#.*", "", text)
    return set(re.findall(r"(?:^\s*|- |[{,]\s*)([A-Za-z_]\w*):(?=\s)", text, re.MULTILINE))


class Keys(Case):
    def test_the_page_is_what_the_program_says(self):
        page = (SOURCE / "docs/configuration.md").read_text()
        self.assertEqual(run(["keys", "--markdown"]).stdout, page,
                         "write it again: subbyte keys --markdown > docs/configuration.md")

    def test_every_key_of_every_committed_file_is_listed(self):
        files = 0
        for folder, kind in KINDS.items():
            known = keys_of(kind) | (keys_of("design") if kind == "sweep" else set())
            for path in sorted((SOURCE / "configs" / folder).glob("*.yaml")):
                found = keys_in(path.read_text())
                self.assertGreater(len(found), 2, path)
                self.assertEqual(found - known, set(), path)
                files += 1
        self.assertGreater(files, 20)

    def test_kinds(self):
        listed = json.loads(run(["keys", "--json"]).stdout)["kinds"]
        self.assertEqual([kind["kind"] for kind in listed], ["design", "sweep", "policy", "format", "technology",
                                                             "workload"])
        for kind in listed:
            self.assertIn(kind["summary"], " ".join(run(["keys", kind["kind"]]).stdout.split()))
        for word, expected in [("desing", "did you mean 'design'?"), ("recipe", "a mixed recipe is a policy")]:
            done = run(["keys", word])
            self.assertEqual(done.returncode, 2)
            self.assertIn(expected, done.stderr)

    def test_a_change_is_in_every_result(self):
        record = self.folder / "r.json"
        done = run([*SIMULATE, "--set", "rows=4", "--set", "cols=4,clock_mhz=40", "--record", record, "--json"])
        self.assertEqual(done.returncode, 0, done.stderr)
        name = "bitmod-8x8 with rows=4 cols=4 clock_mhz=40"
        said = json.loads(done.stdout)
        self.assertEqual(said["design_name"], name)
        self.assertEqual(said["design"]["parameters"]["rows"], 4)
        self.assertIn(name, json.loads(record.read_text())["title"])
        self.assertNotEqual(said["design_hash"], json.loads(run([*SIMULATE, "--json"]).stdout)["design_hash"])
        waves = run([*SIMULATE, "--set", "rows=1,cols=1", "--waves", self.folder / "waves"])
        self.assertEqual(waves.returncode, 0, waves.stderr)
        self.assertTrue(any("rows" in path.name for path in (self.folder / "waves").iterdir()),
                        "waveforms of two designs lie beside each other")

    def test_memories_by_name_and_by_path(self):
        (self.folder / "hbm2").write_text("no table")
        for words, expected in [(["--dram", "hbmm2"], "did you mean 'hbm2'?"),
                                (["--sram", "ihp13"], "expected one of ihp130, "),
                                (["--dram", "none.csv"], "none.csv"),
                                (["--sram", "cacti45-lstp"], "has no energy of a write"),
                                (["--sram", "cacti45-hp"], "expected 128 or 512 for cacti45-hp"),
                                (["--sram", "ihp130", "--set", "memory.sram=ihp130"], "given twice"),
                                (["--set", "rows"], "KEY=VALUE"), (["--set", ""], "KEY=VALUE")]:
            done = run([*SIMULATE, "--energy", *words], cwd=self.folder)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(expected, done.stderr)
            self.assertNotIn("yosys", done.stderr, "refused before anything is synthesised")

    def test_a_technology_is_given_once(self):
        plan = self.folder / "plan.yaml"
        plan.write_text(SWEEP.format(name="t", formats="int4"))
        for words in ([*SIMULATE, "--synth"], ["sweep", plan, "--out", self.folder]):
            self.refused(run([*words, "--set", "technology=osu018", "--technology", "nangate45"]),
                         "--set technology: is given twice, also as --technology, expected once")
        self.refused(run(["sweep", plan, "--out", self.folder, "--set", "memory.dram=hbm2", "--dram", "hbm2"]),
                     "--dram: is given twice, also as --set memory.dram, expected once")

    def test_what_is_required_of_a_design(self):
        said = json.loads(run(["keys", "design", "--json"]).stdout)
        required = {entry["name"]: entry["required"] for entry in said["keys"]}
        self.assertTrue(required["name"])
        self.assertFalse(required["base"])
        self.assertIn("there every key may be left out", said["summary"])

    def test_a_design_in_this_folder_is_hinted_at(self):
        (self.folder / "tiny.yaml").write_text("base: bitmod-8x8\nparameters: {rows: 1}\n")
        done = run([*SIMULATE, "--design", "tiny"], cwd=self.folder)
        self.assertIn("expected './tiny.yaml', a file in this folder", done.stderr)
        self.assertEqual(run([*SIMULATE, "--design", "./tiny.yaml"], cwd=self.folder).returncode, 0)

    def test_outputs_that_spill_are_said(self):
        words = ["--set", "output.to=buffer,memory.activation_buffer_kib=1"]
        self.assertIn("outputs: FP32 to the DRAM, since their 8192 bytes do not fit",
                      run([*SIMULATE[:3], "--engine", "golden,fast", *words]).stdout)
        self.assertIn("but to the DRAM where they do not fit beside all activations: model.layers.0.self_attn.k_proj",
                      " ".join(run(["simulate", "--format", "int4", "--layers", "*k_proj", *words]).stdout.split()))


if __name__ == "__main__":
    unittest.main()
