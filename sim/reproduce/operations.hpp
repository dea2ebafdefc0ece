// Single arithmetic operations as gates: the reference RTL of rtl/reference mapped to a cell library,
// simulated under uniformly random operands, and weighed.
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

/// A combinational module of rtl/reference: a_i and b_i of `width` bits to result_o.
struct Operation {
  std::string_view name;
  std::string_view module;
  unsigned width = 0;
  unsigned result_width = 0;
  bool parameterised = false;  ///< the module has the parameter Width
  std::uint64_t (*golden)(std::uint64_t a, std::uint64_t b, unsigned width) = nullptr;
};

/// The table: adders of 8, 16 and 32 bits, unsigned multipliers of 8 and 32 bits, and the multiplier and adder of FP16.
std::span<const Operation> reference_operations();
/// The operation of that name. Throws std::out_of_range for another.
const Operation& reference_operation(std::string_view name);

/// The netlist that a flow of the project's RTL maps, kept like every step of the synthesis. The flow's library
/// outlives it. Throws as synthesize().
GateNetlist map_operation(const Operation& operation, SynthesisFlow flow);

/// Two operands in every lane.
struct LaneOperands {
  std::span<const std::uint64_t, kGateLanes> a, b;
};
/// Lanes whose result, after settle(), is not the golden one.
std::size_t wrong_lanes(const Operation& operation, const GateNetlist& netlist, GateSimulator& simulator,
                        const LaneOperands& operands);

struct OperationFigures {
  std::size_t cells = 0;
  double area_um2 = 0;
  double gate_equivalents = 0;
  double delay_ns = 0;
  double pj = 0;             ///< per operation, zero delay, leakage left out
  double half_width_pj = 0;  ///< 95 % confidence
  double input_pj = 0;       ///< of it: the nets of the operands, which somebody else drives
  double load_pj = 0;        ///< of it: 1/2 C V^2 of what stands for the inputs that the result drives
  double glitch_factor = 1;  ///< energy with inertial delays over that without, of the same operations
  std::uint64_t operations = 0;
};

/// One operation after another on uniformly random bit patterns, NaN and infinities of FP16 among them; the
/// first ones' results are compared with the golden ones. Throws std::runtime_error when one differs,
/// InputError for a library without power tables.
OperationFigures measure_operation(const Operation& operation, const GateNetlist& netlist, const CellLibrary& library,
                                   std::uint64_t operations, std::uint64_t seed);

/// What the cells of a library are made in, in nm; nothing for a library that we do not know.
std::optional<unsigned> feature_size_nm(const CellLibrary& library);

}  // namespace subbyte::sim
