#include "sim/config/design.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "kernels/catalogue.hpp"
#include "quant/base/suggestion.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/paths.hpp"
#include "sim/config/config.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

fs::path directory() { return source_folder() / "configs" / "designs"; }

std::vector<std::string> unit_names() {
  std::vector<std::string> names;
  for (const auto& unit : kernels::units()) names.push_back(unit.name);
  return names;
}

void read_parameters(Design& design, ConfigNode node) {
  for (const auto& spec : design.unit->parameters)
    design.parameters[spec.name] = node.integer(spec.name, spec.min, spec.max);
}

// Reports what a unit refuses beyond the range of each parameter (for example rows that are not a multiple of 8).
void check_shape(const Design& design, ConfigNode root) {
  try {
    design.unit->input_shape(design.parameters);
  } catch (const std::invalid_argument& error) {
    root.problem("parameters", error.what());
  }
}

/// Returns a table's file: the one that the caller gave, or else the one that the design names, beside the design.
std::string table_file(ConfigNode& memory, std::string_view key, const std::string& given, const fs::path& folder) {
  const std::string named = memory.text_or(key, "");
  if (!given.empty() || named.empty()) return given;
  return (folder / named).string();
}

void read_sram(Memory& memory, ConfigNode& node, const SramTable& table) {
  const std::string technology = node.choice("sram", table.technologies());
  const std::int64_t word_bits = node.integer("sram_word_bits", 1, 1 << 16);
  memory.sram_bank_kib = node.integer("sram_bank_kib", 1, 1 << 20);
  memory.sram = table.select(technology, word_bits);
  memory.sram_file = table.file;
  if (memory.sram.empty())
    node.problem("sram_word_bits", fmt::format("is {}, expected {} for {}", word_bits,
                                               fmt::join(table.widths(technology), " or "), technology));
}

void read_memory(Memory& memory, ConfigNode node, const fs::path& folder, const MemoryFiles& files) {
  memory.bandwidth_gb_per_s = node.real("bandwidth_gb_per_s", 1e-3, 1e5);
  memory.weight_buffer_kib = node.integer("weight_buffer_kib", 0, 1 << 20);
  memory.activation_buffer_kib = node.integer("activation_buffer_kib", 0, 1 << 20);
  const DramTable dram = read_dram_table(table_file(node, "dram_file", files.dram, folder));
  memory.dram_file = dram.file;
  const std::string name = node.text("dram");
  if (const DramEntry* entry = dram.find(name))
    memory.dram = *entry;
  else if (node.has("dram"))
    node.problem("dram", fmt::format("is {}: {}", name, dram.why_unknown(name)));
  read_sram(memory, node, read_sram_table(table_file(node, "sram_file", files.sram, folder)));
}

Design design_of(const Config& config, const fs::path& folder, const MemoryFiles& files) {
  Design design;
  ConfigNode root = config.root();
  design.name = root.text("name");
  design.summary = root.text("summary");
  design.unit = &kernels::unit(root.choice("unit", unit_names()));
  read_parameters(design, root.child("parameters"));
  design.clock_mhz = root.real("clock_mhz", 1e-3, 1e5);
  design.technology = root.text("technology");
  read_memory(design.memory, root.child("memory"), folder, files);
  check_shape(design, root);
  config.finish();
  design.resolved = config.resolved();
  if (design.memory.dram_file.own) design.resolved["memory"]["dram_table"] = to_json(design.memory.dram_file);
  if (design.memory.sram_file.own) design.resolved["memory"]["sram_table"] = to_json(design.memory.sram_file);
  design.hash = config_hash(design.resolved);
  return design;
}

}  // namespace

Design parse_design(const std::string& text, const std::string& origin, const MemoryFiles& files) {
  return design_of(Config::parse(text, origin), fs::path(origin).parent_path(), files);
}

Design read_design(const std::string& name_or_path, const MemoryFiles& files) {
  const bool path = name_or_path.ends_with(".yaml") || name_or_path.find('/') != std::string::npos;
  if (path) return design_of(Config::read(name_or_path), fs::path(name_or_path).parent_path(), files);
  const std::vector<std::string> names = design_names();
  if (std::ranges::find(names, name_or_path) == names.end()) {
    throw InputError("", "--design",
                     fmt::format("'{}' is not a design (nor a path that ends in .yaml), {}", name_or_path,
                                 quant::expectation(name_or_path, names)));
  }
  return design_of(Config::read(directory() / (name_or_path + ".yaml")), directory(), files);
}

Design with_parameters(const Design& design, const kernels::Parameters& changes) {
  Design changed = design;
  for (const auto& [name, value] : changes) changed.parameters[name] = value;
  changed.parameters = kernels::resolve(*design.unit, changed.parameters);
  design.unit->input_shape(changed.parameters);
  changed.resolved["parameters"] = changed.parameters;
  changed.hash = config_hash(changed.resolved);
  return changed;
}

std::vector<std::string> design_names() {
  std::vector<std::string> names;
  if (fs::is_directory(directory()))
    for (const auto& entry : fs::directory_iterator(directory()))
      if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem());
  std::ranges::sort(names);
  return names;
}

}  // namespace subbyte::sim
