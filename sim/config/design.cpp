#include "sim/config/design.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

#include "kernels/catalogue.hpp"
#include "quant/base/suggestion.hpp"
#include "sim/config/config_paths.hpp"
#include "sim/config/design_file.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> unit_names() {
  std::vector<std::string> names;
  for (const auto& unit : kernels::units()) names.push_back(unit.name);
  return names;
}

void read_parameters(Design& design, ConfigNode node) {
  for (const auto& spec : design.unit->parameters)
    design.parameters[spec.name] = node.integer({spec.name, spec.summary}, spec.min, spec.max);
}

// Reports what a unit refuses beyond the range of each parameter (for example rows that are not a multiple of 8).
void check_shape(const Design& design, ConfigNode root) {
  if (design.parameters.empty()) return;  // the unit is not known
  try {
    design.unit->input_shape(design.parameters);
  } catch (const std::invalid_argument& error) {
    root.problem("parameters", error.what());
  }
}

/// Returns a table's file, which stands beside the file that names it; "" for the one of configs/memories.
std::string table_file(ConfigNode& memory, Key key) {
  const std::string named = memory.text_or(key, "");
  return named.empty() ? "" : (memory.folder_of(key.name) / named).string();
}

void read_sram(Memory& memory, ConfigNode& node) {
  const SramTable table = read_sram_table(
      table_file(node, {"sram_file",
                        "A table (CSV) of SRAM banks in place of configs/memories/sram.csv, relative to "
                        "the file that names it."}));
  const std::string technology = node.choice(
      {"sram", "The technology of the buffers' banks, as the table of SRAM names it."}, table.technologies());
  const std::int64_t word_bits =
      node.integer({"sram_word_bits", "The bits of a bank's word, which an access moves whole."}, 1, 1 << 16);
  memory.sram_bank_kib = node.integer(
      {"sram_bank_kib", "The largest capacity of a bank in KiB; a buffer is made of as many as it needs."}, 1, 1 << 20);
  memory.sram = table.select(technology, word_bits);
  memory.sram_file = table.file;
  if (memory.sram.empty() && !node.faulty("sram") && !node.faulty("sram_word_bits"))
    node.problem("sram_word_bits", fmt::format("is {}, expected {} for {}", word_bits,
                                               fmt::join(table.widths(technology), " or "), technology));
}

void read_dram(Memory& memory, ConfigNode& node) {
  const DramTable table = read_dram_table(
      table_file(node, {"dram_file",
                        "A table (CSV) of DRAM interfaces in place of configs/memories/dram.csv, relative "
                        "to the file that names it."}));
  memory.dram_file = table.file;
  const std::string name =
      node.text({"dram", "The off-chip memory, as the table of DRAM names it; it says the energy of a bit."});
  if (const DramEntry* entry = table.find(name))
    memory.dram = *entry;
  else if (node.has("dram"))
    node.problem("dram", fmt::format("is {}: {}", name, table.why_unknown(name)));
}

void read_memory(Memory& memory, ConfigNode node) {
  memory.bandwidth_gb_per_s = node.real(
      {"bandwidth_gb_per_s", "The bandwidth of the off-chip memory in GB/s (1e9 bytes per second)."}, 1e-3, 1e5);
  memory.weight_buffer_kib = node.integer(
      {"weight_buffer_kib",
       "The buffer of packed weights in KiB: it holds those of an output tile, or they are read per token tile."},
      0, 1 << 20);
  memory.activation_buffer_kib = node.integer(
      {"activation_buffer_kib",
       "The buffer of activations in KiB: it holds all of a layer, or they are read again per output tile."},
      0, 1 << 20);
  read_dram(memory, node);
  read_sram(memory, node);
}

ConfigNode read_output(Design& design, ConfigNode& root) {
  constexpr std::array<std::int64_t, 3> kWidths{8, 16, 32};
  static const std::vector<std::string> places{"dram", "buffer"};
  ConfigNode node = root.child_or_empty({"output", "What is counted for each value that the tile gives out."});
  design.output.bits = node.integer_choice_or(
      {"bits",
       "The bits of an output value that are moved. This is for traffic and energy alone: the values that engines "
       "compute and --out writes stay FP32, and what would round them is not counted."},
      32, kWidths);
  design.output.to_buffer =
      node.choice_or(
          {"to",
           "Where outputs go: to the DRAM, or into the activation buffer where all of a layer's fit beside all of its "
           "activations, and else to the DRAM all the same, which the result says. The next layer's activations are "
           "read from the DRAM in either case."},
          places.front(), places) == "buffer";
  if (design.output.to_buffer && design.memory.activation_buffer_kib == 0)
    node.problem("to", "is buffer, but activation_buffer_kib is 0: expected dram, or a buffer of activations");
  return node;
}

void read_name(Design& design, ConfigNode& root, const DesignFile& file) {
  if (root.has("base"))
    root.text({"base",
               "The design that says what this file does not: a name in configs/designs, or a path relative to this "
               "file. Its name does not carry over, nor its parameters where `unit` is another one."});
  const Key name{"name",
                 "What results call the design. Beside a base it may be left out, and is then the name of the file."};
  design.name = file.based ? root.text_or(name, file.stem) : root.text(name);
  design.summary = root.text({"summary", "What the design is, in a few words."});
}

ConfigNode read_unit(Design& design, ConfigNode& root) {
  design.unit = &kernels::unit(root.choice(
      {"unit", "The unit that is built; `subbyte units` lists them, and only a tile runs layers."}, unit_names()));
  ConfigNode parameters = root.child({"parameters", "Every parameter of the unit."});
  if (root.written("unit") == design.unit->name)
    read_parameters(design, parameters);
  else
    parameters.claim_all();  // nobody knows which parameters belong to a unit that does not exist
  return parameters;
}

