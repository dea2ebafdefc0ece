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
}

# What a unit costs; a row in models/catalogue.cpp and a line in kernels/units.def besides.
TWINS = ["rtl/{}.sv", "kernels/{}.hpp", "kernels/{}.cpp", "tests/{}_test.cpp"]
OPTIONAL_TWINS = ["models/{}.hpp", "models/{}.cpp", "testbenches/{}_sva.sv"]
LEAST_LINES = 15  # of a file with a unit's name: a shorter one says nothing

# Why a room that a kept result depends on need not be hashed with it.
NO_FIGURES = "files, processes and loops: a result does not depend on how they are done"
TEXT = "text and tables around results"
BY_STIMULUS = "stimuli enter by their content"
BY_PARAMETERS = "a design enters by its parameters, which are in the key"
BY_LIBRARY = "a technology enters by the content of its library"
BY_NETLIST = "a netlist enters by its content"
BY_CONTENT = "weights and activations enter by their content"
NAMES = "names of units and parameters"


def same(reason, *rooms):
    return dict.fromkeys(rooms, reason)


# What every step behind a netlist includes of the layers below.
BELOW_NETLISTS = {
    "sim/base": NO_FIGURES,
    **same(BY_LIBRARY, "sim/config", "sim/files"),
    **same(NAMES, "kernels/contract", "kernels", "kernels/arithmetic", "quant/base", "quant/formats"),
}

# Version of kept results -> where the results are made, the folders that the version hashes (in its wing's
# CMakeLists.txt), and why the other folders that the makers include need not be hashed.
VERSIONS = {
    "energy_engine": {
        "wing": "sim/energy",
        "from": ["sim/energy/energy.cpp", "sim/energy/energy_cache.cpp"],
        "folders": ["sim/cells", "sim/netlist", "sim/energy"],
        "reasons": {
            "sim/base": NO_FIGURES,
            "sim/config": BY_PARAMETERS,
            "sim/synthesis": BY_NETLIST,
            **same(BY_STIMULUS, "sim/files", "sim/checkpoint", "sim/packed", "sim/workload", "sim/mapping", *KERNELS,
                   "kernels/linear", *QUANT, "models", "testbenches"),
            **same(TEXT, "sim/area", "sim/engines", "reports"),
        },
    },
    "netlist_engine": {
        "wing": "sim/netlist",
        "from": ["sim/synthesis/paths.cpp"],
        "folders": ["sim/cells", "sim/netlist"],
        "reasons": {**BELOW_NETLISTS, "sim/synthesis": BY_NETLIST + "; this wing asks and keeps the answer"},
    },
    "proof_engine": {
        "wing": "sim/synthesis",
        "from": ["sim/synthesis/equivalence.cpp"],
        "folders": ["sim/cells", "sim/netlist", "sim/synthesis"],
        "reasons": BELOW_NETLISTS,
    },
    "point_program": {
        "wing": "sim/sweep",
        "from": ["sim/sweep/point.cpp", "sim/sweep/sweep.cpp"],
        "folders": [*QUANT, "kernels", "kernels/contract", "kernels/arithmetic", "kernels/parts", "models",
                    "models/systemc", "models/parts", "models/fast", "testbenches/harness", "sim/cells", "sim/netlist",
                    "sim/synthesis", "sim/mapping", "sim/engines", "sim/area", "sim/energy", "sim/cost", "sim/sweep"],
        "reasons": {
            "sim/base": NO_FIGURES,
            "sim/config": "formats, designs and memories enter by what was read, which is in the key",
            **same(BY_CONTENT, "sim/files", "sim/checkpoint", "sim/packed", "sim/workload"),
            "reports": TEXT,
        },
    },
}

MOST_LINES = 300
MOST_FUNCTION_LINES = 40
MOST_STEMS = 25
MOST_COLUMNS = 120
MOST_MARKDOWN_COLUMNS = 100
MOST_README_LINES = 40
# Folders of data, and of one file per unit: as many files as there are things.
MANY_STEMS = {"tests", "configs/designs", "tests/support", "tests/quant"}
# Text that is not written by hand.
GENERATED = ["rtl/generated", "tests/corpus", "reports/page/echarts.min.js", "reports/formats.md",
             "reports/commands.md"]
