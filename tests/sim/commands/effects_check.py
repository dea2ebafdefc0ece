#!/usr/bin/env python3
"""Holds that a key of a design which nothing reads that a call computes is refused at its place, in a sweep file as on
the command line, and that one which something reads is not."""
import json
import re
import unittest

from command_case import Case, run

SWEEP = """name: s
design: {design}
workload: {{shape: embedded, prefill: 4, decode: 1}}
formats: [{format}]
vary:
  - {{{first}}}
  - {{{second}}}
"""
PHASES = ["--workload", "embedded", "--phase", "prefill=4"]


class Effects(Case):
    def sweep(self, first, second="clock_mhz: 60", *arguments, design="bitmod-core-4x4", format="int8"):
        path = self.folder / "s.yaml"
        path.write_text(SWEEP.format(design=design, format=format, first=first, second=second))
        return run(["sweep", path, "--out", self.folder / "out", *arguments])

    def simulate(self, *arguments, design="bitmod-core-4x4"):
        return run(["simulate", "--format", "int8", "--design", design, *arguments])

    def done(self, done):
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_variant_of_a_shape_states_what_its_times_follow_from(self):
        for key in ("memory.sram: ihp130", "memory.dram: hbm2", "technology: nangate45", "rounding: 1",
                    "parameters.rounding: 1", "acc_width: 24", "guard_bits: 4", "table_bits: 5"):
            name = key.split(":")[0]
            self.refused(self.sweep(key), "s.yaml:6:",
                         f"'{name}' has no effect, expected energy: true in the sweep file")
        for key in ("lanes: 8", "core.tile_rows: 1", "memory.bandwidth_gb_per_s: 0.8", "table_terms: 3",
                    "shift_width: 4"):
            self.done(self.sweep(key))

    def test_a_setting_of_a_sweep_is_read_by_one_design_at_least(self):
        for key in ("memory.sram=ihp130", "technology=nangate45", "rounding=1"):
            self.refused(self.sweep("lanes: 8", "lanes: 2", "--set", key), f"--set {key.split('=')[0]}: has no effect")
        self.done(self.sweep("lanes: 8", "lanes: 2", "--set", "memory.bandwidth_gb_per_s=0.8"))

    def test_what_decides_whether_a_format_runs_has_an_effect(self):
        refused = self.sweep("acc_width: 16", design="int8-core-4x4")
        self.done(refused)
        self.assertIn("acc_width", refused.stdout)
        self.refused(self.sweep("acc_width: 32", design="int8-core-4x4"), "'acc_width' has no effect")
        self.done(self.sweep("acc_width: 16", "acc_width: 32", design="int8-core-4x4"))

    def test_shapes_and_one_engine_without_values_read_no_rounding(self):
        for key in ("rounding=1", "acc_width=24", "align_bits=5", "table_bits=5", "technology=osu018",
                    "memory.dram=hbm2"):
            name = f"--set {key.split('=')[0]}: has no effect, expected --energy beside it"
            self.refused(self.simulate(*PHASES, "--set", key), name)
        self.refused(self.simulate("--tokens", "1", "--engine", "fast", "--set", "rounding=1"),
                     "expected --energy beside it, or an engine that computes values")
        self.done(self.simulate("--tokens", "1", "--engine", "golden,fast", "--set", "rounding=1"))
        self.done(self.simulate(*PHASES, "--set", "rows=2"))

    def test_a_key_that_the_design_needs_is_not_refused(self):
        unit = ("core.vector.lanes=8", "core.vector.latency=8", "core.vector.row_buffer_kib=64",
                "core.vector.arithmetic=horowitz45")
        self.done(run(["simulate", "--workload", "embedded", "--format", "ternary", "--phase", "prefill=4", "--design",
                       "ternary-int8-core-4x4", "--set", ",".join(unit)]))

    def test_groups_are_cut_where_a_core_does_not_hold_their_sums(self):
        figures = []
        for bits in ("32", "20"):
            done = self.simulate("--tokens", "2", "--engine", "golden,fast,systemc", "--model", "embedded", "--set",
                                 f"acc_width={bits}", "--json", design="int8-core-4x4")
            self.done(done)
            figures.append({metric["name"]: metric["value"] for metric in json.loads(done.stdout)["metrics"]})
        self.assertAlmostEqual(figures[0]["layer_sqnr"], figures[1]["layer_sqnr"], 4)
        self.assertLess(figures[0]["weight_traffic"], figures[1]["weight_traffic"])  # a part has a scale of its own
        self.refused(self.simulate("--tokens", "2", "--set", "acc_width=16", design="int8-core-4x4"),
                     "overflow acc_width 16")

    def test_designs_with_a_core_are_suggested_for_one(self):
        gemm = ["simulate", "--gemm", "tokens=4,outputs=64,inputs=256", "--design"]
        for design, form, some in (("bitmod-core-4x4", "sherry", "ternary34-core-4x4"),
                                   ("int8-core-4x4", "bitmod-fp4", "bitmod-core-4x4")):
            done = run([*gemm, design, "--format", form])
            self.refused(done, some)
            text = done.stderr[done.stderr.rindex(";") + 1:]
            names = re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)+", text)
            self.assertTrue(names, done.stderr)
            for name in names:
                self.done(run([*gemm, name, "--format", form]))
        self.refused(run([*gemm, "int8-core-4x4", "--format", "nf4"]), "fp16-core-24x32 runs it")

    def test_numbers_alone_read_no_rows(self):
        evaluate = ["evaluate", "--format", "int4", "--tokens", "3", "--design", "bitmod-4x4", "--set"]
        for key in ("rows=8", "cols=8", "clock_mhz=9", "technology=osu018", "output.bits=16", "memory.dram=hbm2"):
            self.refused(run([*evaluate, key]), f"--set {key.split('=')[0]}: has no effect, expected a key that")
        for key in ("rounding=1", "lanes=8", "exact=1"):
            self.done(run([*evaluate, key]))

    def test_an_entry_of_a_policy_reaches_a_layer_that_no_other_does(self):
        policy = self.folder / "p.yaml"
        for text, words in (("default: int4\nlayers: [{match: '*', format: int8}]\n",
                             "'default' is int4:g128, which has no effect: rules and 'skip' take every layer"),
                            ("default: int4\nskip: ['*']\n", "'default' is int4:g128, which has no effect"),
                            ("default: int4\nskip: [lm_head, 'lm_*']\n", "'skip' has lm_*, which has no effect"),
                            ("default: int4\nskip: ['*q_proj', '*_proj']\n", "'skip' has *q_proj, which has no effect"),
                            ("default: int4\nskip: ['re:.*lm_head']\n",
                             "is re:.*lm_head, a regular expression, expected a shell pattern: '*lm_head'")):
            policy.write_text(text)
            self.refused(run(["quantize", "--format", policy, "--out", self.folder / "q"]), words)
        policy.write_text("default: int4\nlayers: [{match: '*mlp*', format: int8}]\nskip: [lm_head, '*q_proj']\n")
        self.done(run(["quantize", "--format", policy, "--out", self.folder / "q"]))


if __name__ == "__main__":
    unittest.main()
