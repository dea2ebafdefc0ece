#!/usr/bin/env python3
"""With --json a command that fails prints one JSON object on standard output, whatever it fails at, and never a second
object. Every command of `--help` is made to fail in several ways."""
import json
import os
import re
import resource
import unittest

from command_case import SOURCE, SWEEP, VERIFY, Case, run

# Of each command: calls whose input is wrong after the options were read. MISSING, DAMAGED and OUT are files of the
# test: one that does not exist, one that holds no sensible byte, and one that may be written.
WRONG = {
    "quantize": [["--format", "int44", "--out", "OUT"], ["--model", "MISSING", "--format", "int4", "--out", "OUT"]],
    "unpack": [["DAMAGED", "--out", "OUT"], ["MISSING", "--out", "OUT"]],
    "import": [["DAMAGED", "--out", "OUT"]],
    "export": [["DAMAGED", "--out", "OUT"], ["--unit", "no_unit", "--out", "OUT"], ["--out", "OUT"]],
    "evaluate": [["--format", "DAMAGED.yaml"], ["--model", "MISSING"], ["--tokens", "0"]],
    "simulate": [["DAMAGED"], ["--format", "int4", "--design", "DAMAGED.yaml"], ["--format", "int4", "--tokens", "0"]],
    "verify": [["--unit", "no_unit"], ["--unit", "bitserial_pe", "--params", "lanes=no"]],
    "formats": [["int44"]],
    "survey": [["--format", "int4,"], ["--format", "int4", "--tokens", "9", "--plot", "OUT.png"]],
    "units": [["unit"]],
    "keys": [["recipes"]],
    "synth": [["--liberty", "DAMAGED"], ["--unit", "bitserial_pe", "--params", "lines=4"]],
    "energy": [["--unit", "bitserial_pe", "--technology", "osu81"], []],
    "sweep": [["DAMAGED.yaml"], ["MISSING.yaml"], []],
    "reproduce": [["nothing"]],
    "report": [["DAMAGED"], ["MISSING"], []],
}


def commands():
    text = run(["--help"]).stdout
    return re.findall(r"^  ([a-z]+) ", text[text.index("Commands:"):], re.MULTILINE)


