#!/usr/bin/env python3
"""Holds the traces that `simulate --timeline` writes: their format, their tracks, and their sums, the record's."""
import collections
import json
import unittest

from command_case import SOURCE, Case, run

CAUSES = ["activations", "weights", "outputs", "control", "fill", "work", "gap", "drain", "write_back"]
PICOSECONDS = 1e6  # in a microsecond
MOST_EVENTS = 100_000


class Trace:
    """The events of a file by track, (process, thread), with times in whole picoseconds."""

    def __init__(self, path):
        whole = json.loads(path.read_text())
        self.about = whole["otherData"]
        self.tracks, self.names = collections.defaultdict(list), {}
        for event in whole["traceEvents"]:
            if event["ph"] == "M":
                if event["name"] == "thread_name":
                    self.names[event["pid"], event["tid"]] = event["args"]["name"]
                continue
            assert event["ph"] == "X", event
            event["from"] = round(event["ts"] * PICOSECONDS)
            event["to"] = event["from"] + round(event["dur"] * PICOSECONDS)
            self.tracks[event["pid"], event["tid"]].append(event)

    def named(self, name, process=1):
        return next(self.tracks[key] for key, found in self.names.items() if found == name and key[0] == process)

    def sums(self, process=1):
        """Cycles by cause of the tracks to which every cycle is booked once."""
        total = collections.Counter()
        for name in ("array, by cause", "vector unit"):
            if (process, name) in {(key[0], found) for key, found in self.names.items()}:
                for event in self.named(name, process):
                    total.update(event["args"]["cycles"])
        return dict(total)


