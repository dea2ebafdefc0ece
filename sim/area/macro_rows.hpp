// What the tables of `synth` say of the memories of a unit, which are macros.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "sim/synthesis/synthesis_result.hpp"

namespace subbyte::sim {

/// A memory's row among those of the modules: it has no cells and no paths of its own, and its area may be unknown.
std::vector<nlohmann::json> macro_row(const SynthesisResult& result, const SynthesizedModule& module);

/// What a person must know of the memories, or nothing where there are none.
std::string memories_note(const SynthesisResult& result);

/// Returns {width,depth,macros,area_um2,access_ns,source}; a figure that the table lacks is null.
nlohmann::ordered_json memory_json(const SynthesizedModule& module);

}  // namespace subbyte::sim
