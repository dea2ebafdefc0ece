// Makes the SystemVerilog around a unit that is verilated with it.
#pragma once

#include <string>

#include "kernels/contract/unit.hpp"

namespace subbyte::testbenches {

/// Says what the top is made for.
struct BenchTop {
  const kernels::UnitInfo& unit;
  kernels::Parameters parameters;  ///< every parameter of the unit
  /// The unit is a netlist of mutants, which has no parameters, a port mutant_i, and no assertions.
  bool mutants = false;
  bool netlist = false;  ///< the unit is a netlist, which has no parameters
  /// The top also takes the expected output beat, and has wires of its fields and a flag `mismatch` for waveforms.
  bool waves = false;
};

/// Returns `<unit>_bench`: the unit with registered inputs, the assertions of its streams (stream_sva.sv), and one wire
/// per element of every field of its beats, for waveforms. The registers take next_<port> at the edge before the cycle
/// that they are meant for, so that each clock edge settles the unit once, not once for the edge and once for the
/// inputs.
std::string bench_top(const BenchTop& top);

}  // namespace subbyte::testbenches
