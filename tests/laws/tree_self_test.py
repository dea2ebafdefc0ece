"""Breaks each law of the tree once, in a copy, and expects the breach to be found."""
import shutil
import tempfile
from pathlib import Path


def append(path, text):
    path.write_text(path.read_text() + text)


def replace(path, old, new):
    text = path.read_text()
    assert old in text, f"{path} does not hold {old!r}"
    path.write_text(text.replace(old, new))


# What is done to the tree, and a part of the line that must be printed.
BREAKS = [
    (lambda t: (t / "rtl/bitserial_pe.sv").unlink(), "rtl/bitserial_pe.sv: missing twin"),
    (lambda t: replace(t / "models/catalogue.cpp", '    {"mx_dot", ', '    {"mx_dat", '), "models/catalogue.cpp: rows"),
    (lambda t: (t / "testbenches/mx_dot_sva.sv").write_text("// nothing\n"), "testbenches/mx_dot_sva.sv: fewer than"),
    (lambda t: (t / "quant/base/x.hpp").write_text('#include "kernels/contract/unit.hpp"\n'), "quant/base/ includes"),
    (lambda t: (t / "sim/cells/x.hpp").write_text('#include "sim/energy/energy.hpp"\n'), "sim/cells/ includes"),
    (lambda t: (t / "sim/llm/x.hpp").write_text('#include "models/catalogue.hpp"\n'), "sim/llm/ includes"),
    (lambda t: (t / "kernels/linear/x.hpp").write_text('#include "kernels/mx_dot.hpp"\n'), "kernels/linear/ includes"),
    (lambda t: (t / "sim/base/x.hpp").write_text('#include "sim/base/y.hpp"\n'), "sim/base/y.hpp is not there"),
    (lambda t: (t / "sim/cells/x.cpp").write_text("#include <systemc>\n"),
     "sim/cells/x.cpp:1: systemc belongs in models/"),
    (lambda t: (t / "sim/cells/x.cpp").write_text("#include <yaml-cpp/yaml.h>\n"), "belongs in sim/config/ alone"),
    (lambda t: append(t / "sim/base/hash.hpp", '#include "sim/base/cache.hpp"\n'), "include each other in a circle"),
    (lambda t: replace(t / "sim/energy/CMakeLists.txt", "sim/cells sim/netlist sim/energy", "sim/netlist sim/energy"),
     "the version energy_engine hashes"),
    (lambda t: replace(t / "sim/sweep/CMakeLists.txt", "sim/mapping ", ""), "the version point_program hashes"),
    (lambda t: append(t / "sim/sweep/point.cpp", '#include "kernels/linear/exact_linear.hpp"\n'),
     "the version point_program depends on it"),
    (lambda t: (t / "sim/base/x.cpp").write_text("\n" * 301), "sim/base/x.cpp: 301 lines"),
    (lambda t: (t / "sim/base/x.cpp").write_text("void f() {\n" + "  g();\n" * 40 + "}\n"), "a function of 42 lines"),
    (lambda t: [(t / f"sim/base/x{i}.hpp").write_text("\n") for i in range(26)], "stems, expected at most 25"),
    (lambda t: (t / "sim/cells/README.md").unlink(), "sim/cells/README.md: missing"),
    (lambda t: append(t / "sim/cells/README.md", "\n" * 50), "sim/cells/README.md: "),
    (lambda t: append(t / "sim/base/hash.hpp", "// " + "x" * 120 + "\n"), "123 columns, expected at most 120"),
    (lambda t: append(t / "sim/cells/README.md", "x" * 50 + " " + "x" * 50 + "\n"),
     "101 columns, expected at most 100"),
]
FORMATTED_BREAK = (lambda t: append(t / "sim/base/hash.hpp", "int  x;\n"), "clang-format would change it")


def run(root, breaches):
    def copy():
        target = Path(tempfile.mkdtemp()) / "tree"
        ignore = shutil.ignore_patterns(".git", "build*", "*.safetensors", "*.npy", "out", "corpus")
        shutil.copytree(root, target, ignore=ignore)
        return target

    for change, expected in [*BREAKS, FORMATTED_BREAK]:
        tree = copy()
        change(tree)
        found = breaches(tree, formatted=expected == FORMATTED_BREAK[1])
        shutil.rmtree(tree.parent)
        assert any(expected in line for line in found), f"a broken tree was not noticed: {expected}"
