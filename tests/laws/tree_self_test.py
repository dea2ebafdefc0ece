"""Breaks each law of the tree once, in a copy, and expects the breach to be found."""
import shutil
import tempfile
from pathlib import Path

import tree

LONG = "  g();\n" * 40


def append(path, text):
    path.write_text(path.read_text() + text)


def replace(path, old, new):
    text = path.read_text()
    assert old in text, f"{path} does not hold {old!r}"
    path.write_text(text.replace(old, new))


def put(place, text):
    """Returns a change that writes a file."""
    def change(root):
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text(text)
    return change


def including(place, name):
    return put(place, f'#include "{name}"\n')


# Each line has what is done to the tree, and a part of the line that must be printed.
BREAKS = [
    (lambda t: (t / "rtl/bitserial_pe.sv").unlink(), "rtl/bitserial_pe.sv: missing twin"),
    (put("rtl/vector_unit.sv", "\n" * 20), "rtl/vector_unit.sv: is there, so its line"),
    (lambda t: replace(t / "models/catalogue.cpp", '    {"mx_dot", ', '    {"mx_dat", '), "models/catalogue.cpp: rows"),
    (put("testbenches/mx_dot_sva.sv", "// nothing\n"), "testbenches/mx_dot_sva.sv: fewer than"),
    (including("quant/base/x.hpp", "kernels/contract/unit.hpp"), "quant/base/ includes"),
    (including("sim/cells/x.hpp", "sim/energy/energy.hpp"), "sim/cells/ includes"),
    (including("sim/llm/x.hpp", "models/catalogue.hpp"), "sim/llm/ includes"),
    (including("kernels/linear/x.hpp", "kernels/mx_dot.hpp"), "kernels/linear/ includes"),
    (including("sim/base/x.hpp", "sim/base/y.hpp"), "sim/base/y.hpp is not there"),
    (including("sim/attic/x.hpp", "sim/base/hash.hpp"), "sim/attic/x.hpp: the room sim/attic is not in"),
    (put("sim/cells/x.cpp", 'int f() { return system("ls"); }\n'), "x.cpp:1: system belongs in sim/base/process"),
    (put("sim/cells/x.cpp", 'FILE* f() { return popen("ls", "r"); }\n'), "sim/cells/x.cpp:1: popen belongs in"),
    (put("sim/base/x.cpp", "int f() {\n  return posix_spawn(0, 0, 0, 0, 0, 0);\n}\n"),
     "x.cpp:2: posix_spawn belongs in"),
    (put("sim/netlist/x.cpp", "#include <hwy/highway.h>\n"),
     "hwy/highway.h comes before quant/base/simd_targets.hpp"),
    (lambda t: append(t / "sim/base/hash.hpp", '#include "sim/base/cache.hpp"\n'), "include each other in a circle"),
    (lambda t: replace(t / "sim/sweep/CMakeLists.txt", "sim/mapping ", ""), "the version point_program hashes"),
    (lambda t: append(t / "sim/energy/energy.cpp", '#include "kernels/parts/tile_beat.hpp"\n'),
     "kernels/parts/tile_beat.cpp: the version energy_engine depends on it, but neither hashes"),
    (lambda t: append(t / "sim/synthesis/flow.cpp", '#include "sim/base/lists.hpp"\n'),
     "sim/base/lists.hpp: the version synthesis_engine depends on it, but neither hashes"),
    (lambda t: [(t / f"sim/base/gzip.{suffix}").unlink() for suffix in ("hpp", "cpp")],
     "energy_engine does not depend on sim/base/gzip, which needs no reason"),
    (lambda t: (t / "sim/synthesis/opensta.cpp").unlink(), "opensta.cpp: the version synthesis_engine is of it, but"),
    (put("sim/base/x.cpp", "\n" * 301), "sim/base/x.cpp: 301 lines"),
    (put("sim/base/x.cpp", "void f() {\n" + LONG + "}\n"), "a function of 42 lines"),
    (put("sim/base/x.cpp", "namespace x {\nclass A {\n public:\n  A(int a,\n    int b) noexcept : a_{a}, b_(b) {\n"
         + LONG + "  }\n};\n}\n"), "sim/base/x.cpp:4: a function of 43 lines"),
    (put("tests/x_test.cpp", "TEST(A, B) {\n" + LONG + "}\n"), "tests/x_test.cpp:1: a function of 42 lines"),
    (put("tests/laws/x.py", "def f(a,\n      b):\n" + "    a += b\n" * 40),
     "tests/laws/x.py:1: a function of 42 lines"),
    (put("docs/x.js", "function f(a,\n           b) {\n" + LONG + "}\n"), "docs/x.js:1: a function of 43 lines"),
    (put("docs/x.js", "const a = /[`{\"]/;\nfunction f() {\n" + LONG + "}\n"), "docs/x.js:2: a function of 42 lines"),
    (lambda t: [(t / f"sim/base/x{i}.hpp").write_text("\n") for i in range(26)], "stems, expected at most 25"),
    (lambda t: (t / "sim/cells/README.md").unlink(), "sim/cells/README.md: missing"),
    (lambda t: append(t / "sim/cells/README.md", "\n" * 50), "sim/cells/README.md: "),
    (lambda t: append(t / "sim/base/hash.hpp", "// " + "x" * 120 + "\n"), "123 columns, expected at most 120"),
    (lambda t: append(t / "sim/cells/README.md", "x" * 50 + " " + "x" * 50 + "\n"),
     "101 columns, expected at most 100"),
    (lambda t: replace(t / "sim/cells/CMakeLists.txt", "subbyte::config", "subbyte::config subbyte::netlist"),
     "sim/cells/CMakeLists.txt: links subbyte::netlist"),
    (lambda t: replace(t / "sim/area/CMakeLists.txt", "subbyte::engines", ""), "sim/area/CMakeLists.txt: may include"),
    (lambda t: replace(t / "tests/CMakeLists.txt", "subbyte_tests(sim/cells LINKS subbyte::cells)",
                       "subbyte_tests(sim/cells LINKS subbyte::energy)"), "tests/sim/cells links subbyte::energy"),
    (including("tests/sim/cells/x_test.cpp", "sim/energy/energy.hpp"),
     "tests/sim/cells/x_test.cpp: includes sim/energy"),
    (including("tests/sim/attic/x_test.cpp", "sim/base/hash.hpp"), "tests/sim/attic: tests/CMakeLists.txt does not"),
    (including("tests/fuzz/npy_fuzz.cpp", "sim/packed/packed_file.hpp"),
     "tests/fuzz/npy_fuzz.cpp: includes sim/packed"),
]
# Each pattern of tree.FOREIGN has a header that matches it, which is included where it does not belong.
SAMPLES = {
    r"systemc(\.h)?$": "systemc",
    r"(V[a-z0-9_]+\.h|verilated.*)$": "verilated.h",
    r"yaml-cpp/.*": "yaml-cpp/yaml.h",
    r"boost/program_options.*": "boost/program_options.hpp",
    r"Eigen/.*": "Eigen/Dense",
    r"pybind11/.*": "pybind11/pybind11.h",
    r"cuda.*": "cuda_runtime.h",
    r"pcre2.*": "pcre2.h",
    r"zlib\.h": "zlib.h",
    r"tbb/.*": "tbb/parallel_for.h",
    r"xxhash\.h": "xxhash.h",
    r"spawn\.h": "spawn.h",
    r"dlfcn\.h": "dlfcn.h",
    r"hwy/.*": "hwy/aligned_allocator.h",
}
FORMATTED_BREAK = (lambda t: append(t / "sim/base/hash.hpp", "int  x;\n"), "clang-format would change it")


