#!/usr/bin/env python3
"""Holds figures that people decide by: mismatches that can be made again, policies whose totals agree between commands,
losses and costs of the same layers, activations of the model at hand, and clocks that nobody checked. Every case runs
the program."""
import json
import random
import shlex
import shutil
import struct
import subprocess
import unittest
from pathlib import Path

from command_case import SOURCE, SWEEP, Case, run

SHARED = SOURCE.parent / "shared"
CELLS = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")
Q_PROJ = "model.layers.0.self_attn.q_proj"


def write_safetensors(path, name, rows, cols, seed):
    draw = random.Random(seed)
    data = struct.pack(f"<{rows * cols}f", *(draw.gauss(0, 1) for _ in range(rows * cols)))
    header = json.dumps({name: {"dtype": "F32", "shape": [rows, cols], "data_offsets": [0, len(data)]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + data)


def write_tokens(path, ids):
    header = f"{{'descr': '<u2', 'fortran_order': False, 'shape': (1, {len(ids)}), }}".ljust(117) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() +
                     struct.pack(f"<{len(ids)}H", *ids))


class VerdictCase(Case):
    def told(self, arguments, status=0, **options):
        done = run([*arguments, "--json"], **options)
        self.assertEqual(done.returncode, status, done.stdout[-2000:] + done.stderr[-2000:])
        return json.loads(done.stdout)


class Mismatches(VerdictCase):
    def broken_rtl(self):
        """Makes a copy of rtl/ in a folder with a blank, in which a ternary decoder has one wrong bit for one code."""
        rtl = self.folder / "my rtl"
        shutil.copytree(SOURCE / "rtl", rtl)
        source = rtl / "ternary2_unpack.sv"
        good = "in_data_i[2*i+1] | in_data_i[2*i]"
        self.assertIn(good, source.read_text())
        source.write_text(source.read_text().replace(good, "in_data_i[2*i+1] & in_data_i[2*i]"))
        return rtl

    def test_the_printed_command_makes_the_same_mismatch_again(self):
        request = ["verify", "--unit", "ternary2_unpack", "--format", "ternary", "--params", "codes=4", "--cases", "64",
                   "--stalls", "0,30", "--engine", "golden,rtl", "--rtl-dir", self.broken_rtl(),
                   f"--waves={self.folder / 'waves'}"]
        told = self.told(request, 1)
        commands = [one["again"] for one in told["runs"] if "again" in one] + [wave["again"] for wave in told["waves"]]
        self.assertEqual(len(commands), 3)
        firsts = [one["first_mismatch"] for one in told["runs"] if "again" in one] + \
                 [wave["first_mismatch"] for wave in told["waves"]]
        for command, first in zip(commands, firsts):
            done = subprocess.run(["bash", "-c", command + " --json"], capture_output=True, text=True, cwd=self.folder)
            self.assertEqual(done.returncode, 1, command + done.stderr)
            again = json.loads(done.stdout)["runs"]
            self.assertEqual([one["first_mismatch"] for one in again], [first], command)

    def test_the_shortest_run_is_drawn_and_counts_say_how_many_runs_differ(self):
        request = ["verify", "--unit", "ternary2_unpack", "--format", "ternary", "--params", "codes=4", "--cases", "64",
                   "--stalls", "0,30", "--engine", "golden,rtl", "--rtl-dir", self.broken_rtl(),
                   f"--waves={self.folder / 'waves'}"]
        told = self.told(request, 1)
        self.assertEqual((told["pairs"][0]["runs"], told["pairs"][0]["runs_differing"]), (2, 2))
        words = shlex.split(told["waves"][0]["again"])
        value = dict(zip(words, words[1:]))
        self.assertEqual(value["--stalls"], "0")
        self.assertLess(int(value["--cases"]), 32)
        self.assertIn("codes4", Path(told["waves"][0]["save"]).name)
        shorter = list(map(str, request[:-1]))
        shorter[shorter.index("--stalls") + 1] = "0"
        if int(value["--cases"]) > 1:
            shorter[shorter.index("--cases") + 1] = str(int(value["--cases"]) // 2)
            self.told(shorter, 0)


class Policies(VerdictCase):
    def test_bits_bytes_and_sqnr_agree_between_commands(self):
        policy = self.folder / "policy.yaml"
        policy.write_text("default: bitmod-fp4\nlayers: [{match: '*mlp*', format: int4}]\nskip: [lm_head, '*v_proj']\n")
        packed = self.folder / "packed"
        quantized = self.told(["quantize", "--format", policy, "--out", packed])["total"]
        for source in (["--format", policy], ["--weights", packed]):
            evaluated = self.told(["evaluate", *source, "--tokens", "9"])["formats"][0]
            for key in ("weights", "bytes", "bits_per_weight", "nominal_bits_per_weight"):
                self.assertAlmostEqual(evaluated[key], quantized[key], 9, key)
            self.assertAlmostEqual(evaluated["sqnr_db"], quantized["sqnr_db"], 6)
            split = evaluated["split"]
            self.assertEqual(split["unquantized"]["layers"], 3)
            self.assertEqual(split["unquantized"]["bits_per_weight"], 32)
            self.assertEqual(split["quantized"]["bytes"] + split["unquantized"]["bytes"], evaluated["bytes"])
            self.assertLess(split["quantized"]["bits_per_weight"], 5)
            simulated = self.told(["simulate", *source, "--layers", "all", "--tokens", "1", "--clock-unchecked",
                                   "--design", "fp16-mac-8x8"])
            self.assertEqual(simulated["split"], split)
            metrics = {metric["name"]: metric["value"] for metric in simulated["metrics"]}
            self.assertEqual(metrics["weight_bytes"], evaluated["bytes"])
            self.assertAlmostEqual(metrics["bits_per_weight"], evaluated["bits_per_weight"], 9)
            self.assertAlmostEqual(sum(layer["share_of_error"] for layer in evaluated["layers"]), 1, 9)
        text = " ".join(run(["evaluate", "--format", policy, "--tokens", "9"]).stdout.split())
        self.assertIn("3 (", text)
        self.assertIn("stay as stored", text)

    def test_the_worst_group_is_the_worst(self):
        layers = self.told(["evaluate", "--format", "int4", "--tokens", "9"])["formats"][0]["layers"]
        for layer in layers:
            self.assertLessEqual(layer["worst_group_sqnr_db"], layer["sqnr_db"])


class Joined(VerdictCase):
    """Holds what a report puts beside what: the losses and costs of the same layers in the same formats."""

    def recorded(self, command, *arguments):
        """Returns the provenance and the path of the record that a command writes."""
        path = self.folder / f"record{len(list(self.folder.glob('record*')))}.json"
        self.told([command, *arguments, "--record", path])
        return json.loads(path.read_text())["provenance"], path

    def simulated(self, *arguments):
        return self.recorded("simulate", *arguments, "--tokens", "1", "--clock-unchecked", "--engine", "golden,fast")

    def verdict(self, *records):
        """Returns the first section of a page of these records."""
        page = self.folder / "page.html"
        self.told(["report", *records, "--out", page])
        return page.read_text().split("<section id='verdict'>")[1].split("</section>")[0]

    def packed(self, *arguments):
        path = self.folder / f"packed{len(list(self.folder.glob('packed*')))}.safetensors"
        self.told(["quantize", "--format", "int4", "--out", path, *arguments])
        return path

    def test_a_part_of_a_model_is_joined_with_the_loss_of_that_part_alone(self):
        part, whole = self.packed("--layer", "model.layers.0.*"), self.packed()
        loss, losses = self.recorded("evaluate", "--format", "int4,bitmod-fp4", "--tokens", "9")
        part_loss, part_losses = self.recorded("evaluate", "--weights", part, "--tokens", "9")
        self.assertEqual(part_loss["format_definitions"], [None])
        self.assertEqual((loss["unquantized_layers"], part_loss["unquantized_layers"]), ([0, 0], [8]))
        key = "layer_definitions"
        self.assertNotEqual(loss[key][0], part_loss[key][0])
        all_of_it, some = ["--layers", "all"], ["--layers", "model.layers.0.*"]
        for arguments, same in ((["--weights", part, *all_of_it], part_loss), (["--format", "int4", *some], part_loss),
                                (["--weights", whole, *some], part_loss), (["--weights", whole, *all_of_it], loss),
                                (["--format", "int4", *all_of_it], loss)):
            self.assertEqual(self.simulated(*arguments)[0][key], same[key][:1], arguments)
        cost = self.simulated("--weights", part, *all_of_it)[1]
        self.assertIn("is of 7 layers, 1 tokens, and no loss here is of just these layers", self.verdict(losses, cost))
        page = self.verdict(part_losses, cost)
        self.assertIn("leaves 8 layers unquantized", page)
        self.assertNotIn("no loss here is of just these layers", page)

    def test_what_was_changed_in_a_design_and_by_technology_is_said(self):
        one = ["--format", "int4", "--layer", Q_PROJ, "--design", "int8-8x8"]
        change = "memory.bandwidth_gb_per_s=0.01"
        self.assertIn(" cost on int8-8x8?", self.verdict(self.simulated(*one)[1]))
        self.assertIn(f" cost on int8-8x8 with {change}?", self.verdict(self.simulated(*one, "--set", change)[1]))
        other = self.simulated("--format", "int4", "--layer", Q_PROJ, "--synth", "--technology", self.technology())
        self.assertEqual(other[0]["technology"], "renamed.lib")
        self.assertIn("cells of renamed.lib", self.verdict(other[1]))

    def technology(self):
        """Returns a library of the same cells under another name."""
        path = self.folder / "renamed.lib"
        shutil.copy(CELLS, path)
        return path


class Activations(VerdictCase):
    def origin(self, arguments):
        return self.told(["simulate", *arguments, "--tokens", "4", "--engine", "golden,fast"])["activations"]

    def test_another_model_does_not_get_those_of_the_embedded_one(self):
        model = self.folder / "other.safetensors"
        write_safetensors(model, Q_PROJ + ".weight", 128, 128, 1)
        packed = self.folder / "packed"
        self.told(["quantize", "--model", model, "--format", "int4", "--out", packed])
        for arguments in (["--format", "int4", "--model", model], ["--weights", packed],
                          ["--weights", packed, "--model", model]):
            self.assertTrue(self.origin(arguments).startswith("Gaussian, seed 1 ("), arguments)
        self.assertIn("is no Llama model that can be run", self.origin(["--format", "int4", "--model", model]))

    def test_the_embedded_model_is_known_by_its_weights(self):
        packed = self.folder / "packed"
        self.told(["quantize", "--format", "bitmod-fp4", "--out", packed])
        for arguments in (["--weights", packed, "--layer", Q_PROJ], ["--format", "int4", "--layer", Q_PROJ],
                          ["--weights", packed, "--model", "embedded", "--layer", Q_PROJ],
                          ["--format", "int4", "--layer", Q_PROJ, "--model",
                           SOURCE / "configs/workloads/embedded/model.safetensors"]):
            self.assertEqual(self.origin(arguments), f"recorded inputs of {Q_PROJ} in the embedded model")

    def test_why_inputs_are_drawn_is_told_apart(self):
        model = self.folder / "model"
        shutil.copytree(SOURCE / "configs/workloads/embedded", model,
                        ignore=shutil.ignore_patterns("validation*", "activations*"))
        said = self.origin(["--format", "int4", "--model", model, "--layer", Q_PROJ])
        self.assertIn("has no text beside it", said)
        self.assertNotIn("cannot be run", said)
        # A sweep says it too.
        sweep = self.folder / "sweep.yaml"
        sweep.write_text(SWEEP.format(name="drawn", formats="int4").replace(
            "workload: {", f"engines: [golden, fast]\nworkload: {{model: {model}, "))
        done = run(["sweep", sweep, "--out", self.folder / "out"])
        self.assertEqual(done.returncode, 0, done.stderr)
        kept = next((self.folder / "out").glob("drawn-*.json"))
        self.assertIn("has no text beside it", json.loads(kept.read_text())["provenance"]["activations"])

    def test_tokens_of_layers_are_compared_before_anything_runs(self):
        activations = self.folder / "x.safetensors"
        names = [f"model.layers.0.self_attn.{name}_proj" for name in "qk"]
        header, data = {}, b""
        for name, tokens in zip(names, (3, 2)):
            values = struct.pack(f"<{tokens * 128}e", *(0.5 for _ in range(tokens * 128)))
            header[name] = {"dtype": "F16", "shape": [tokens, 128],
                            "data_offsets": [len(data), len(data) + len(values)]}
            data += values
        text = json.dumps(header).encode()
        activations.write_bytes(struct.pack("<Q", len(text)) + text + data)
        words = ["simulate", "--format", "int8", "--design", "int8-8x8", "--layers", "*.0.self_attn.[qk]_proj",
                 "--activations", activations]
        done = run([*words, "--energy"], env=self.environment)
        self.refused(done, str(activations), names[1], "of 2 tokens, expected 3")
        self.refused(run([*words, "--energy", "--tokens", "3"], env=self.environment), "--tokens", "1..2")
        self.assertFalse((self.folder / "cache").exists(), "something was synthesised first")
        self.assertEqual(self.told([*words, "--tokens", "2", "--clock-unchecked"])["tokens"], 2)

    def test_a_model_with_a_text_beside_it_is_recorded(self):
        theirs = SHARED / "models/stories260K/stories260K.bin"
        if not theirs.exists():
            self.skipTest(f"{theirs} is not there: a model of another maker")
        model = self.folder / theirs.name
        shutil.copy(theirs, model)
        self.assertIn("has no text beside it", self.origin(["--format", "int4", "--model", model, "--layer", Q_PROJ]))
        write_tokens(self.folder / "validation.npy", [1, 403, 407, 261, 378, 383, 286, 261])
        text = self.origin(["--format", "int4", "--model", model, "--layer", Q_PROJ])
        recorded = self.folder / "recorded.safetensors"
        self.told(["evaluate", "--model", model, "--tokens", "4", "--record-activations", recorded,
                   "--record-tokens", "4"])
        self.assertEqual(text, f"recorded inputs of {Q_PROJ} in {model} on its own text")
        outputs = []
        for more in ([], ["--activations", recorded]):
            out = self.folder / f"y{len(outputs)}.npy"
            self.told(["simulate", "--format", "int4", "--model", model, "--layer", Q_PROJ, "--tokens", "4", "--engine",
                       "golden,fast", "--out", out, *more])
            outputs.append(out.read_bytes())
        self.assertEqual(outputs[0], outputs[1])


class Clocks(VerdictCase):
    def design(self, mhz):
        path = self.folder / "design.yaml"
        text = (SOURCE / "configs/designs/int8-8x8.yaml").read_text()
        for line in text.splitlines():
            if line.startswith("clock_mhz:"):
                text = text.replace(line, f"clock_mhz: {mhz}")
        path.write_text(text.replace("rows: 8", "rows: 1").replace("cols: 8", "cols: 1"))
        return path

    def test_a_clock_is_said_to_be_unchecked_or_refused_when_it_is_known_to_be_missed(self):
        environment = self.environment
        simulate = ["simulate", "--format", "int4", "--layer", Q_PROJ, "--tokens", "1", "--engine", "golden,fast",
                    "--design", self.design(100)]
        told = self.told(simulate, env=environment)
        self.assertIn("was not checked", told["clock"])
        self.assertIsNone(told["clock_met"])
        times = [metric for metric in told["metrics"] if metric["quantity"] in ("time", "rate", "power")]
        self.assertTrue(times)
        for metric in times:
            self.assertIn("clock not checked", metric["source"])
        done = run([*simulate, "--synth"], env=environment)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        for word in ("100 MHz", "NOT met", "--clock-unchecked"):
            self.assertIn(word, done.stderr)
        # What was synthesised once is known from the cache.
        self.assertEqual(run(simulate, env=environment).returncode, 2)
        missed, kept = [*simulate, "--clock-unchecked"], self.folder / "missed.json"
        for source in ([], ["--layers", Q_PROJ]):
            words = [word for word in missed if word not in ("--layer", Q_PROJ)] if source else missed
            told = self.told([*words, *source, "--record", kept], env=environment)
            self.assertIn("NOT met", told["clock"])
            self.assertIs(told["clock_met"], False)
            self.assertIs(json.loads(kept.read_text())["provenance"]["clock_met"], False)
        slow = [*simulate[:-1], self.design(1)]
        self.assertEqual(run([*slow, "--synth"], env=environment).returncode, 0)
        told = self.told(slow, env=environment)
        self.assertIn("is met", told["clock"])
        self.assertIs(told["clock_met"], True)
        self.assertNotIn("not checked", json.dumps(told["metrics"]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
