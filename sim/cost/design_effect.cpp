#include "sim/cost/design_effect.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "sim/base/input_error.hpp"
#include "sim/mapping/core_layer.hpp"

namespace subbyte::sim {
namespace {

using Readers = std::vector<Computed>;

constexpr std::string_view kParameters = "parameters.";

/// What decides how a sum is rounded and nothing else, and what decides how many sums there are and nothing else.
constexpr std::array<std::string_view, 5> kArithmetic{"align_bits", "acc_width", "guard_bits", "rounding", "exact"};
constexpr std::array<std::string_view, 2> kArray{"rows", "cols"};

/// Whether a parameter decides which formats run.
bool decides_formats(std::string_view parameter) { return parameter == "acc_width" || parameter == "table_bits"; }

Readers readers_of_parameter(const Design& design, std::string_view parameter) {
  // Sums of integers are exact, whatever the width that holds them.
  const bool exact = parameter == "acc_width" && design.unit->name == "int8_mac_tile";
  const bool arithmetic = std::ranges::count(kArithmetic, parameter) > 0, codes = parameter == "table_bits";
  Readers readers{Computed::kSilicon};
  if (!arithmetic && !codes) readers.push_back(Computed::kCycles);
  if (std::ranges::count(kArray, parameter) == 0 && !exact && !codes) readers.push_back(Computed::kValues);
  return readers;
}

/// The keys of a design that are not its unit's, by how they begin.
Readers readers_of(const Design& design, const std::string& key) {
  if (key.starts_with(kParameters))
    return readers_of_parameter(design, std::string_view(key).substr(kParameters.size()));
  static const std::vector<std::pair<std::string_view, Readers>> table{
      {"clock_mhz", {Computed::kCycles, Computed::kSilicon}},
      {"technology", {Computed::kSilicon}},
      {"memory.dram", {Computed::kJoules}},
      {"memory.sram", {Computed::kJoules}},
      {"memory.", {Computed::kMemory, Computed::kJoules}},
      {"output.", {Computed::kMemory, Computed::kJoules}},
      {"core.vector.arithmetic", {Computed::kJoules}},
      {"core.vector.", {Computed::kVector}},
      {"core.", {Computed::kMemory}},
  };
  for (const auto& [begin, readers] : table)
    if (key.starts_with(begin)) return readers;
  return {Computed::kValues, Computed::kCycles, Computed::kMemory, Computed::kSilicon};  // the unit
}

/// The design without the setting of this key; empty where there is no such design.
std::vector<Design> without(const Design& design, const std::string& name_or_path, const std::string& key) {
  std::vector<Setting> others = design.settings;
  std::erase_if(others, [&key](const Setting& setting) { return setting.key == key; });
  try {
    return {read_design(name_or_path, others)};
  } catch (const std::exception&) {
    return {};
  }
}

/// Whether one of the designs is refused and another is not, or for other reasons; it may be where that is not known.
bool differs(const Design& design, const DesignUse& use, std::span<const Design> others) {
  if (!use.refusal || others.empty()) return true;
  const std::string own = use.refusal(design);
  return std::ranges::any_of(others, [&](const Design& other) { return use.refusal(other) != own; });
}

}  // namespace

DesignUse use_of_run(const Design& design, bool values, bool energy, const std::optional<PhaseWork>& shapes) {
  const std::string joules = energy ? "" : "--energy beside it";
  DesignUse use{{{Computed::kValues, values ? "" : "an engine that computes values"},
                 {Computed::kCycles, ""},
                 {Computed::kMemory, ""},
                 {Computed::kVector, shapes ? "" : "--workload"},
                 {Computed::kSilicon, design.core ? joules : ""},
                 {Computed::kJoules, joules}}};
  if (!shapes) return use;
  use.computed.erase(Computed::kValues);
  use.refusal = [&shapes](const Design& other) { return phases_refusal(other, *shapes); };
  return use;
}

std::optional<std::string> why_without_effect(const Design& design, const std::string& key, const DesignUse& use,
                                              std::span<const Design> others) {
  std::vector<std::string> expected;
  for (const Computed reader : readers_of(design, key)) {
    const auto found = use.computed.find(reader);
    if (found == use.computed.end()) continue;
    if (found->second.empty()) return std::nullopt;
    if (std::ranges::count(expected, found->second) == 0) expected.push_back(found->second);
  }
  if (key.starts_with(kParameters) && decides_formats(std::string_view(key).substr(kParameters.size())) &&
      differs(design, use, others))
    return std::nullopt;
  if (expected.empty()) expected.push_back(use.else_expected);
  return fmt::format("has no effect, expected {}", fmt::join(expected, ", or "));
}

void refuse_without_effect(const Design& design, const std::string& name_or_path, const DesignUse& use) {
  for (const Setting& setting : design.settings) {
    const std::vector<Design> others = without(design, name_or_path, setting.key);
    if (others.empty()) continue;  // the design needs it, whatever reads it
    if (const auto why = why_without_effect(design, setting.key, use, others))
      throw InputError("", setting.place, *why);
  }
}

std::string phases_refusal(const Design& design, const PhaseWork& work) {
  std::set<std::string> refused;
  for (const Phase& phase : work.phases)
    for (const PhaseLayer& layer : phase.layers) {
      if (layer.products.empty()) continue;  // an operation of the vector unit
      for (const CountedProduct* product : {&layer.products.front(), &layer.products.back()}) try {
          plan_core_layer(design, layer.format, product->size);
        } catch (const LayerRefused& error) {
          refused.insert(layer.name);
        }
    }
  return fmt::format("{}", fmt::join(refused, ", "));
}

}  // namespace subbyte::sim