class JsonErrors(Case):
    def setUp(self):
        super().setUp()
        (self.folder / "damaged").write_bytes(b"{damaged\n")
        (self.folder / "damaged.yaml").write_text("name: 3\nrows: x\nnothing: [\n")
        self.names = {name: str(self.folder / name.lower()) for name in ("MISSING", "DAMAGED", "OUT")}

    def filled(self, word):
        stem, dot, suffix = word.partition(".")
        return self.names.get(stem, stem) + dot + suffix

    def told(self, arguments, status=2, **options):
        """The error object of a call that fails."""
        done = run([self.filled(word) for word in arguments], cwd=SOURCE, **options)
        self.assertEqual(done.returncode, status, f"{arguments}: {done.stdout}{done.stderr}")
        self.assertEqual(done.stdout.count("\n"), 1, f"{arguments}: {done.stdout!r}")
        told = json.loads(done.stdout)
        self.assertEqual(list(told), ["error"], arguments)
        error = told["error"]
        self.assertEqual(list(error), ["status", "text", "problems"], arguments)
        self.assertEqual(error["status"], status, arguments)
        self.assertIn(f"subbyte: {error['text']}\n", done.stderr, arguments)
        self.assertGreater(len(error["problems"]), 0, arguments)
        for problem in error["problems"]:
            self.assertEqual(list(problem), ["file", "place", "text"], arguments)
            for part in problem.values():
                self.assertIn(part, error["text"], arguments)
        return error

    def test_every_command(self):
        self.assertEqual(sorted(commands()), sorted(WRONG))
        for command, calls in WRONG.items():
            for call in ([*calls, ["--no-such-option"], ["--json=1"], ["--json", "--json"]]):
                words = call if any("json" in word for word in call) else [*call, "--json"]
                error = self.told([command, *words])
                if call == ["--no-such-option"]:
                    self.assertEqual(error["problems"][0]["place"], "--no-such-option")
                if words != call:  # without --json nothing stands on standard output
                    plain = run([self.filled(word) for word in [command, *call]], cwd=SOURCE)
                    self.assertEqual((plain.returncode, plain.stdout), (2, ""), call)

    def test_no_command(self):
        self.assertIn("did you mean 'simulate'?", self.told(["simulat", "--json"])["text"])
        self.told(["--json"])
        self.told(["help", "simulat", "--json"])
        self.told(["--version", "--json"])

    def test_every_problem_of_a_configuration_has_its_place(self):
        plan = self.folder / "plan.yaml"
        plan.write_text(SWEEP.format(name="wrong", formats="int4") + "surplus: 1\nmore: 2\n")
        error = self.told(["sweep", str(plan), "--json"])
        lines = plan.read_text().splitlines()
        self.assertEqual([(p["file"], p["place"]) for p in error["problems"]],
                         [(str(plan), f"{lines.index(line) + 1}:1") for line in ("surplus: 1", "more: 2")])
        self.assertEqual(error["text"].count("\n"), 1)

    def test_problems_of_what_a_sweep_names_have_their_own_places(self):
        plan, design = self.folder / "plan.yaml", self.folder / "mine.yaml"
        design.write_text("base: bitmod-8x8\nclok_mhz: 3\nparameters: {rows: 99}\n")
        plan.write_text("designs: [mine.yaml, bitmod-8x8]\nworkload: {layer: l, tokens: 1}\nformats: [int4]\n")
        error = self.told(["sweep", str(plan), "--dram", "hbmm2", "--json"])
        self.assertEqual([(p["file"], p["place"]) for p in error["problems"]],
                         [("", "--dram"), (str(design), "2:1"), (str(design), "3:20")])

    def test_a_name_that_stands_for_nothing_has_the_place_of_its_option(self):
        for call, place, text in (
                (["evaluate", "--format", "int44"], "--format", "unknown format 'int44', expected one of the "),
                (["quantize", "--out", "OUT", "--format", "int44"], "--format", "unknown format 'int44', expected "),
                (["simulate", "--format", "int44"], "--format", "unknown format 'int44', expected one of the "),
                (["survey", "--format", "int44"], "--format", "unknown format 'int44', expected one of the "),
                (["verify", "--format", "int44"], "--format", "unknown format 'int44', expected one of the "),
                (["energy", "--unit", "mx_dot", "--format", "int44"], "--format", "unknown format 'int44', expected "),
                (["formats", "int44"], "--name", "unknown format 'int44', expected one of the "),
                (["evaluate", "--format", "int4:h16"], "--format", "format 'int4:h16': cannot read 'h16', expected gN"),
                (["evaluate", "--format", "m.yaml:h16"], "--format", "format 'm.yaml:h16': cannot read 'h16'"),
                (["verify", "--unit", "mx_dut"], "--unit", "unknown unit 'mx_dut', expected one of "),
                (["synth", "--unit", "mx_dut"], "--unit", "unknown unit 'mx_dut', expected one of "),
                (["synth", "--technology", "osu81"], "--technology", "'osu81' is not a technology, expected one of "),
                (["simulate", "--format", "int4", "--design", "bitmod"], "--design", "'bitmod' is not a design, ")):
            error = self.told([*call, "--json"])
            self.assertEqual([(p["file"], p["place"]) for p in error["problems"]], [("", place)], call)
            self.assertEqual(error["problems"][0]["text"].find(text), 0, error)
            self.assertEqual(error["text"].count(text), 1, error)

    def test_bytes_that_are_no_text(self):
        (self.folder / "damaged").write_bytes(b"\xff\xfe{")
        done = run(["synth", "--liberty", self.names["DAMAGED"], "--json"], text=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("\ufffd", json.loads(done.stdout)["error"]["text"])

    def test_an_output_that_is_standard_output(self):
        error = self.told(["quantize", "--format", "int4", "--out", "/dev/stdout", "--json"])
        self.assertEqual(error["problems"][0]["place"], "--out")

    def test_a_failure_of_the_environment(self):
        environment = {**self.environment, "PATH": str(self.folder)}
        done = run([*VERIFY, "--json"], env=environment)
        self.assertIn(done.returncode, (2, 3))
        self.assertEqual(json.loads(done.stdout)["error"]["status"], done.returncode)
        done = run(["evaluate", "--format", "int4", "--tokens", "9", "--json"], preexec_fn=little_memory)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(json.loads(done.stdout)["error"]["status"], 3)

    def test_a_result_stays_the_one_object(self):
        """Exit status 1 has the result of the command, and a result that cannot be written is no second object."""
        done = run([*VERIFY, "--json"], env=self.environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("runs", json.loads(done.stdout))
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = run(["formats", "--json"], stdout=full, stderr=-1, capture_output=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn("cannot write to stdout", done.stderr)


def little_memory():
    """Enough to start, and not enough for a thread's stack."""
    resource.setrlimit(resource.RLIMIT_AS, (34 << 20, 34 << 20))


class Hints(Case):
    def test_help_of_a_command(self):
        for words in (["help", "evaluate"], ["--help", "evaluate"], ["-h", "evaluate"]):
            done = run(words)
            self.assertEqual((done.returncode, done.stdout), (0, run(["evaluate", "--help"]).stdout), words)
        self.refused(run(["help", "evaluat"]), "did you mean 'evaluate'?")
        self.refused(run(["help", "evaluate", "--json"]), "--json", "nothing")
        self.refused(run(["--version", "x"]), "x: stands after --version")

    def test_a_word_without_its_option(self):
        for words, expected in ((["evaluate", "int4"], "'int4' stands without an option, expected an option before "
                                                       "it, such as --format int4"),
                                (["energy", "mx_dot"], "such as --unit mx_dot"),
                                (["survey", SOURCE / "README.md"], f"such as --model {SOURCE / 'README.md'}"),
                                (["formats", "int4", "int3"], "'int3' stands without an option")):
            self.refused(run(words), expected)

    def test_several_formats_where_one_is_taken(self):
        for words in (["simulate"], ["quantize", "--out", self.folder / "out"], ["energy", "--unit", "mx_dot"]):
            self.refused(run([*words, "--format", "int4,nvfp4"]), "--format: is int4,nvfp4", "for several")

    def test_two_formats_of_one_name_are_refused(self):
        """Two files with one `name:` gave two rows that nothing told apart."""
        words = []
        for folder, low in (("a", -8), ("b", -4)):
            path = self.folder / folder / "f.yaml"
            path.parent.mkdir()
            path.write_text(f"name: same\nalphabet: {{levels: [{low}, -1, 0, 1, 2, 3, 4, 8]}}\n")
            words.append(str(path))
        for command in ("evaluate", "survey"):
            self.refused(run([command, "--tokens", "9", "--format", ",".join(words)]),
                         "--format: has two different formats that are both called 'same:g128', "
                         f"{words[0]} and {words[1]}: expected a `name:` in one of them that tells them apart")
        done = run(["evaluate", "--tokens", "9", "--format", f"{words[1]},{words[1]}:g32"])
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_levels_that_clip_are_said(self):
        mine = self.folder / "mine.yaml"
        mine.write_text("name: mine\nalphabet: {levels: [-4, -1, 0, 1, 2, 3, 4, 8]}\n")
        expected = ("levels from -4 to 8: a weight below -0.5 times its group's largest magnitude is clipped to the "
                    "lowest level")
        for words in (["evaluate", "--tokens", "9"], ["quantize", "--out", self.folder / "out"]):
            said = run([*words, "--format", mine]).stdout
            self.assertIn(f"mine:g128 has {expected}.", " ".join(said.split()))
            said = json.loads(run([*words, "--format", mine, "--json"]).stdout)
            self.assertEqual((said.get("formats") or [said])[0]["clips"], [f"mine:g128 has {expected}"])
        self.assertEqual(json.loads(run(["formats", mine, "--json"]).stdout)["scaling"]["clips"], expected)

    def test_words_where_numbers_are_expected(self):
        for command in ("evaluate", "simulate", "survey", "energy"):
            self.refused(run([command, "--tokens", "abc"]), "--tokens: is abc, expected a whole number of at least ")

    def test_more_tokens_than_are_kept(self):
        done = run(["simulate", "--format", "int4", "--tokens", "65", "--engine", "fast"])
        self.refused(done, "--tokens: is 65, expected 1..64", "--record-activations x.safetensors --record-tokens 65")

    def test_a_refusal_names_designs_that_run_the_format(self):
        done = run(["simulate", "--format", "int8-asym", "--engine", "fast", "--tokens", "1"])
        self.refused(done, "design 'bitmod-8x8' cannot run int8-asym", " run it; `subbyte evaluate`")
        names = re.search(r"; ([^;]*) run it", done.stderr).group(1).replace(" and ", ", ").split(", ")
        for name in names:
            self.assertEqual(run(["simulate", "--format", "int8-asym", "--engine", "fast", "--tokens", "1", "--design",
                                  name]).returncode, 0, name)
        for words in (["simulate", "--layers", "all"], ["evaluate", "--design", "bitmod-8x8", "--tokens", "2"]):
            self.refused(run([*words, "--format", "int8-asym"]), f"{names[0]}")

    def test_a_misspelt_option_without_a_command(self):
        self.refused(run(["--verison"]), "did you mean '--version'?")
        self.refused(run(["-help"]), "did you mean '--help'?")


class DamagedRecords(Case):
    def test_the_place_and_what_was_expected(self):
        record = self.folder / "record.json"
        done = run(["evaluate", "--format", "int4", "--tokens", "9", "--record", record])
        self.assertEqual(done.returncode, 0, done.stderr)
        whole = record.read_text()
        line = whole.splitlines().index(' "kind": "evaluate",') + 1
        for text, expected in (("", "is empty, expected a result record"),
                               (whole[: len(whole) // 2], "the file ends here, expected a result record"),
                               (whole.replace(' "kind":', ' kind:'), f":{line}:2: ".replace(":", "", 1)),
                               ("[]", "it holds [] (array), expected an object"),
                               ("3", "it holds 3 (number), expected an object"),
                               (whole.replace('"evaluate"', "7"), "'kind' is number"),
                               (whole.replace('"provenance": {', '"provenance": 3, "x": {'), "'provenance'"),
                               (whole.replace('"note": "', '"note": 3, "x": "'), "another type")):
            record.write_text(text)
            done = run(["report", record, "--out", self.folder / "page.html"])
            self.refused(done, str(record), expected)
            self.assertNotIn("json.exception", done.stderr)
            self.assertNotIn("parse_error", done.stderr)
            self.assertFalse((self.folder / "page.html").exists())

    def test_records_are_joined_by_what_a_format_is(self):
        """An edited format of one's own has the name of what was evaluated, and is something else."""
        mine = self.folder / "mine.yaml"
        levels = "name: mine\nalphabet: {{levels: [-8, -4, -2, -1, 0, 1, 2, {last}]}}\nscaling: {{group: 32}}\n"
        mine.write_text(levels.format(last=5))
        loss, cost, page = (self.folder / name for name in ("loss.json", "cost.json", "page.html"))
        run(["evaluate", "--format", mine, "--tokens", "200", "--record", loss])
        simulate = ["simulate", "--format", mine, "--layers", "all", "--tokens", "1", "--clock-unchecked", "--design",
                    "fp16-mac-8x8", "--record", cost]
        hints = []
        for last in (5, 4):
            mine.write_text(levels.format(last=last))
            self.assertEqual(run(simulate).returncode, 0)
            self.assertEqual(run(["report", loss, cost, "--out", page]).returncode, 0)
            hints.append("Of these the cost is known and the loss is not" in page.read_text())
        self.assertEqual(hints, [False, True])


if __name__ == "__main__":
    unittest.main(verbosity=1)
