#!/usr/bin/env python3
"""What `evaluate` and `survey` say of every format, of a text of one's own, and of each sequence."""
import json
import math
import shutil
import unittest

from command_case import SOURCE, Case, run

EMBEDDED = SOURCE / "configs/workloads/embedded"
VOCABULARY = {id: word for word, id in json.loads((EMBEDDED / "vocab.json").read_text()).items()}
ROW = 129  # token ids in a row of validation.npy, a byte each


def stories():
    """Two stories that the model knows, and a fragment that it does not expect."""
    ids = (EMBEDDED / "validation.npy").read_bytes()[-3 * ROW:]
    known = [" ".join(VOCABULARY[id] for id in ids[row * ROW:(row + 1) * ROW] if id != 0) for row in range(2)]
    return f"{known[0]}\nand .\n{known[1]}\n"


class Losses(Case):
    def told(self, *words):
        done = run([*words, "--json"])
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def model(self):
        """The embedded model without its text."""
        folder = self.folder / "model"
        shutil.copytree(EMBEDDED, folder, ignore=shutil.ignore_patterns("validation*", "activations*"))
        return folder

    def test_every_format(self):
        told = self.told("evaluate", "--format", "all", "--tokens", "2", "--design", "bitmod-8x8")
        formats = {row["format"] for row in told["formats"]}
        left = {row["format"]: row["why"] for row in told["left_out"]}
        self.assertIn("bitmod-fp4", {name.split(":")[0] for name in formats})
        self.assertTrue(left)
        self.assertFalse(formats & set(left))
        for name, why in left.items():
            done = run(["evaluate", "--format", name, "--tokens", "2", "--design", "bitmod-8x8"])
            self.refused(done, why)
        surveyed = self.told("evaluate", "--format", "all", "--tokens", "2")
        self.assertEqual(len(surveyed["formats"]) + len(surveyed["left_out"]), len(formats) + len(left))
        text = run(["evaluate", "--format", "all", "--tokens", "2", "--design", "bitmod-8x8"]).stdout
        for name in left:
            self.assertIn(f"Not evaluated: {name}: ", " ".join(text.split()))

    def test_a_design_refuses_before_anything_is_packed(self):
        model = self.model()
        packed = self.folder / "packed"
        self.told("quantize", "--model", model, "--format", "nf4", "--out", packed)
        path = model / "model.safetensors"
        data = bytearray(path.read_bytes())
        data[-4:] = b"\xff\xff\xff\xff"  # a weight that is no number, which no format can pack
        path.write_bytes(data)
        words = ["evaluate", "--model", model, "--text", EMBEDDED / "validation.npy", "--tokens", "2"]
        self.refused(run([*words, "--format", "nf4"]), "finite")
        for source in (["--format", "nf4"], ["--weights", packed]):
            self.refused(run([*words, *source, "--design", "int8-8x8"]), "design 'int8-8x8' cannot run nf4:g64")

    def test_sequences_and_their_sum(self):
        record = self.folder / "record.json"
        told = self.told("evaluate", "--format", "int4,int3", "--tokens", "300", "--record", record)
        self.assertEqual(told["sequence_tokens"], [128, 128, 44])
        for scores in (told["unquantized"], *told["formats"]):
            self.assertAlmostEqual(sum(scores["sequence_nll"]) / 300, scores["nll"], places=12)
        table = json.loads(record.read_text())["tables"][-1]
        self.assertEqual(table["title"], "Sequences")
        self.assertEqual([column["name"] for column in table["columns"]],
                         ["sequence", "tokens", "unquantized", *(row["format"] for row in told["formats"])])
        self.assertEqual([row[2:] for row in table["rows"]],
                         [list(row) for row in zip(*(scores["sequence_nll"] for scores in
                                                     (told["unquantized"], *told["formats"])))])
        self.assertNotIn("Sequences", run(["evaluate", "--format", "int4", "--tokens", "9"]).stdout)

    def test_a_fragment_that_carries_much_is_noted(self):
        text = self.folder / "text.txt"
        text.write_text(stories())
        told = self.told("evaluate", "--text", text)
        fragments = told["loss_shares"][0]
        tokens, losses = told["sequence_tokens"], told["unquantized"]["sequence_nll"]
        small = [i for i, count in enumerate(tokens) if count < 8]
        self.assertEqual(fragments["tokens"], sum(tokens[i] for i in small))
        self.assertTrue(math.isclose(fragments["loss_share"], sum(losses[i] for i in small) / sum(losses)))
        noted = fragments["loss_share"] >= max(0.02, 2 * fragments["token_share"])
        self.assertEqual(fragments["note"] is not None, noted)
        self.assertEqual("those of fragments" in run(["evaluate", "--text", text]).stdout.replace("\n", " "), noted)
        self.assertTrue(noted, told["loss_shares"])

    def test_survey_takes_a_text(self):
        model, text = self.model(), self.folder / "text.txt"
        text.write_text(stories())
        self.refused(run(["survey", "--model", model, "--format", "int4"]), "no text beside this model", "--text FILE")
        told = self.told("survey", "--model", model, "--format", "int4", "--text", text)
        same = self.told("evaluate", "--model", model, "--format", "int4", "--text", text)
        self.assertEqual(told["metrics"][0]["value"], same["unquantized"]["nll"])
        self.assertEqual(told["provenance"]["text"], str(text))
        self.assertEqual(told["provenance"]["tokens"], same["tokens"])
        vocabulary = model / "vocab.json"
        moved = self.folder / vocabulary.name
        shutil.move(vocabulary, moved)
        self.refused(run(["survey", "--model", model, "--format", "int4", "--text", text]), "--tokenizer FILE")
        again = self.told("survey", "--model", model, "--format", "int4", "--text", text, "--tokenizer", moved)
        self.assertEqual(again["tables"][0]["rows"], told["tables"][0]["rows"])
        self.assertEqual(again["provenance"]["tokenizer"], str(moved))
        ids = EMBEDDED / "validation.npy"
        default = self.told("survey", "--format", "int4", "--tokens", "50")
        named = self.told("survey", "--model", model, "--format", "int4", "--text", ids, "--tokens", "50")
        self.assertEqual(named["tables"][0]["rows"], default["tables"][0]["rows"])
        self.refused(run(["survey", "--format", "int4", "--tokenizer", moved]), "--tokenizer", "has no effect")


if __name__ == "__main__":
    unittest.main(verbosity=1)
