#!/usr/bin/env python3
"""Holds what `simulate --workload` and `--gemm` say and refuse: shapes of models on a design with a core."""
import json
import unittest

from command_case import SOURCE, Case, run

CORE = ["--format", "bitmod-fp4", "--design", "bitmod-core-4x4"]
EMBEDDED = ["simulate", "--workload", "embedded", *CORE]


def metrics(record):
    return {metric["name"]: metric["value"] for metric in record["metrics"]}


class Workload(Case):
    def record(self, *arguments):
        done = run(["simulate", *arguments, "--json"])
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["record"]

    def test_a_model_by_name_by_file_and_by_its_config(self):
        folder = SOURCE / "configs/workloads/embedded"
        named = metrics(self.record("--workload", "embedded", *CORE))
        for path in (folder, folder / "config.json"):
            self.assertEqual(metrics(self.record("--workload", path, *CORE)), named, path)
        own = self.folder / "own.yaml"
        own.write_text("""name: own
source: nobody published it
architecture: llama
layers: 2
hidden_size: 128
heads: 4
kv_heads: 2
head_dim: 32
intermediate_size: 192
vocab_size: 256
tied_head: true
""")
        record = self.record("--workload", own, *CORE)
        self.assertEqual(record["provenance"]["workload"], "own")
        rows = {row[0]: row[2] for row in record["tables"][0]["rows"]}
        self.assertEqual(rows["model.layers.*.self_attn.k_proj"], "256 x 64 x 128")
        self.assertEqual(rows["model.layers.*.mlp.activation"], "256 x 192")

    def test_unknown_keys_of_a_config_are_named(self):
        config = json.loads((SOURCE / "configs/workloads/embedded/config.json").read_text())
        path = self.folder / "config.json"
        path.write_text(json.dumps({**config, "rope_flavour": "new"}))
        record = self.record("--workload", path, *CORE)
        self.assertEqual(record["provenance"]["unread"], ["rope_flavour"])
        self.assertIn("rope_flavour", run(["simulate", "--workload", path, *CORE]).stdout)

    def test_a_product_is_what_the_layer_of_this_size_is(self):
        layer = self.record("--layer", "model.layers.0.self_attn.q_proj", "--tokens", "16", "--engine", "fast", *CORE)
        product = self.record("--gemm", "tokens=16,outputs=128,inputs=128", *CORE)
        for one, other in (("cycles", "gemm_cycles"), ("layer_time", "gemm_time"), ("utilisation", "gemm_utilisation"),
                           ("weight_traffic", "gemm_weight_traffic"), ("output_traffic", "gemm_output_traffic")):
            self.assertEqual(metrics(layer)[one], metrics(product)[other], one)

    def test_the_text_names_what_is_not_in_it_and_the_record_is_reported(self):
        kept = self.folder / "record.json"
        done = run([*EMBEDDED, "--phase", "decode=3", "--record", kept])
        self.assertEqual(done.returncode, 0, done.stderr)
        for words in ("linear_time_per_output_token", "Not in", "softmax", "KV cache", "bound by"):
            self.assertIn(words, done.stdout)
        self.assertNotIn("linear_time_to_first_token", done.stdout)
        page = self.folder / "page.html"
        done = run(["report", kept, "--out", page])
        self.assertEqual(done.returncode, 0, done.stderr)
        text = page.read_text()
        for words in ("Decode: where the cycles go", "softmax", "<figcaption>Roofline</figcaption>"):
            self.assertTrue(words in text, words)

    def test_rows_of_the_array_without_a_token_are_told(self):
        for words, said in ((["--phase", "decode=2"], "7 of the 8 rows of the array have no token"),
                            (["--phase", "decode=2", "--batch", "15"], "1 of the 8 rows of the array has no token"),
                            (["--phase", "prefill=16"], None)):
            text = " ".join(run([*EMBEDDED, *words]).stdout.split())
            self.assertTrue(said in text if said else "no token" not in text, words)
        layer = run(["simulate", *CORE, "--engine", "fast", "--tokens", "3"]).stdout
        self.assertIn("5 of the 8 rows of the array have no token", " ".join(layer.split()))

    def test_a_policy(self):
        policy = self.folder / "policy.yaml"
        policy.write_text("default: bitmod-fp4\nlayers: [{match: '*.0.mlp.*', format: int8}]\nskip: [lm_head]\n")
        record = self.record("--workload", "embedded", "--format", policy, "--design", "bitmod-core-4x4")
        self.assertEqual(record["provenance"]["left_out"], ["lm_head"])
        told = metrics(record)
        self.assertIn("quantized_linear_tokens_per_s", told)
        self.assertIn("counted_tokens_per_s", told)
        self.assertFalse(told.keys() & {"linear_tokens_per_s", "tokens_per_s"})
        rows = [row for row in record["tables"][0]["rows"] if "gate_proj" in row[0]]
        self.assertEqual([row[1] for row in rows], ["int8:g128", "bitmod-fp4:g128"])
        self.refused(run(["simulate", "--gemm", "tokens=1,outputs=8,inputs=8", "--format", policy, "--design",
                          "bitmod-core-4x4"]), "--format", "a policy")

    def test_attention_stands_beside_the_linear_layers(self):
        record = self.record("--workload", "embedded", *CORE, "--phase", "prefill=8,decode=4", "--kv-format", "int8")
        table = next(table for table in record["tables"] if table["title"] == "Decode: layers")
        rows = {row[0].split("*.")[-1]: row for row in table["rows"]}
        self.assertIn("attn_av", rows)
        self.assertTrue(rows["attn_qk"][2].endswith("x 9..12 x 32"), rows["attn_qk"][2])
        self.assertEqual(rows["self_attn.softmax"][1:3], ["softmax", "4 x 9..12"])
        self.assertEqual(sum(row[5] for row in table["rows"][:-1]), table["rows"][-1][5])
        told = metrics(record)
        self.assertEqual(told["decode_cycles"], table["rows"][-1][5])
        self.assertLess(told["time_to_first_token"] * 0.5, told["matmul_time_to_first_token"])
        self.assertLess(told["matmul_time_to_first_token"], told["time_to_first_token"])
        self.assertIn("causal mask", record["tables"][0]["note"])

    def test_what_does_not_go_is_refused_with_its_reason(self):
        for arguments, words in (
                (["--workload", "llama-2-7c", *CORE], ("no model shape", "did you mean 'llama-2-7b'")),
                (["--workload", "mixtral-8x7b", *CORE], ("--phase", "8 experts", "histogram")),
                (["--workload", "embedded", "--format", "int4"], ("--design", "no core", "bitmod-core-4x4")),
                (["--workload", "embedded", "--design", "bitmod-core-4x4"], ("--format", "missing")),
                ([*EMBEDDED[1:], "--engine", "golden,fast"], ("--engine", "golden needs the bits", "expected fast")),
                ([*EMBEDDED[1:], "--phase", "prefil=4"], ("--phase", "did you mean 'prefill'")),
                ([*EMBEDDED[1:], "--phase", "decode=0"], ("--phase", "no token in either phase")),
                ([*EMBEDDED[1:], "--phase", ""], ("--phase", "is empty")),
                ([*EMBEDDED[1:], "--gemm", "tokens=1,outputs=8,inputs=8"], ("--gemm", "--workload")),
                (["--gemm", "tokens=1,outputs=8", *CORE], ("--gemm", "has no inputs")),
                (["--gemm", "tokens=1,outputs=8,inputs=8", "--batch", "2", *CORE], ("--batch", "--workload")),
                ([*EMBEDDED[1:], "--set", "core.vector.row_buffer_kib=1", "--kv-format", "int8"],
                 ("self_attn.softmax", "core.vector.row_buffer_kib of at least 2")),
                ([*EMBEDDED[1:], "--kv-format", "int4-asym"], ("--kv-format", "zero points")),
                ([*EMBEDDED[1:], "--tokens", "8"], ("--tokens", "--workload"))):
            self.refused(run(["simulate", *arguments]), *words)


if __name__ == "__main__":
    unittest.main()
