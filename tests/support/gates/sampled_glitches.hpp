// What glitches add to the energy of a netlist, in a run of its own.
#pragma once

#include "sim/netlist/glitch.hpp"

namespace subbyte::tests {

inline sim::GlitchEnergy sampled_glitches(const kernels::UnitInfo& unit, const sim::EnergyInputs& inputs,
                                          const kernels::Stimulus& stimulus, const sim::GlitchOptions& options = {}) {
  sim::GateSimulator simulator(inputs.netlist);
  sim::StreamWindows windows{.stagger_cycles = sim::kStagger};
  sim::SampledEdges edges(simulator, inputs.netlist.nets, windows.counted_cycles);
  windows.settled = [&](bool counted) { edges.settled(counted); };
  sim::run_stream(unit, inputs.netlist, simulator, stimulus, windows);
  return sim::glitch_energy(inputs, simulator, edges, stimulus.input.count, options);
}

}  // namespace subbyte::tests
