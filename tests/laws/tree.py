"""What the tree looks like: the data behind its laws (DESIGN: directory = target = level)."""

# Room -> rooms it may include, itself aside. A room is a folder of sim/, quant/ or kernels/; elsewhere it is the layer.
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
    "sweep": ["base", "config", "checkpoint", "workload", "cells", "synthesis", "engines", "area", "energy", "cost"],
    "reproduce": ["base", "cells", "netlist", "synthesis", "area", "energy"],
}
WINGS["commands"] = list(WINGS)
QUANT = ["quant/base", "quant/formats", "quant/rules"]
KERNELS = ["kernels", "kernels/contract", "kernels/arithmetic", "kernels/parts"]
LEVELS = {
    "quant/base": [],
    "quant/formats": ["quant/base"],
    "quant/rules": ["quant/base", "quant/formats"],
    "reports": [],
    "kernels/arithmetic": QUANT,
    "kernels/contract": [*QUANT, "kernels/arithmetic"],
    "kernels/linear": [*QUANT, "kernels/arithmetic"],  # CPU and GPU kernels know no unit
    "kernels/parts": [*QUANT, *KERNELS],  # parts and units are one level: no circle of files is their law
    "kernels": [*QUANT, *KERNELS],
    "models": [*QUANT, *KERNELS],
    "testbenches": [*QUANT, *KERNELS],
}
for _wing, _lower in WINGS.items():
    LEVELS[f"sim/{_wing}"] = [*QUANT, *KERNELS, "kernels/linear", "reports", *(f"sim/{name}" for name in _lower)]
LEVELS["sim/engines"] += ["models", "testbenches"]  # the one wing that runs them
LEVELS["tests"] = [*LEVELS]

# Include pattern -> the only folders that may use it.
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

# Functions that start programs -> the one file that may call them; the tests' own start of the program aside.
STARTS_PROGRAMS = r"\b(popen|system|posix_spawnp?|v?fork|exec[lv][pe]*)\s*\("
STARTER = "sim/base/process.cpp"

# What a unit costs; a row in models/catalogue.cpp and a line in kernels/units.def besides.
TWINS = ["rtl/{}.sv", "kernels/{}.hpp", "kernels/{}.cpp", "tests/{}_test.cpp"]
OPTIONAL_TWINS = ["models/{}.hpp", "models/{}.cpp", "testbenches/{}_sva.sv"]
LEAST_LINES = 15  # of a file with a unit's name: a shorter one says nothing

# Folder of tests -> the targets that its tests link, where that is not the wing of its name alone.
TEST_LINKS = {
    ".": ["engines", "kernels_linear"],  # a unit's test asks every engine, and the CPU's layers
    "quant": ["quant"],
    "kernels": ["kernels", "kernels_linear"],
    "models": ["models"],
    "reports": ["reports"],
    "fuzz": ["packed", "netlist"],  # corpus_test replays the corpus of every reader
    "sim/engines": ["engines", "kernels_linear"],  # whole layers are compared with the CPU's
}
# Rooms of the targets below the wings.
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
# File or folder whose functions may be longer, and why.
LONG_FUNCTIONS = {}
# Text that is not written by hand.
GENERATED = ["rtl/generated", "tests/corpus", "reports/page/echarts.min.js", "reports/formats.md"]
