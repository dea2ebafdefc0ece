// Losses and costs out of records, by the names of columns, metrics and keys.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <set>

#include "reports/verdict.hpp"
#include "reports/verdict_fields.hpp"

namespace subbyte::reports {
namespace {

using nlohmann::json;

/// "int4" of groups of 128 is "int4:g128"; a name that says its group stays.
std::string with_group(const std::string& name, const json& group) {
  if (group.is_null() || name.find(":g") != std::string::npos) return name;
  const std::string part = ":g" + (group.is_number() ? group.dump() : std::string("channel"));
  const auto colon = name.find(':');
  return colon == std::string::npos ? name + part : name.substr(0, colon) + part + name.substr(colon);
}

std::string method_of(const json& provenance) {
  std::string method = fmt::format("{} tokens", text(provenance, "tokens"));
  if (const std::string words = text(provenance, "text"); !words.empty()) method += " of " + model_name(words);
  const std::string activations = text(provenance, "activation_format"), arithmetic = text(provenance, "arithmetic");
  if (!activations.empty()) method += fmt::format(", {} activations", activations == "none" ? "FP32" : activations);
  if (!arithmetic.empty()) method += ", " + arithmetic;
  return method;
}

/// "/texts/a.txt, cut into stories, tokenizer /models/tokenizer.bin".
std::string text_of(const json& provenance) {
  std::string words = text(provenance, "text");
  if (const std::string cut = text(provenance, "cut"); !cut.empty()) words += ", cut by " + cut;
  if (const std::string by = text(provenance, "tokenizer"); !by.empty()) words += ", tokenizer " + by;
  return words;
}

/// The definitions of a record belong to the first of its tables of losses.
void read_losses(const Record& record, LossGroup& group) {
  json provenance = record.provenance;
  for (const Table& table : record.tables) {
    const auto format = find(table, "format");
    const char* name = find(table, "above FP32") ? "above FP32" : "loss increase";
    if (!format || !find(table, name) || !find(table, "bits per weight")) continue;
    const auto size = find(table, "group");
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      const auto& row = table.rows[i];
      const auto loss = figure(table, row, name);
      if (!loss || !row[*format].is_string()) continue;
      const json unquantized = of_row(provenance, "unquantized_layers", table, i);
      const Loss read{with_group(row[*format].get<std::string>(), size ? row[*size] : json()),
                      *loss,
                      number(table, row, "bits per weight"),
                      string_of(of_row(provenance, "format_definitions", table, i)),
                      string_of(of_row(provenance, "layer_definitions", table, i)),
                      unquantized.is_number_integer() ? unquantized.get<std::size_t>() : 0};
      const bool known = std::ranges::any_of(group.losses, [&](const Loss& l) {
        return l.format == read.format && l.definition == read.definition && l.layers == read.layers;
      });
      if (!known) group.losses.push_back(read);
    }
    provenance = json::object();
  }
}

/// The metric of a name, or nullptr.
const Metric* metric_named(const Record& record, std::string_view name) {
  const auto found = std::ranges::find(record.metrics, name, &Metric::name);
  return found == record.metrics.end() ? nullptr : &*found;
}

std::optional<double> metric(const Record& record, std::string_view name) {
  const Metric* const found = metric_named(record, name);
  return found != nullptr && std::isfinite(found->value) ? std::optional(found->value) : std::nullopt;
}

/// Energy per token, with its own half-width or the range that the record gives for the whole run.
Figure energy_of(const Record& record, const Metric& per_token) {
  Figure energy{per_token.value * 1e6, std::nullopt};
  if (per_token.half_width) {
    energy.half = *per_token.half_width * 1e6;
    energy.open = *energy.half;
  }
  const auto all = metric(record, "energy"), low = metric(record, "energy_low"), high = metric(record, "energy_high");
  if (!energy.half && all && low && high && *all > 0)
    energy.half = std::max(*high - *all, *all - *low) / *all * energy.value;
  return energy;
}

Cost simulated_cost(const Record& record) {
  Cost cost;
  cost.format = text(record.provenance, "format");
  cost.weights = text(record.provenance, "weights");
  cost.definition = single(record.provenance, "format_definitions");
  cost.layers = single(record.provenance, "layer_definitions");
  // The name that says what --set changed; records of older versions have the file's alone.
  cost.design = text(record.provenance, "design_name");
  if (cost.design.empty()) cost.design = text(object_in(record.provenance, "design"), "name");
  // The same design of other RTL is another one, and so is that of a folder whose files were changed.
  const json rtl = object_in(record.provenance, "rtl");
  if (const std::string folder = text(rtl, "folder"); !folder.empty())
    cost.design += fmt::format(", RTL of {} #{}", folder, text(rtl, "hash").substr(0, 8));
  if (const auto rate = metric(record, "tokens_per_s"); rate && *rate > 0) cost.time_us = Figure{1e6 / *rate};
  if (const Metric* energy = metric_named(record, "energy_per_token")) {
    cost.glitches = energy->basis.timed;
    if (std::isfinite(energy->value)) cost.energy_uj = energy_of(record, *energy);
  }
  if (const auto area = metric(record, "area")) cost.area_mm2 = *area * 1e-6;
  cost.bits = metric(record, "bits_per_weight");
  if (record.provenance.contains("clock_met"))
    cost.clock_met = said(record.provenance, "clock_met").value_or(true);
  else  // records of older versions say it in words alone
    cost.clock_met = text(record.provenance, "clock").find("NOT met") == std::string::npos;
  return cost;
}

CostGroup& group_of(std::vector<CostGroup>& groups, const CostGroup& like) {
  const auto same = std::ranges::find_if(groups, [&](const CostGroup& g) { return g.compares_with(like); });
  if (same != groups.end()) return *same;
  groups.push_back(like);
  return groups.back();
}

/// The names of the layers that ran, a line each; empty where no table lists them.
std::string layers_of(const Record& record) {
  std::set<std::string> names;
  for (const Table& table : record.tables)
    if (const auto layer = find(table, "layer"); layer && find(table, "cycles"))
      for (const auto& row : table.rows) names.insert(string_of(row[*layer]) + "\n");
  return std::accumulate(names.begin(), names.end(), std::string());
}

/// What the energies are of, where the record says so: of another technology than the design's with --technology.
void read_technology(const json& provenance, CostGroup& group) {
  const json energy = object_in(provenance, "energy");
  group.library = text(energy, "library_hash");
  group.technology = text(provenance, "technology");
  if (group.technology.empty()) group.technology = text(energy, "library");
  if (group.technology.empty()) group.technology = text(object_in(provenance, "design"), "technology");
}

void read_simulated(const Record& record, std::vector<CostGroup>& groups) {
  if (text(record.provenance, "format").empty() || !record.provenance.contains("design")) return;
  CostGroup group;
  const auto layers = metric(record, "layers");
  const std::string pattern = text(record.provenance, "layers");
  group.whole = layers && pattern == "all";
  group.work = layers ? fmt::format("{:g} layers", *layers) : "layer " + text(record.provenance, "layer");
  if (layers && !group.whole) group.work += fmt::format(" ({})", pattern);
  group.work += fmt::format(", {} tokens", text(record.provenance, "tokens"));
  if (layers) group.ran = layers_of(record);
  read_technology(record.provenance, group);
  const auto remarks = remarks_of(record);
  if (!remarks.empty()) group.remark = remarks[0];
  const Cost cost = simulated_cost(record);
  group.model = model_name(text(record.provenance, "model"));
  group.glitches = cost.glitches;
  group_of(groups, group).costs.push_back(cost);
}

/// The clock of a variant, where the record says it.
std::optional<double> clock_of(const Record& record, const std::string& variant) {
  const json clocks = object_in(record.provenance, "clock_mhz");
  const auto it = clocks.find(variant);
  return it == clocks.end() || !it->is_number() ? std::nullopt : std::optional(it->get<double>());
}

/// Whether the energies of a sweep have glitches in them. Older versions say it in the column's source alone.
bool has_glitches(const json& provenance, const Table& table) {
  const auto energy = find(table, "energy per token");
  if (!energy) return false;
  return said(provenance, "glitches")
      .value_or(table.columns[*energy].source.find("with glitches") != std::string::npos);
}

void read_swept(const Record& record, std::vector<CostGroup>& groups) {
  const json sweep = object_in(record.provenance, "sweep");
  const json workload = object_in(sweep, "workload");
  const std::string design = text(sweep, "design");
  for (const Table& table : record.tables) {
    const auto format = find(table, "format"), variant = find(table, "variant"), library = find(table, "technology");
    if (!format || !variant || !find(table, "cycles per token")) continue;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      const auto& row = table.rows[i];
      CostGroup group;
      group.work = fmt::format("layer {}, {} tokens", text(workload, "layer"), text(workload, "tokens"));
      group.model = model_name(text(workload, "model"));
      group.glitches = has_glitches(record.provenance, table);
      if (library) group.technology = string_of(row[*library]);
      Cost cost;
      const std::string name = string_of(row[*variant]);
      group.library = text(object_in(object_in(record.provenance, "energy"), name.c_str()), "library_hash");
      const json silicon = object_in(object_in(record.provenance, "silicon"), name.c_str());
      group.remark = text(silicon, "remark");
      cost.format = string_of(row[*format]);
      cost.definition = string_of(of_row(record.provenance, "format_definitions", table, i));
      cost.design = design.empty() ? name : design + " " + name;
      if (const auto time = number(table, row, "time per token"))
        cost.time_us = Figure{*time};
      else if (const auto cycles = number(table, row, "cycles per token"), mhz = clock_of(record, name); cycles && mhz)
        cost.time_us = Figure{*cycles / *mhz};  // of records that have no time with memory
      cost.energy_uj = figure(table, row, "energy per token");
      cost.glitches = group.glitches;
      if (const auto area = number(table, row, "area")) cost.area_mm2 = *area * 1e-6;
      cost.bits = number(table, row, "bits per weight");
      const auto met = find(table, "meets the clock");
      cost.clock_met = !met || row[*met] != json(false);
      if (cost.time_us || cost.energy_uj || cost.area_mm2) group_of(groups, group).costs.push_back(cost);
    }
  }
}

