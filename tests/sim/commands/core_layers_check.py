#!/usr/bin/env python3
"""Holds that `simulate --layers` on a design with a core tells what each layer tells alone, and refuses all at once."""
import json
import unittest

from command_case import Case, run

DESIGN = "bitmod-core-4x4"
FORMAT = ["--format", "bitmod-fp4", "--tokens", "5"]
BLOCK = "model.layers.0.*"


def metrics(told):
    return {metric["name"]: metric["value"] for metric in told["metrics"]}


class CoreLayers(Case):
    def told(self, *arguments):
        done = run(["simulate", *arguments, "--json"])
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_each_layer_is_what_it_is_alone_and_the_whole_is_their_sum(self):
        for engines in ([], ["--engine", "golden,systemc"]):
            every = self.told(*FORMAT, "--design", DESIGN, "--layers", BLOCK, *engines)
            alone = [self.told(*FORMAT, "--design", DESIGN, "--layer", layer["layer"],
                               *(engines or ["--engine", "fast"])) for layer in every["layers"]]
            self.assertEqual(len(alone), 7)
            causes = every["record"]["tables"][1]["rows"]
            for layer, one, row in zip(every["layers"], alone, causes):
                figures = metrics(one)
                self.assertEqual((layer["cycles"], layer["time_s"]), (figures["cycles"], figures["layer_time"]))
                self.assertEqual(row[1:], [value for name, value in figures.items()
                                           if name.startswith("cycles_") and name != "cycles_per_token"])
            whole = metrics(every)
            sums = [name for name in whole if name in metrics(alone[0]) and name.endswith("traffic")
                    or name.startswith("cycles") and name != "cycles_per_token"]
            self.assertEqual(len(sums), 13, sums)
            for name in sums:
                self.assertEqual(whole[name], sum(metrics(one)[name] for one in alone), name)
            self.assertEqual(whole["traffic"], sum(whole[f"{of}_traffic"] for of in ("weight", "activation", "output")))
            self.assertAlmostEqual(whole["utilisation"] * whole["cycles"],
                                   sum(metrics(one)["utilisation"] * metrics(one)["cycles"] for one in alone))

    def test_it_tells_what_a_tile_tells_under_the_same_names(self):
        kept = {name: self.folder / name for name in ("bitmod-4x4", DESIGN)}
        unchecked = {"bitmod-4x4": ["--clock-unchecked"], DESIGN: []}  # a core's clock is checked with --energy alone
        tile, core = (self.told(*FORMAT, "--layers", BLOCK, "--design", design, *unchecked[design], "--record", file)
                      for design, file in kept.items())
        self.assertEqual(set(core) - set(tile), {"record"})
        self.assertEqual(set(tile) - set(core), set())
        self.assertLess(set(metrics(tile)), set(metrics(core)))
        records = [json.loads(file.read_text()) for file in kept.values()]
        self.assertEqual(records[0]["kind"], records[1]["kind"])
        self.assertEqual(set(records[0]["provenance"]), set(records[1]["provenance"]))
        self.assertEqual([table["title"] for table in records[1]["tables"]],
                         ["Layers", "Where the cycles go", "Memory", "Roofline"])
        self.assertEqual([column["name"] for column in records[0]["tables"][0]["columns"]],
                         [column["name"] for column in records[1]["tables"][0]["columns"]])
        self.assertIsNone(core["clock_met"])
        self.assertIn("clock not checked: `subbyte synth --design`", core["clock"])

    def test_a_policy_leaves_layers_out(self):
        policy = self.folder / "policy.yaml"
        policy.write_text("default: bitmod-fp4\nlayers: [{match: '*.0.mlp.*', format: int8}]\nskip: [lm_head]\n")
        told = self.told("--format", policy, "--tokens", "2", "--design", DESIGN, "--layers", "all")
        self.assertEqual(told["left_out"], ["lm_head"])
        self.assertEqual({layer["format"] for layer in told["layers"]}, {"bitmod-fp4:g128", "int8:g128"})

    def test_every_layer_that_does_not_go_is_named_with_its_reason(self):
        policy = self.folder / "policy.yaml"
        policy.write_text("default: int4\nlayers: [{match: '*.mlp.*', format: nf4}]\n")
        self.refused(run(["simulate", "--format", policy, "--design", DESIGN, "--layers", BLOCK]),
                     "layer 'model.layers.0.mlp.gate_proj', 'model.layers.0.mlp.up_proj'", "cannot run nf4")
        self.refused(run(["simulate", *FORMAT, "--design", DESIGN, "--layers", "*.nothing"]), "matches no layer")
        self.refused(run(["simulate", *FORMAT, "--design", DESIGN, "--layers", "all", "--engine", "golden"]),
                     "gives no cycles")
        self.refused(run(["simulate", *FORMAT, "--design", DESIGN, "--layers", "all", "--energy"]), "--energy",
                     "not there yet")


if __name__ == "__main__":
    unittest.main()
