"""What the tree looks like: the data behind its laws. A folder of code is one target and one level."""

# Each room has the rooms that it may include beside itself. A room is a folder of sim/, quant/ or kernels/, and
# elsewhere it is the layer.
WINGS = {
    "base": [],
    "files": ["base"],
    "config": ["base", "files"],
    "checkpoint": ["base", "files"],
    "packed": ["base", "files", "config", "checkpoint"],
    "workload": ["base", "files", "config", "checkpoint", "packed"],
    "cells": ["base", "config"],
    "netlist": ["base", "cells"],
    "synthesis": ["base", "cells", "netlist"],
    "mapping": ["config", "workload"],
    "engines": ["base", "config", "cells", "netlist", "synthesis", "mapping"],
    "llm": ["base", "files", "config", "checkpoint", "workload", "mapping", "engines"],
    "area": ["base", "netlist", "synthesis", "engines"],
    "energy": ["base", "config", "workload", "cells", "netlist", "synthesis", "mapping", "engines", "area"],
    "cost": ["base", "config", "workload", "cells", "synthesis", "mapping", "engines", "area", "energy"],
    "timeline": ["base", "config", "workload", "mapping", "engines", "cost"],
    "sweep": ["base", "config", "checkpoint", "workload", "cells", "synthesis", "engines", "area", "energy", "cost"],
    "reproduce": ["base", "config", "workload", "cells", "netlist", "synthesis", "mapping", "engines", "area",
                  "energy", "cost"],
}
WINGS["commands"] = list(WINGS)
QUANT = ["quant/base", "quant/formats", "quant/rules"]
KERNELS = ["kernels", "kernels/contract", "kernels/arithmetic", "kernels/parts", "kernels/core"]
LEVELS = {
    "quant/base": [],
    "quant/formats": ["quant/base"],
    "quant/rules": ["quant/base", "quant/formats"],
    "reports": [],
    "kernels/arithmetic": QUANT,
    "kernels/contract": [*QUANT, "kernels/arithmetic"],
    "kernels/linear": [*QUANT, "kernels/arithmetic"],  # the kernels of the CPU and the GPU know no unit
    "kernels/core": [*QUANT, *KERNELS],
    "kernels/parts": [*QUANT, *KERNELS],  # parts and units are one level: their law is that no files form a circle
    "kernels": [*QUANT, *KERNELS],
    "models": [*QUANT, *KERNELS],
    "testbenches": [*QUANT, *KERNELS],
}
for _wing, _lower in WINGS.items():
    LEVELS[f"sim/{_wing}"] = [*QUANT, *KERNELS, "kernels/linear", "reports", *(f"sim/{name}" for name in _lower)]
LEVELS["sim/engines"] += ["models", "testbenches"]  # the one wing that runs them
LEVELS["tests"] = [*LEVELS]

# Each pattern of an include has the only folders that may use it.
FOREIGN = {
    r"systemc(\.h)?$": ["models"],
    r"(V[a-z0-9_]+\.h|verilated.*)$": ["testbenches"],
    r"yaml-cpp/.*": ["sim/config"],
    r"boost/program_options.*": ["sim/commands"],
    r"Eigen/.*": ["quant/calibration", "quant/allocation"],
    r"pybind11/.*": ["sim/python"],
    r"cuda.*": ["kernels/linear"],
    r"pcre2.*": ["sim/checkpoint"],
    r"zlib\.h": ["sim/base"],
    r"tbb/.*": ["sim/base", "kernels/linear"],
    r"xxhash\.h": ["sim/base", "kernels/contract"],
    r"spawn\.h": ["sim/base"],
    r"dlfcn\.h": ["testbenches"],
    r"hwy/.*": ["quant/base", "quant/rules", "kernels/parts", "kernels/linear", "sim/netlist"],
}

# Functions that start programs have one file that may call them. The tests' own start of the program is not among them.
STARTS_PROGRAMS = r"\b(popen|system|posix_spawnp?|v?fork|exec[lv][pe]*)\s*\("
STARTER = "sim/base/process.cpp"

# A unit costs these files, and a row in models/catalogue.cpp and a line in kernels/units.def besides.
RTL = "rtl/{}.sv"  # which the units of kernels/without_rtl.def do not have
TWINS = [RTL, "kernels/{}.hpp", "kernels/{}.cpp", "tests/{}_test.cpp"]
OPTIONAL_TWINS = ["models/{}.hpp", "models/{}.cpp", "testbenches/{}_sva.sv"]
LEAST_LINES = 15  # a file with a unit's name that is shorter says nothing

# These folders of tests link other targets than the wing of their name alone.
TEST_LINKS = {
    ".": ["engines", "kernels_linear"],  # a unit's test asks every engine, and the CPU's layers
    "quant": ["quant"],
    "kernels": ["kernels", "kernels_linear"],
    "models": ["models"],
    "reports": ["reports"],
    "fuzz": ["workload", "netlist"],  # corpus_test replays the corpus of every reader
    "sim/engines": ["engines", "kernels_linear"],  # whole layers are compared with the CPU's
}
# The targets below the wings have these rooms.
TARGETS = {
    "quant": QUANT,
    "kernels": KERNELS,
    "kernels_linear": ["kernels/linear"],
    "models": ["models"],
    "testbenches": ["testbenches"],
    "reports": ["reports"],
}

MOST_LINES = 300
MOST_FUNCTION_LINES = 40
MOST_STEMS = 25
MOST_COLUMNS = 120
MOST_MARKDOWN_COLUMNS = 100
MOST_README_LINES = 40
# The functions of these files or folders may be longer, and this is why.
LONG_FUNCTIONS = {}
# These texts are not written by hand.
GENERATED = ["rtl/generated", "tests/corpus", "reports/page/echarts.min.js", "reports/formats.md"]
