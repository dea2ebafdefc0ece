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

/// record.json and one CSV file per table.
void write_tables(const std::filesystem::path& folder, const reports::Record& record);

/// The same, synth.json, and of every module MODULE.v and MODULE.json (netlist_json); `netlist_folders` names a folder
/// per result.
void write_results(const std::filesystem::path& folder, const nlohmann::ordered_json& json,
                   const reports::Record& record, std::span<const SynthesisResult> results,
                   const std::vector<std::string>& netlist_folders, const CellLibrary& library);

/// A mapped netlist in the JSON of yosys' write_json, which read_json takes: modules with ports, cells, their pins'
/// directions and connections by bit number. `library` tells the directions; a module that it does not know and the
/// text does not hold is a child, of unknown ports. Throws std::invalid_argument for text that is no structural
/// Verilog.
nlohmann::ordered_json netlist_json(const std::string& verilog, const std::string& top, const CellLibrary& library);

}  // namespace subbyte::sim
