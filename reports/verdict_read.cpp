// Losses and costs out of records, by the names of columns, metrics and keys.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "reports/verdict.hpp"

namespace subbyte::reports {
namespace {

using nlohmann::json;

std::optional<std::size_t> find(const Table& table, std::string_view name) {
  const auto found = std::ranges::find(table.columns, name, &Column::name);
  if (found == table.columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - table.columns.begin());
}

std::optional<double> number(const Table& table, const std::vector<json>& row, std::string_view name) {
  const auto column = find(table, name);
  if (!column || !row[*column].is_number()) return std::nullopt;
  return row[*column].get<double>();
}

/// The figure of a column, with the half-width of the column that is named after it.
std::optional<Figure> figure(const Table& table, const std::vector<json>& row, const std::string& name,
                             double factor = 1) {
  const auto value = number(table, row, name);
  if (!value) return std::nullopt;
  const auto half = number(table, row, name + " half width");
  return Figure{*value * factor, half ? std::optional(*half * factor) : std::nullopt, half.value_or(0) * factor};
}

std::string text(const json& object, const char* key) {
  const auto it = object.is_object() ? object.find(key) : object.end();
  if (it == object.end() || it->is_null()) return "";
  return it->is_string() ? it->get<std::string>() : it->dump();
}

/// A member that is an object; else an empty one.
json object_in(const json& object, const char* key) {
  const auto it = object.is_object() ? object.find(key) : object.end();
  return it == object.end() || !it->is_object() ? json::object() : *it;
}

/// The hash of the definition behind the n-th row of a record's table of formats; empty where the record has none.
std::string definition_of(const json& provenance, std::size_t n) {
  const auto it = provenance.find("format_definitions");
  if (it == provenance.end() || !it->is_array() || n >= it->size() || !(*it)[n].is_string()) return "";
  return (*it)[n].get<std::string>();
}

/// "int4" of groups of 128 is "int4:g128"; a name that says its group stays.
std::string with_group(const std::string& name, const json& group) {
  if (group.is_null() || name.find(":g") != std::string::npos) return name;
  const std::string part = ":g" + (group.is_number() ? group.dump() : std::string("channel"));
  const auto colon = name.find(':');
  return colon == std::string::npos ? name + part : name.substr(0, colon) + part + name.substr(colon);
}

std::string method_of(const json& provenance) {
  std::string method = fmt::format("{} tokens", text(provenance, "tokens"));
  const std::string activations = text(provenance, "activation_format"), arithmetic = text(provenance, "arithmetic");
  if (!activations.empty()) method += fmt::format(", {} activations", activations == "none" ? "FP32" : activations);
  if (!arithmetic.empty()) method += ", " + arithmetic;
  return method;
}

void read_losses(const Record& record, LossGroup& group) {
  for (const Table& table : record.tables) {
    const auto format = find(table, "format");
    const char* name = find(table, "above FP32") ? "above FP32" : "loss increase";
    if (!format || !find(table, name) || !find(table, "bits per weight")) continue;
    const auto size = find(table, "group");
    std::size_t rows = 0;
    for (const auto& row : table.rows) {
      const auto loss = figure(table, row, name);
      if (!loss || !row[*format].is_string()) continue;
      const std::string definition = definition_of(record.provenance, rows++);
      const std::string id = with_group(row[*format].get<std::string>(), size ? row[*size] : json());
      const bool known = std::ranges::any_of(
          group.losses, [&](const Loss& l) { return l.format == id && l.definition == definition; });
      if (!known) group.losses.push_back({id, *loss, number(table, row, "bits per weight"), definition});
    }
  }
}

std::optional<double> metric(const Record& record, std::string_view name) {
  const auto found = std::ranges::find(record.metrics, name, &Metric::name);
  if (found == record.metrics.end() || !std::isfinite(found->value)) return std::nullopt;
  return found->value;
}

/// Energy per token, with its own half-width or the range that the record gives for the whole run.
std::optional<Figure> energy_of(const Record& record) {
  const auto found = std::ranges::find(record.metrics, "energy_per_token", &Metric::name);
  if (found == record.metrics.end() || !std::isfinite(found->value)) return std::nullopt;
  Figure energy{found->value * 1e6, std::nullopt};
  if (found->half_width) {
    energy.half = *found->half_width * 1e6;
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
  cost.definition = definition_of(record.provenance, 0);
  const json design = object_in(record.provenance, "design");
  cost.design = text(design, "name");
  if (const auto rate = metric(record, "tokens_per_s"); rate && *rate > 0) cost.time_us = Figure{1e6 / *rate};
  cost.energy_uj = energy_of(record);
  if (const auto area = metric(record, "area")) cost.area_mm2 = *area * 1e-6;
  cost.bits = metric(record, "bits_per_weight");
  const auto energy = std::ranges::find(record.metrics, "energy_per_token", &Metric::name);
  cost.glitches = energy != record.metrics.end() && energy->basis.timed;
  cost.clock_met = text(record.provenance, "clock").find("NOT met") == std::string::npos;
  return cost;
}

CostGroup& group_of(std::vector<CostGroup>& groups, const CostGroup& like) {
  const auto same = std::ranges::find_if(groups, [&](const CostGroup& g) {
    return g.model == like.model && g.work == like.work && g.technology == like.technology && g.whole == like.whole &&
           g.glitches == like.glitches;
  });
  if (same != groups.end()) return *same;
  groups.push_back(like);
  return groups.back();
}

void read_simulated(const Record& record, std::vector<CostGroup>& groups) {
  if (text(record.provenance, "format").empty() || !record.provenance.contains("design")) return;
  CostGroup group;
  const auto layers = metric(record, "layers");
  group.whole = layers && text(record.provenance, "layers") == "all";
  group.work = fmt::format("{}, {} tokens",
                           layers ? fmt::format("{:g} layers", *layers) : "layer " + text(record.provenance, "layer"),
                           text(record.provenance, "tokens"));
  group.technology = text(object_in(record.provenance, "design"), "technology");
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

void read_swept(const Record& record, std::vector<CostGroup>& groups) {
  const json sweep = object_in(record.provenance, "sweep");
  const json workload = object_in(sweep, "workload");
  const std::string design = text(sweep, "design");
  for (const Table& table : record.tables) {
    const auto format = find(table, "format"), variant = find(table, "variant"), library = find(table, "technology");
    if (!format || !variant || !find(table, "cycles per token")) continue;
    std::size_t rows = 0;
    for (const auto& row : table.rows) {
      CostGroup group;
      group.work = fmt::format("layer {}, {} tokens", text(workload, "layer"), text(workload, "tokens"));
      group.model = model_name(text(workload, "model"));
      const auto energy = find(table, "energy per token");
      group.glitches = energy && table.columns[*energy].source.find("with glitches") != std::string::npos;
      if (library && row[*library].is_string()) group.technology = row[*library].get<std::string>();
      Cost cost;
      const std::string name = row[*variant].is_string() ? row[*variant].get<std::string>() : "";
      const json silicon = object_in(object_in(record.provenance, "silicon"), name.c_str());
      group.remark = text(silicon, "remark");
      cost.format = row[*format].is_string() ? row[*format].get<std::string>() : "";
      cost.definition = definition_of(record.provenance, rows++);
      cost.design = design.empty() ? name : design + " " + name;
      if (const auto cycles = number(table, row, "cycles per token"), mhz = clock_of(record, name); cycles && mhz)
        cost.time_us = Figure{*cycles / *mhz};
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
    const auto same = std::ranges::find_if(
        groups, [&](const LossGroup& g) { return g.path == group.path && g.method == group.method; });
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
    if (record.kind == "simulate") read_simulated(record, groups);
    if (record.kind == "sweep") read_swept(record, groups);
  }
  return groups;
}

}  // namespace subbyte::reports
