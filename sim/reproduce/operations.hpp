// Single arithmetic operations as gates: the reference RTL of rtl/reference is mapped to a cell library, simulated
// under uniformly random operands, and weighed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/cells/cell_library.hpp"
#include "sim/energy/energy.hpp"
#include "sim/netlist/gate_netlist.hpp"
#include "sim/netlist/gate_simulator.hpp"
#include "sim/synthesis/synthesis.hpp"

namespace subbyte::sim {

/// A combinational module of rtl/reference, which computes result_o from a_i and b_i of `width` bits.
struct Operation {
  std::string_view name;
  std::string_view module;
  unsigned width = 0;
  unsigned result_width = 0;
  bool parameterised = false;  ///< whether the module has the parameter Width
  std::uint64_t (*golden)(std::uint64_t a, std::uint64_t b, unsigned width) = nullptr;
};

/// Returns the table: adders of 8, 16 and 32 bits, unsigned multipliers of 8 and 32 bits, and the multiplier and adder
/// of FP16.
std::span<const Operation> reference_operations();
/// Returns the operation of that name. Throws std::out_of_range for another name.
const Operation& reference_operation(std::string_view name);

/// Returns the netlist that a flow of the project's RTL maps, kept like every step of the synthesis. The flow's library
/// must outlive the netlist. Throws as synthesize() does.
GateNetlist map_operation(const Operation& operation, SynthesisFlow flow);

/// Holds two operands for every lane.
struct LaneOperands {
  std::span<const std::uint64_t, kGateLanes> a, b;
};
/// Returns the number of lanes whose result, after settle(), is not the golden one.
std::size_t wrong_lanes(const Operation& operation, const GateNetlist& netlist, GateSimulator& simulator,
                        const LaneOperands& operands);

struct OperationFigures {
  std::size_t cells = 0;
  double area_um2 = 0;
  double gate_equivalents = 0;
  double delay_ns = 0;
  double pj = 0;             ///< per operation at zero delay, without leakage
  double half_width_pj = 0;  ///< half of the 95 % confidence interval of pj
  double input_pj = 0;       ///< the part of pj in the nets of the operands, which somebody else drives
  double load_pj = 0;        ///< the part of pj that is 1/2 C V^2 of what stands for the inputs that the result drives
  double glitch_factor = 1;  ///< energy with inertial delays over energy without, of the same operations
  std::uint64_t operations = 0;
};

/// Measures one operation after another on uniformly random bit patterns, with NaN and infinities of FP16 among them;
/// the results of the first ones are compared with the golden ones. Throws std::runtime_error when one differs, and
/// InputError for a library without power tables.
OperationFigures measure_operation(const Operation& operation, const GateNetlist& netlist, const CellLibrary& library,
                                   std::uint64_t operations, std::uint64_t seed);

/// Returns the feature size, in nm, of the process that a library's cells are made in, or nothing for a library that we
/// do not know.
std::optional<unsigned> feature_size_nm(const CellLibrary& library);

}  // namespace subbyte::sim
