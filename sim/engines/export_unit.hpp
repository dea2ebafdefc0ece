// Hands a unit over to another flow: its sources, constraints, vectors, a self-checking bench in plain Verilog and, on
// request, its netlist with models of its cells.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "kernels/contract/unit.hpp"
#include "quant/formats/format.hpp"
#include "sim/cells/technology.hpp"
#include "sim/synthesis/synthesis.hpp"

namespace subbyte::sim {

struct UnitExportRequest {
  const kernels::UnitInfo& unit;
  kernels::Parameters parameters;  ///< every parameter of the unit
  quant::Format format;
  std::size_t cases = 0;
  std::uint64_t seed = 0;
  unsigned stall_percent = 0;  ///< on both sides
  double clock_mhz = kDefaultClockMhz;
  Technology technology;  ///< its cells constrain the ports, and the netlist is made of them
  bool netlist = false;
  std::filesystem::path rtl_dir = {};  ///< as in EngineOptions
};

/// What the bench plays and expects: the bits of the golden function and the cycles of the SystemC model, which must
/// agree in bits.
struct UnitVectors {
  kernels::Stimulus stimulus;
  kernels::Trace expected;
  std::uint64_t stall_cycles = 0;  ///< the cycles whose stalls are written down; there are no stalls after them
};

/// Throws std::runtime_error when the engines differ or there is not one output beat.
UnitVectors unit_vectors(const UnitExportRequest& request);

struct UnitExport {
  std::vector<std::string> files;  ///< relative to the folder
  std::uint64_t input_beats = 0, output_beats = 0, cycles = 0;
};

/// Writes the folder `out`, which must not exist or must be empty; it appears whole or not at all. Throws InputError
/// for a unit without RTL, for a folder that cannot be written and for what synthesis finds wrong with a library.
UnitExport export_unit(const UnitExportRequest& request, const std::filesystem::path& out);

/// Refuses a folder that export_unit() would refuse, before any work is done.
void check_export_folder(const std::filesystem::path& out);

// These are the texts of the folder; every path in them is relative to it.

/// Returns tb_<unit>.v.
std::string unit_bench(const UnitExportRequest& request, const UnitVectors& vectors);
/// Returns <unit>.sdc: the clock and the conventions of `synth` (inputs come at the clock edge, a buffer drives them,
/// and four inverters load the outputs).
std::string unit_constraints(const UnitExportRequest& request);
std::string unit_makefile(const UnitExportRequest& request);
std::string unit_readme(const UnitExportRequest& request, const UnitVectors& vectors);

}  // namespace subbyte::sim
