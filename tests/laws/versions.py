"""What each version of kept results hashes, and why the other files that the makers include cannot change a result.

A reason stands beside a stem (a header and its source) or beside a folder, whose name ends in a slash. A file with
neither, and in no hashed folder, breaks the law: its change would leave wrong results in the caches.
"""

MACHINE = {
    "sim/base/cache": "it gives back what was kept under the whole key, and checks its checksum",
    "sim/base/hash": "it names what is kept: another hash finds nothing",
    "sim/base/input_error": "the text of errors, and an error is not kept",
    "sim/base/json_optional": "it writes nothing as null and reads null as nothing",
    "sim/base/gzip": "a library enters by the content that was unpacked",
    "sim/base/file_roles": "it refuses an output that is an input",
    "sim/base/named_pipe": "it waits for the other end of a pipe",
    "sim/base/output_file": "it writes a file whole or not at all",
    "sim/base/output_path": "where an output is written",
    "sim/base/process": "it starts the tools, whose versions are in the keys",
    "sim/base/paths": "where folders are",
    "sim/base/progress": "it tells people how far a run is",
}
UNITS = {
    "quant/base/": "comes with the header of formats, and what a unit is asked enters by content",
    "quant/formats/": "comes with the header of units",
    "kernels/arithmetic/": "comes with the header of beats",
}
TECHNOLOGY = {"sim/config/": "comes with the header of technologies: a library enters by its content"}
THREADS = "a result depends neither on the number of threads nor on their order"
WEIGHTS = "weights and activations enter by their content"

# Each version has its wing, the files that make the results, the folders that the wing's CMakeLists.txt hashes, and the
# reasons.
VERSIONS = {
    "energy_engine": {
        "wing": "sim/energy",
        "from": ["sim/energy/energy.cpp", "sim/energy/energy_cache.cpp"],
        "folders": ["kernels/contract", "sim/cells", "sim/netlist", "sim/energy"],
        "reasons": {
            **MACHINE,
            **UNITS,
            **TECHNOLOGY,
            "sim/base/parallel_for": THREADS,
            "sim/synthesis/": "a netlist, its area and its clock enter by content",
        },
    },
    "synthesis_engine": {
        "wing": "sim/synthesis",
        "from": ["sim/synthesis/flow.cpp", "sim/synthesis/opensta.cpp", "sim/synthesis/paths.cpp",
                 "sim/synthesis/equivalence.cpp"],
        "folders": ["sim/cells", "sim/netlist", "sim/synthesis"],
        "reasons": {
            **MACHINE,
            **UNITS,
            **TECHNOLOGY,
            "kernels/contract/": "names of units and of parameters, which are in the key with their values",
        },
    },
    "point_program": {
        "wing": "sim/sweep",
        "from": ["sim/sweep/point.cpp", "sim/sweep/sweep.cpp"],
        "folders": ["quant/base", "quant/formats", "quant/rules", "kernels", "kernels/contract", "kernels/arithmetic",
                    "kernels/parts", "kernels/core", "models", "models/systemc", "models/parts", "models/fast",
                    "testbenches/harness", "sim/cells", "sim/netlist", "sim/synthesis", "sim/mapping", "sim/engines",
                    "sim/area", "sim/energy", "sim/cost", "sim/sweep", "sim/workload"],
        "reasons": {
            **MACHINE,
            "sim/base/parallel_for": THREADS,
            "sim/base/file_bytes": "files enter by what was read of them",
            "sim/base/made_by": "the stamp of a record, not of a point",
            "sim/base/lists": "names of engines, which are in the key",
            "sim/config/": "formats, designs and memories enter by what was read, which is in the key",
            "sim/files/": WEIGHTS,
            "sim/checkpoint/": WEIGHTS,
            "sim/packed/": WEIGHTS,
            "reports/": "text and tables around results",
        },
    },
}
