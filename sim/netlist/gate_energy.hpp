// Computes the energy of a mapped netlist from counted transitions: 1/2 C V^2 of every net, internal-power tables by
// slew and load, weighted by their `when` conditions, clock pins, and leakage. Debian's report_power is no reference
// for it, because that counts internal power twice.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/netlist/gate_simulator.hpp"
#include "sim/netlist/static_timing.hpp"

namespace subbyte::sim {

/// Where energy goes. Inputs are the nets of input ports, which their drivers charge.
enum class EnergyUse : std::uint8_t { kClock = 0, kRegister, kLogic, kInput };
inline constexpr std::size_t kEnergyUses = 4;
const char* energy_use_name(EnergyUse use);

/// The energies of a module per cycle and lane, in pJ.
struct ModuleEnergy {
  std::string module;
  std::array<double, kEnergyUses> pj_per_cycle{};
  double leakage_nw = 0;

  double total() const;
};

struct GateEnergy {
  std::vector<ModuleEnergy> modules;  ///< in the order of GateNetlist::modules; parts of the whole
  double switching_pj = 0;            ///< the part of pj_per_cycle that is 1/2 C V^2
  double internal_pj = 0;             ///< the part of it that is spent inside cells
  double pj_per_cycle = 0;            ///< dynamic energy of clock, registers, logic and inputs
  double half_width_pj = 0;           ///< 95 % confidence interval of pj_per_cycle, from eight groups of lanes
  double leakage_nw = 0;
  std::uint64_t lane_cycles = 0;  ///< counted cycles of all lanes together

  double use(EnergyUse which) const;  ///< sum over modules
};

struct EnergyInputs {
  const GateNetlist& netlist;
  const LibraryTables& tables;
  const StaticTiming& timing;  ///< loads and slews
  double voltage_v = 0;
  std::string clock_port = "clk_i";
  double clock_slew_ns = 0;
};

/// `lane_cycles` is the number of cycles in which `simulator` counted, times its lanes; sample_states() was called at
/// least once. Throws std::invalid_argument for a cell without tables, for a library without internal power (an energy
/// of zero would be a lie), and where there are no samples.
GateEnergy gate_energy(const EnergyInputs& inputs, const GateSimulator& simulator, std::uint64_t lane_cycles);

/// What a transition of each net costs, and what every cycle costs besides.
struct TransitionPrices {
  struct OfNet {
    double switching_pj = 0, internal_pj = 0;
    std::uint32_t module = 0;  ///< in the order of GateNetlist::modules
    EnergyUse use = EnergyUse::kInput;
  };
  std::vector<OfNet> nets;
  std::vector<double> clock_pins_pj, leakage_nw;  ///< by module; of clock pins that of a cycle
  Net clock = kNoNet;

  double pj(Net net) const { return nets[net].switching_pj + nets[net].internal_pj; }
  /// What the clock takes in every cycle: its net, which moves twice, and its pins.
  double clock_pj() const;
};

/// Returns the prices that follow from the states and transitions that `simulator` saw. Throws as gate_energy() does.
TransitionPrices transition_prices(const EnergyInputs& inputs, const GateSimulator& simulator);

/// Charges these prices for other transitions, which are given per net, in groups of equal numbers of cycles, of
/// `lane_cycles` cycles in all. Throws std::invalid_argument where they are not those of every net.
GateEnergy gate_energy(const EnergyInputs& inputs, const TransitionPrices& prices,
                       std::span<const LaneBlock> transitions, std::uint64_t lane_cycles);

}  // namespace subbyte::sim
