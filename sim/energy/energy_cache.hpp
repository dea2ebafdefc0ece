// Keeps what unit_energy() found by its content, so that nothing that has not changed is computed again.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "sim/cells/cell_library.hpp"
#include "sim/energy/energy_result.hpp"

namespace subbyte::sim {

/// Returns a hash of the sources that compute energies; it changes when they do.
const char* energy_engine();

/// Returns a hash of everything that a figure follows from: engine, library, netlist, the beats that the windows can
/// reach, configuration, windows, wires, and clock. A stimulus is read, not trusted by name.
std::string energy_key(const EnergyRequest& request, const SynthesisResult& synthesis, const CellLibrary& library);

/// Returns the same for what glitches add: they are kept apart, and are never those of another netlist or stimulus.
std::string glitch_key(const EnergyRequest& request, const SynthesisResult& synthesis, const CellLibrary& library,
                       const GlitchOptions& options);
nlohmann::json glitch_figures(const GlitchEnergy& glitches);
GlitchEnergy read_glitch_figures(const nlohmann::json& figures);

/// Returns the figures of a result without delays, and without its synthesis and its glitches, which are kept apart.
/// Numbers keep all their bits.
nlohmann::json energy_figures(const EnergyResult& result);
/// The reverse of it. Throws nlohmann::json::exception for what energy_figures() did not write.
void set_energy_figures(EnergyResult& result, const nlohmann::json& figures);

}  // namespace subbyte::sim