def foreign_breaks():
    assert set(SAMPLES) == set(tree.FOREIGN), "each library of tree.FOREIGN needs a header here, and no other"
    for pattern, homes in tree.FOREIGN.items():
        name = SAMPLES[pattern]
        yield put("sim/mapping/x.cpp", f"#include <{name}>\n"), f"sim/mapping/x.cpp:1: {name} belongs in {homes[0]}"


def contents(root):
    return {path.relative_to(root): path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}


def restore(copy, root, before):
    """Undoes a change: what differs from `before` is as in the tree again, or is gone."""
    after = contents(copy)
    for path in after.keys() - before.keys():
        (copy / path).unlink()
    for path in [path for path in before if after.get(path) != before[path]]:
        shutil.copy2(root / path, copy / path)


def run(root, breaches):
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tree"
        ignore = shutil.ignore_patterns(".git", "build*", "*.safetensors", "*.npy", "out", "corpus", "__pycache__")
        shutil.copytree(root, copy, ignore=ignore)
        before = contents(copy)
        for change, expected in [*BREAKS, *foreign_breaks(), FORMATTED_BREAK]:
            change(copy)
            found = breaches(copy, formatted=expected == FORMATTED_BREAK[1])
            assert any(expected in line for line in found), f"a broken tree was not noticed: {expected}"
            restore(copy, root, before)
