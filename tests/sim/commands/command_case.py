"""What the tests of the command line share: the program, the tree, and a case with a folder of its own.

With SUBBYTE=PROGRAM the cases run another program, for example that of an older revision.
"""
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

SUBBYTE = str(Path(os.environ.get("SUBBYTE", "build/subbyte")).absolute())
SOURCE = Path(os.environ.get("SUBBYTE_SOURCE_DIR", ".")).absolute()
QUANTIZE = ["quantize", "--format", "int4", "--layer", "*q_proj"]
VERIFY = ["verify", "--unit", "ternary2_unpack", "--format", "ternary", "--params", "codes=8", "--stalls", "0",
          "--cases", "20"]


def run(arguments, **options):
    options = {"capture_output": True, "text": True, **options}
    return subprocess.run([SUBBYTE, *map(str, arguments)], **options)


def shell(text, **options):
    """Runs a line of shell in which $subbyte is the program."""
    return subprocess.run(["bash", "-c", text], capture_output=True, env={**os.environ, "subbyte": SUBBYTE}, **options)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="subbyte-faults-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.environment = {**os.environ, "SUBBYTE_CACHE": str(self.folder / "cache")}

    def packed(self, name="packed"):
        """Makes a packed file, and returns it with its bytes."""
        path = self.folder / name
        done = run([*QUANTIZE, "--out", path])
        self.assertEqual(done.returncode, 0, done.stderr)
        return path, path.read_bytes()

    def refused(self, done, *words):
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)


SWEEP = """name: "{name}"
design: int8-8x8
workload: {{layer: model.layers.0.self_attn.q_proj, tokens: 1}}
formats: [{formats}]
vary: [{{rows: 1, cols: 1}}]
objectives: {{maximize: [sqnr_db], minimize: [bits_per_weight]}}
"""