void find_remarks(const json& value, std::vector<std::string>& remarks) {
  if (!value.is_object()) return;
  for (const auto& [key, child] : value.items()) {
    if (!key.ends_with("remark") || !child.is_string()) {
      find_remarks(child, remarks);
    } else if (const auto remark = child.get<std::string>();
               !remark.empty() && std::ranges::find(remarks, remark) == remarks.end()) {
      remarks.push_back(remark);
    }
  }
}

}  // namespace

std::string model_name(const std::string& file) {
  const std::filesystem::path path(file);
  const std::string stem = path.stem().string();
  return stem.starts_with("model") && path.has_parent_path() ? path.parent_path().filename().string() : stem;
}

std::vector<std::string> remarks_of(const Record& record) {
  std::vector<std::string> remarks;
  find_remarks(record.provenance, remarks);
  return remarks;
}

std::vector<LossGroup> loss_groups(const std::vector<Record>& records) {
  std::vector<LossGroup> groups;
  for (const Record& record : records) {
    LossGroup group;
    read_losses(record, group);
    if (group.losses.empty()) continue;
    group.path = text(record.provenance, "model");
    group.model = model_name(group.path);
    group.method = method_of(record.provenance);
    group.text = text_of(record.provenance);
    const auto same = std::ranges::find_if(groups, [&](const LossGroup& g) { return g.compares_with(group); });
    if (same == groups.end())
      groups.push_back(group);
    else
      read_losses(record, *same);
  }
  return groups;
}

std::vector<CostGroup> cost_groups(const std::vector<Record>& records) {
  std::vector<CostGroup> groups;
  for (const Record& record : records) {
    if (record.kind == "simulate" || record.kind == "simulate-core") read_simulated(record, groups);
    if (record.kind == "sweep") read_swept(record, groups);
  }
  return groups;
}

}  // namespace subbyte::reports
