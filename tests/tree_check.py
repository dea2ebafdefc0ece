#!/usr/bin/env python3
"""The tree's own laws: the stem rule, the include law, where foreign libraries may be included, and file sizes.

Prints every breach with its place and exits 1 if there is one. `--self-test` breaks each law in a copy and expects it to be found.
"""
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

LEVELS = {  # directory -> directories it may include
    "quant": {"quant"},
    "reports": {"reports"},
    "kernels": {"kernels", "quant"},
    "models": {"models", "kernels", "quant"},
    "testbenches": {"testbenches", "kernels", "quant"},
    "sim": {"sim", "models", "testbenches", "kernels", "quant", "reports"},
    "tests": {"tests", "sim", "models", "testbenches", "kernels", "quant", "reports"},
}
FOREIGN = {  # include pattern -> the only directories that may use it
    r"systemc(\.h)?$": {"models"},
    r"(V[a-z0-9_]+\.h|verilated.*)$": {"testbenches"},
    r"yaml-cpp/.*": {"sim"},
    r"boost/program_options.*": {"sim"},
    r"cuda.*": {"kernels"},
}
TWINS = ["rtl/{}.sv", "kernels/{}.hpp", "kernels/{}.cpp", "models/{}.hpp", "models/{}.cpp",
         "testbenches/{}.cpp", "testbenches/{}_sva.sv", "tests/{}_test.cpp"]
MAX_LINES = 300
CODE = {".cpp", ".hpp", ".sv", ".py", ".cu", ".sh"}


def units(root):
    text = (root / "kernels/units.def").read_text()
    return re.findall(r"^SUBBYTE_UNIT\((\w+)\)", text, re.M)


def stem_rule(root):
    for unit in units(root):
        for twin in TWINS:
            path = twin.format(unit)
            if not (root / path).is_file():
                yield f"{path}: missing twin of unit '{unit}'"


def includes(root):
    for directory, allowed in LEVELS.items():
        for path in sorted((root / directory).rglob("*")):
            if path.suffix not in {".cpp", ".hpp"}:
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = re.match(r'\s*#include\s+[<"]([^>"]+)[>"]', line)
                if not match:
                    continue
                place, name = f"{path.relative_to(root)}:{number}", match.group(1)
                top = name.split("/")[0]
                if top in LEVELS and top not in allowed:
                    yield f"{place}: {directory}/ includes {name}, allowed: {', '.join(sorted(allowed))}"
                for pattern, homes in FOREIGN.items():
                    if re.match(pattern, name) and directory not in homes and top not in LEVELS:
                        yield f"{place}: {name} belongs in {', '.join(sorted(homes))}/ alone"


def sizes(root):
    for directory in [*LEVELS, "rtl", "configs", "demo", "cmake"]:
        for path in sorted((root / directory).rglob("*")):
            if path.suffix in CODE and "generated" not in path.parts:
                lines = len(path.read_text().splitlines())
                if lines > MAX_LINES:
                    yield f"{path.relative_to(root)}: {lines} lines, expected at most {MAX_LINES}"


def readmes(root):
    for directory in [*LEVELS, "rtl", "configs"]:
        if not (root / directory / "README.md").is_file():
            yield f"{directory}/README.md: missing"


def breaches(root):
    return [*stem_rule(root), *includes(root), *sizes(root), *readmes(root)]


def self_test(root):
    def copy():
        target = Path(tempfile.mkdtemp()) / "tree"
        shutil.copytree(root, target, ignore=shutil.ignore_patterns(".git", "build*", "*.safetensors"))
        return target

    def broken(change, expected):
        tree = copy()
        change(tree)
        found = breaches(tree)
        shutil.rmtree(tree.parent)
        assert any(expected in line for line in found), f"a broken tree was not noticed: {expected}"

    broken(lambda t: (t / "models/bitserial_pe.cpp").unlink(), "models/bitserial_pe.cpp: missing twin")
    broken(lambda t: (t / "quant/x.hpp").write_text('#include "kernels/unit.hpp"\n'), "quant/x.hpp:1: quant/ includes")
    broken(lambda t: (t / "sim/x.cpp").write_text("#include <systemc>\n"), "sim/x.cpp:1: systemc belongs in models/")
    broken(lambda t: (t / "sim/x.cpp").write_text("\n" * 301), "sim/x.cpp: 301 lines")


def main():
    root = Path(os.environ.get("SUBBYTE_SOURCE_DIR", Path(__file__).resolve().parent.parent))
    found = breaches(root)
    print("\n".join(found) or f"tree laws hold: {len(units(root))} units")
    if found:
        return 1
    self_test(root)
    print("each law, broken on purpose, is noticed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