class Timeline(Case):
    def trace(self, *arguments):
        path = self.folder / "trace.json"
        done = run(["simulate", *arguments, "--timeline", path, "--json"])
        self.assertEqual(done.returncode, 0, done.stderr)
        answer, trace = json.loads(done.stdout), Trace(path)
        self.assertEqual(answer["timeline"]["file"], str(path))
        self.assertEqual(answer["timeline"]["events"], sum(map(len, trace.tracks.values())))
        self.assertLessEqual(answer["timeline"]["events"], MOST_EVENTS)
        self.assertEqual(answer["timeline"]["left_out"], trace.about["left_out"])
        self.check_tracks(trace)
        return answer["record"], trace

    def check_tracks(self, trace):
        """Events lie inside each other or beside each other, and all have a track with a name."""
        self.assertEqual(set(trace.tracks) - set(trace.names), set())
        period = PICOSECONDS / trace.about["clock_mhz"]
        for key, events in trace.tracks.items():
            around = []
            for before, event in zip([None, *events], events):
                self.assertGreater(event["to"], event["from"], event)
                if before:
                    self.assertGreaterEqual(event["from"], before["from"], trace.names[key])
                while around and around[-1]["to"] <= event["from"]:
                    around.pop()
                if around:
                    self.assertLessEqual(event["to"], around[-1]["to"], (trace.names[key], event, around[-1]))
                around.append(event)
                if "cycles" in event["args"]:
                    cycles = sum(event["args"]["cycles"].values())
                    self.assertAlmostEqual(event["to"] - event["from"], cycles * period, delta=1)
                    self.assertLessEqual(set(event["args"]["cycles"]), {*CAUSES, "vector", "vector waiting"})

    def check_whole(self, events, first, last):
        """Nothing is between the events, which go over all of it."""
        self.assertEqual((events[0]["from"], events[-1]["to"]), (first, last))
        for before, event in zip(events, events[1:]):
            self.assertEqual(before["to"], event["from"], (before, event))

    def check_layer(self, record, trace):
        metrics = {metric["name"]: metric["value"] for metric in record["metrics"]}
        causes = {cause: metrics["cycles_" + cause] for cause in CAUSES if metrics["cycles_" + cause] > 0}
        self.assertEqual(trace.sums(), causes)
        self.assertEqual(trace.about["cycles"], metrics["cycles"])
        end = round(metrics["layer_time"] * 1e6 * PICOSECONDS)
        self.check_whole(trace.named("array, by cause"), 0, end)
        self.check_whole(trace.named("layer"), 0, end)
        for operand, name in (("weight", "weights"), ("activation", "activations")):
            moved = sum(event["args"].get("bytes", 0) for event in trace.named(f"memory: {name}"))
            self.assertLessEqual(moved, metrics[operand + "_traffic"])  # which is whole bursts
            self.assertGreater(moved, metrics[operand + "_traffic"] / 2)

    def test_a_layer_has_every_step_and_the_sums_of_its_record(self):
        layer = ["--design", "bitmod-core-4x4", "--engine", "golden,fast", "--tokens", "16"]
        record, trace = self.trace(*layer, "--format", "bitmod-fp4")
        self.check_layer(record, trace)
        self.assertEqual(trace.about["left_out"], [])
        work = [event for event in trace.named("array, by cause") if event["name"] == "work"]
        self.assertEqual(sum(event["args"]["cycles"]["work"] for event in work), trace.sums()["work"])
        # A block of a buffer is held from the moment at which it has come to the end of the last step that uses it.
        for half in ("weight buffer, half 0", "activation buffer, half 1", "output buffer, half 0"):
            self.assertEqual({event["name"].split()[0] for event in trace.named(half)}, {"fill", "hold"}, half)

    def test_gaps_between_chunks_stand_one_by_one(self):
        record, trace = self.trace("--design", "int8-core-4x4", "--format", "int8:g64", "--tokens", "9", "--engine",
                                   "fast")
        self.check_layer(record, trace)
        gaps = [event for event in trace.named("array, by cause") if event["name"] == "gap"]
        self.assertGreater(len(gaps), 10)
        self.assertEqual(sum(event["args"]["cycles"]["gap"] for event in gaps), trace.sums()["gap"])

    def check_phases(self, record, trace):
        start = 0
        tables = [table for table in record["tables"] if table["title"].endswith("where the cycles go")]
        for process, table in enumerate(tables, 1):
            total = dict(zip([column["name"] for column in table["columns"]][1:], table["rows"][-1][1:]))
            self.assertEqual(trace.sums(process), {cause: cycles for cause, cycles in total.items() if cycles > 0})
            end = start + round(sum(total.values()) * PICOSECONDS / trace.about["clock_mhz"])
            model = trace.named("model", process)
            self.assertEqual((model[0]["from"], model[-1]["to"]), (start, end))
            start = end
        self.assertEqual(trace.about["cycles"] * PICOSECONDS / trace.about["clock_mhz"], start)

    def test_phases_of_a_model_have_the_sums_of_the_record(self):
        for more in ([], ["--kv-format", "int8", "--context", "11", "--batch", "2"]):
            record, trace = self.trace("--workload", "embedded", "--format", "bitmod-fp4", "--design",
                                       "bitmod-core-4x4", "--phase", "prefill=16,decode=5", *more)
            self.check_phases(record, trace)
            model = [event["name"] for event in trace.named("model", 2)]
            self.assertEqual([name for name in model if name.startswith("step")], [f"step {i}" for i in range(1, 6)])
            self.assertEqual([name for name in model if name.startswith("block")], ["block 0", "block 1"])
            self.assertIn("decode: steps 2 to 5 are an event each, without layers", trace.about["left_out"])

    def test_a_large_model_stays_within_the_limit_and_says_what_it_leaves_out(self):
        record, trace = self.trace("--workload", "llama-2-7b", "--format", "bitmod-fp4", "--kv-format", "int8",
                                   "--design", "bitmod-core-32x32", "--phase", "prefill=2048,decode=3200")
        self.check_phases(record, trace)
        text = "\n".join(trace.about["left_out"])
        for words in ("of its loop nest are one event", "prefill: blocks 1 to 31 are as block 0",
                      "decode: steps 3126 to 3200 are one event"):
            self.assertIn(words, text)

    def test_blocks_of_different_formats_stand_without_an_order(self):
        policy = self.folder / "policy.yaml"
        policy.write_text("default: bitmod-fp4\nlayers: [{match: '*.0.mlp.*', format: int8}]\nskip: [lm_head]\n")
        record, trace = self.trace("--workload", "embedded", "--format", policy, "--design", "bitmod-core-4x4",
                                   "--phase", "decode=3")
        self.check_phases(record, trace)
        self.assertIn("blocks have different formats", "\n".join(trace.about["left_out"]))

    def test_a_product_is_a_phase(self):
        record, trace = self.trace("--gemm", "tokens=32,outputs=512,inputs=512", "--format", "int4", "--design",
                                   "bitmod-core-32x32")
        self.check_phases(record, trace)

    def test_the_text_says_where_it_is_and_what_is_left_out(self):
        path = self.folder / "new" / "trace.json"
        done = run(["simulate", "--workload", "embedded", "--format", "int4", "--design", "bitmod-core-4x4",
                    "--timeline", path])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"events in {path}", done.stdout.replace("\n  ", " "))
        self.assertIn("left out of it: decode: steps 2 to 256", done.stdout)
        first = path.read_bytes()
        run(["simulate", "--workload", "embedded", "--format", "int4", "--design", "bitmod-core-4x4", "--timeline",
             path])
        self.assertEqual(path.read_bytes(), first)

    def test_what_has_no_timeline_is_refused_and_nothing_is_written(self):
        path = self.folder / "trace.json"
        core = ["simulate", "--format", "int4", "--design", "bitmod-core-4x4", "--timeline", path]
        for words, said in ((["simulate", "--format", "int4", "--timeline", path], "a design with a core"),
                            ([*core, "--engine", "golden"], "fast, systemc or rtl"),
                            ([*core, "--layers", "all"], "--layer")):
            self.refused(run(words), "--timeline", said)
            self.assertFalse(path.exists())
        weights, packed = self.packed()
        self.refused(run(["simulate", "--weights", weights, "--design", "bitmod-core-4x4", "--engine", "fast",
                          "--timeline", weights]), "--timeline", str(weights))
        self.assertEqual(weights.read_bytes(), packed)
        shape = self.folder / "shape.json"
        shape.write_bytes((SOURCE / "configs/workloads/embedded/config.json").read_bytes())
        self.refused(run(["simulate", "--workload", shape, "--format", "int4", "--design", "bitmod-core-4x4",
                          "--timeline", shape]), "--timeline")
        self.assertEqual(json.loads(shape.read_text())["hidden_size"], 128)


if __name__ == "__main__":
    unittest.main()
