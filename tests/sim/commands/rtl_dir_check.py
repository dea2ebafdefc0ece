#!/usr/bin/env python3
"""`--rtl-dir` measures the RTL of that folder, in every command that reads RTL, and says so in what it prints."""
import json
import shutil
import unittest

from command_case import SOURCE, Case, run

UNIT = ["--unit", "ternary2_unpack", "--params", "codes=4"]
TILE = ["--unit", "bitserial_tile", "--params", "rows=1,cols=1,lanes=1"]


class RtlFolder(Case):
    """`own` is a copy of the project's folder, `mine` one in which two units compute something else."""

    def setUp(self):
        super().setUp()
        self.own = self.copy("own")
        self.mine = self.copy("my $rtl")
        self.change("ternary2_unpack", "~in_data_i[2*i]}", "~in_data_i[2*i] ^ (&in_data_i)}")
        self.change("bitserial_pe", "&& !nonfinite[l] &&", "&& !nonfinite[l] && (act[0] || !act[1]) &&")

    def copy(self, name):
        return shutil.copytree(SOURCE / "rtl", self.folder / name)

    def change(self, unit, old, new):
        path = self.mine / f"{unit}.sv"
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new))

    def told(self, *words):
        done = run([*words, "--json"])
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def three(self, *words):
        """What a call says without a folder, with a copy of the project's, and with the changed one."""
        plain, own = self.told(*words), self.told(*words, "--rtl-dir", self.own)
        mine = self.told(*words, "--rtl-dir", self.mine)
        said = [told.get("rtl", told.get("provenance", {}).get("rtl")) for told in (plain, own, mine)]
        self.assertIsNone(said[0])
        self.assertEqual([said[1]["folder"], said[2]["folder"]], [str(self.own), str(self.mine)])
        self.assertNotEqual(said[1]["hash"], said[2]["hash"])
        return plain, own, mine

    def test_area(self):
        for unit in (UNIT, TILE):
            plain, own, mine = (told["units"][0]["area_um2"] for told in self.three("synth", *unit, "--no-composed"))
            self.assertEqual(plain, own)
            self.assertNotEqual(plain, mine)
        parts = self.told("synth", *TILE, "--no-composed", "--rtl-dir", self.mine)["units"][0]["modules"]
        self.assertIn("bitserial_pe", [part["module"] for part in parts])

    def test_all_areas(self):
        plain, own, mine = (
            {row["name"]: row["area_um2"] for row in told["units"]}
            for told in self.three("synth", "--all", "--points", "small"))
        self.assertEqual(plain, own)
        other = {name.split()[0] for name in plain if plain[name] != mine[name]}
        self.assertEqual(other, {"ternary2_unpack", "bitserial_pe", "bitserial_tile"})

    def test_curve_with_energy(self):
        plain, own, mine = (told["tables"][0]["rows"] for told in self.three(
            "synth", *UNIT, "--curve", "20", "--energy", "--format", "ternary", "--abc", "fast"))
        self.assertEqual(plain, own)
        self.assertNotEqual(plain, mine)

    def test_check(self):
        """Proofs hold between a folder's RTL and its own netlist; the golden function shows the change."""
        self.told("synth", *UNIT, "--check", "--rtl-dir", self.own)
        done = run(["synth", *UNIT, "--check", "--rtl-dir", self.mine, "--json"])
        self.assertEqual(done.returncode, 1, done.stderr)
        record = json.loads(done.stdout)
        self.assertEqual(record["provenance"]["rtl"]["folder"], str(self.mine))
        self.assertIn("ternary2_unpack", json.dumps(record["tables"]))

    def test_energy(self):
        def energies(told):
            return [metric["value"] for metric in told["metrics"] if metric["quantity"] == "energy"]

        plain, own, mine = map(energies, self.three("energy", *UNIT, "--format", "ternary"))
        self.assertTrue(plain)
        self.assertEqual(plain, own)
        self.assertNotEqual(plain, mine)

    def test_simulate(self):
        design = self.folder / "small.yaml"
        text = (SOURCE / "configs/designs/bitmod-8x8.yaml").read_text()
        design.write_text("".join(
            f"{line.split(':')[0]}: 1\n" if line.strip().startswith(("rows:", "cols:", "lanes:")) else line
            for line in text.splitlines(True)))
        words = ["simulate", "--format", "int4", "--tokens", "1", "--design", design, "--engine", "golden,fast",
                 "--clock-unchecked"]
        for extra in (["--synth"], ["--energy", "--zero-delay"]):
            plain, own, mine = ({m["name"]: m["value"] for m in told["metrics"]}
                                for told in self.three(*words, *extra))
            self.assertEqual(plain, own)
            self.assertNotEqual(plain["area"], mine["area"])
            self.assertEqual(plain["compute_time"], mine["compute_time"])
            if "--energy" in extra:
                self.assertNotEqual(plain["energy_per_token"], mine["energy_per_token"])

    def test_export(self):
        for name, folder in (("a", self.own), ("b", self.mine)):
            out = self.folder / name
            told = self.told("export", *TILE, "--out", out, "--rtl-dir", folder)
            self.assertEqual(told["rtl"]["folder"], str(folder))
            for path in (out / "rtl").rglob("*.sv"):
                self.assertEqual(path.read_text(), (folder / path.relative_to(out / "rtl")).read_text(), path)
        self.assertNotEqual((self.folder / "a/rtl/bitserial_pe.sv").read_text(),
                            (self.folder / "b/rtl/bitserial_pe.sv").read_text())
        plain, mine = self.folder / "c", self.folder / "d"
        self.told("export", *UNIT, "--netlist", "--out", plain)
        self.told("export", *UNIT, "--netlist", "--out", mine, "--rtl-dir", self.mine)
        netlist = "netlist/ternary2_unpack_netlist.v"
        self.assertNotEqual((plain / netlist).read_text(), (mine / netlist).read_text())

    def test_export_takes_headers_and_links(self):
        header = self.mine / "parts/mine.svh"
        header.write_text("`define ALL(x) (&x)\n")
        self.change("ternary2_unpack", "(&in_data_i)", "`ALL(in_data_i)")
        self.change("ternary2_unpack", "module ternary2_unpack", '`include "mine.svh"\nmodule ternary2_unpack')
        moved = self.folder / "elsewhere.sv"
        shutil.move(self.mine / "ternary2_unpack.sv", moved)
        (self.mine / "ternary2_unpack.sv").symlink_to(moved)
        out = self.folder / "out"
        self.told("export", *UNIT, "--out", out, "--rtl-dir", self.mine)
        self.assertEqual((out / "ternary2_unpack.f").read_text(), "+incdir+rtl/parts\nrtl/ternary2_unpack.sv\n")
        self.assertEqual((out / "rtl/parts/mine.svh").read_text(), header.read_text())

    def test_text_and_record(self):
        record = self.folder / "record.json"
        done = run(["synth", *UNIT, "--rtl-dir", self.mine, "--record", record, "--out", self.folder / "out"])
        self.assertIn(f"RTL     {self.mine}, not the project's own", done.stdout)
        for path in (record, self.folder / "out/record.json"):
            kept = json.loads(path.read_text())
            self.assertEqual(kept["provenance"]["rtl"]["folder"], str(self.mine))
            self.assertIn(str(self.mine), kept["title"])
        self.assertNotIn("RTL  ", run(["synth", *UNIT, "--rtl-dir", SOURCE / "rtl"]).stdout)
        self.assertIn("not the project's own", run(["energy", *UNIT, "--format", "ternary", "--rtl-dir",
                                                    self.mine]).stdout)

    def test_a_folder_that_cannot_be_measured(self):
        (self.mine / "ternary2_unpack.sv").unlink()
        for words in (["synth", *UNIT], ["energy", *UNIT, "--format", "ternary"],
                      ["export", *UNIT, "--out", self.folder / "out"], ["synth", "--all", "--points", "small"]):
            self.refused(run([*words, "--rtl-dir", self.mine]), str(self.mine), "expected ternary2_unpack.sv")
        self.assertFalse((self.folder / "out").exists())
        part = next((self.own / "parts").glob("*.sv"))
        shutil.copy(part, self.own)
        self.refused(run(["synth", *UNIT, "--rtl-dir", self.own]), part.name, "is no unit", "search_path.txt")
        (self.own / part.name).unlink()
        shutil.move(self.own / "mx_dot.sv", self.own / "parts")
        self.refused(run(["energy", *UNIT, "--rtl-dir", self.own]), "mx_dot.sv", "directly there")


if __name__ == "__main__":
    unittest.main(verbosity=1)
