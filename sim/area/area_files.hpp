// What `subbyte synth --out` writes.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/synthesis/synthesis.hpp"

namespace subbyte::sim {

/// Writes record.json and one CSV file per table.
void write_tables(const std::filesystem::path& folder, const reports::Record& record);

/// Writes the same files, synth.json, and for every module MODULE.v and MODULE.json (netlist_json).
/// `netlist_folders` names one folder per result.
void write_results(const std::filesystem::path& folder, const nlohmann::ordered_json& json,
                   const reports::Record& record, std::span<const SynthesisResult> results,
                   const std::vector<std::string>& netlist_folders, const CellLibrary& library);

/// Returns a mapped netlist in the JSON of yosys' write_json, which its read_json takes: modules with their ports
/// and cells, and for every pin its direction and its connections by bit number. `library` tells the directions. A
/// module that the library does not know and that the text does not hold is a child whose ports are unknown. Throws
/// std::invalid_argument for text that is no structural Verilog.
nlohmann::ordered_json netlist_json(const std::string& verilog, const std::string& top, const CellLibrary& library);

}  // namespace subbyte::sim