void read_technology(Design& design, ConfigNode& root) {
  const Key key{"technology",
                "The cell library of area, critical path and energy: a name in configs/technologies, or a Liberty file "
                "(a path with '/', or that ends in .lib or .lib.gz), relative to the file that names it."};
  design.technology = root.text(key);
  if (!root.written(key.name)) return;  // that is told already
  const std::string word = design.technology;
  if (!is_path(word, FileKind::kLiberty)) {
    const std::vector<std::string> names = config_names("technologies");
    if (std::ranges::count(names, word) == 0)
      root.problem(key.name, fmt::format("is {}, {}", word.empty() ? "no name" : word,
                                         quant::expectation(word, names, "the path of a Liberty file")));
    return;
  }
  const auto path = path_beside(root, key.name, word, word);
  if (const std::string why = path ? why_no_file(*path) : ""; !why.empty())
    root.problem(key.name, fmt::format("is {}, expected a Liberty file: {} {}", word, *path, why));
  design.technology = path.value_or(word);
}

/// Returns settings with their values as they were read.
std::vector<Setting> as_read(std::vector<Setting> settings, const nlohmann::json& resolved) {
  for (Setting& setting : settings) {
    std::string path = "/" + setting.key;
    std::ranges::replace(path, '.', '/');
    const nlohmann::json& value = resolved.at(nlohmann::json::json_pointer(path));
    setting.value = value.is_string()         ? value.get<std::string>()
                    : value.is_number_float() ? fmt::format("{}", value.get<double>())
                                              : value.dump();
  }
  return settings;
}

/// The mappings of a design, for problems that are found when all of them were read.
using Nodes = std::map<std::string, ConfigNode>;

/// Of several keys that would mend it a problem is told of one on the command line, or else of the first.
void tell(const CoreMisfit& misfit, const std::vector<Setting>& settings, Nodes& nodes) {
  std::string key = misfit.keys.front();
  for (const std::string& other : misfit.keys)
    if (std::ranges::find(settings, other, &Setting::key) != settings.end()) {
      key = other;
      break;
    }
  const std::size_t dot = key.find('.');
  const std::string mapping = dot == std::string::npos ? "" : key.substr(0, dot);
  nodes.at(mapping).problem(key.substr(dot == std::string::npos ? 0 : dot + 1), misfit.what());
}

void set_core(Design& design, const CoreKeys& core, const std::vector<Setting>& settings, Nodes& nodes) {
  if (!core.node.sound()) return;  // what does not go together follows from what is wrong by itself
  try {
    design.core =
        make_core(core, {*design.unit, design.parameters, design.clock_mhz, design.memory.bandwidth_gb_per_s * 1e9,
                         design.memory.weight_buffer_kib, design.memory.activation_buffer_kib,
                         design.output.bits == 32 && !design.output.to_buffer});
  } catch (const CoreMisfit& misfit) {
    tell(misfit, settings, nodes);
  }
}

Design design_of(const DesignFile& file) {
  Design design;
  ConfigNode root = file.config.root();
  read_name(design, root, file);
  Nodes nodes{{"", root}};
  nodes.emplace("parameters", read_unit(design, root));
  design.clock_mhz =
      root.real({"clock_mhz", "The clock in MHz, which is checked against the critical path of the synthesised unit."},
                1e-3, 1e5);
  read_technology(design, root);
  nodes.emplace("memory", root.child({"memory", "The off-chip memory and the buffers."}));
  read_memory(design.memory, nodes.at("memory"));
  nodes.emplace("output", read_output(design, root));
  const std::optional<CoreKeys> core = read_core(root);
  check_shape(design, root);
  if (core) {
    nodes.emplace("core", core->node);
    set_core(design, *core, file.settings, nodes);
  }
  file.config.finish();
  design.resolved = file.config.resolved();
  design.resolved.erase("base");
  if (design.memory.dram_file.own) design.resolved["memory"]["dram_table"] = to_json(design.memory.dram_file);
  if (design.memory.sram_file.own) design.resolved["memory"]["sram_table"] = to_json(design.memory.sram_file);
  design.hash = config_hash(design.resolved);
  design.settings = as_read(file.settings, design.resolved);
  design.name += settings_text(design.settings);
  return design;
}

std::vector<KeyEntry> keys_of_unit(const std::string& unit) {
  return described_keys([](const Config& config) { design_of({config, {}, "", false}); }, "unit: " + unit);
}

bool is_parameter(const KeyEntry& entry) { return entry.name.starts_with("parameters."); }

}  // namespace

Design parse_design(const std::string& text, const std::string& origin, const std::vector<Setting>& settings) {
  return design_of(parse_design_file(text, origin, settings));
}

Design read_design(const std::string& name_or_path, const std::vector<Setting>& settings) {
  return design_of(open_design(name_or_path, settings));
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

std::vector<KeyEntry> design_keys() {
  std::vector<KeyEntry> keys = keys_of_unit(kernels::units().front().name);
  std::erase_if(keys, is_parameter);
  return keys;
}

std::vector<KeyEntry> design_parameter_keys(const kernels::UnitInfo& unit) {
  std::vector<KeyEntry> keys = keys_of_unit(unit.name);
  std::erase_if(keys, [](const KeyEntry& entry) { return !is_parameter(entry); });
  return keys;
}

}  // namespace subbyte::sim
