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
        self.assertEqual(set(tile) - set(core), {"bound", "waves"})
        tile_record, core_record = (json.loads(file.read_text()) for file in files.values())
        self.assertEqual(set(tile_record["provenance"]), set(core_record["provenance"]))
        for key in ("tokens", "model", "format_definitions", "layer", "activation_format", "outputs"):
            self.assertEqual(tile_record["provenance"][key], core_record["provenance"][key])
        self.assertEqual((core["design_name"], core["clock_met"]), ("bitmod-core-4x4", None))
        errors = [{m["name"]: m["value"] for m in told["metrics"] if m["unit"] == "dB"} for told in (tile, core)]
        self.assertEqual(errors[0], errors[1])
        self.assertIn("layer_sqnr", errors[0])

    def test_foreign_rtl_is_told_on_the_terminal(self):
        rtl = self.folder / "mine"
        shutil.copytree(SOURCE / "rtl", rtl)
        done = run([*self.simulate("bitmod-core-4x4")[:-1], "golden,rtl", "--rtl-dir", rtl])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"RTL     {rtl}, not the project's own", done.stdout)


if __name__ == "__main__":
    unittest.main()
