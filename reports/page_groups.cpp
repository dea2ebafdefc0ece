// Records of one kind in one chart: a bar per record, made of what their own bar charts show.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/page.hpp"

namespace subbyte::reports {
namespace {

/// The first stacked bars of a record, with their table.
const Bars* stacked_bars(const Record& record) {
  const auto found = std::ranges::find_if(record.bars, [](const Bars& bars) { return bars.stacked && !bars.log; });
  return found == record.bars.end() ? nullptr : &*found;
}

std::vector<std::string> parts_of(const Record& record) {
  std::vector<std::string> names;
  const Bars* bars = stacked_bars(record);
  if (bars == nullptr) return names;
  for (const std::size_t c : bars->values) names.push_back(record.tables[bars->table].columns[c].name);
  return names;
}

/// What a part comes to: the total's cell, or the sum of the rows.
double sum_of(const Table& table, std::size_t column) {
  const auto value = [&](const auto& row) { return row[column].is_number() ? row[column].template get<double>() : 0; };
  if (has_total(table)) return value(table.rows.back());
  double sum = 0;
  for (const auto& row : table.rows) sum += value(row);
  return sum;
}

const Metric* metric(const Record& record, std::string_view name) {
  const auto found = std::ranges::find(record.metrics, name, &Metric::name);
  return found == record.metrics.end() || !std::isfinite(found->value) ? nullptr : &*found;
}

/// The metric that all have and that the bars shall come to: energy per token, or per MAC.
std::string common_metric(const std::vector<const Record*>& records) {
  for (const char* name : {"energy_per_token", "energy_per_mac"})
    if (std::ranges::all_of(records, [&](const Record* r) { return metric(*r, name) != nullptr; })) return name;
  return "";
}

/// A title's distinct part without the marks of what was left out.
std::string bar_name(std::string part) {
  const std::string mark = "…";
  for (auto at = part.find(mark); at != std::string::npos; at = part.find(mark)) part.erase(at, mark.size());
  std::string out;
  for (const char c : part)
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
  out.erase(out.find_last_not_of(" ,") + 1);
  return out.empty() ? "record" : out;
}

std::vector<nlohmann::json> bar_of(const Record& record, const std::string& goal, double unit) {
  const Bars& bars = *stacked_bars(record);
  std::vector<double> sums;
  double all = 0;
  for (const std::size_t c : bars.values) all += sums.emplace_back(sum_of(record.tables[bars.table], c));
  const double factor = goal.empty() || all <= 0 ? 1 : metric(record, goal)->value * unit / all;
  std::vector<nlohmann::json> cells;
  for (const double sum : sums) cells.emplace_back(sum * factor);
  return cells;
}

}  // namespace

std::optional<Record> together(const std::vector<const Record*>& records) {
  const std::vector<std::string> parts = parts_of(*records[0]);
  const auto alike = [&](const Record* r) { return parts_of(*r) == parts; };
  if (records.size() < 2 || parts.empty() || !std::ranges::all_of(records, alike)) return std::nullopt;
  const std::string goal = common_metric(records);
  const Table& first = records[0]->tables[stacked_bars(*records[0])->table];
  Scaled scale{1, first.columns[column(first, parts[0])].unit};
  std::string title = stacked_bars(*records[0])->title, source = "sums of the records' own tables";
  if (!goal.empty()) {
    double largest = 0;
    for (const Record* r : records) largest = std::max(largest, metric(*r, goal)->value);
    const Metric& model = *metric(*records[0], goal);
    scale = scaled(largest, model.unit);
    if (goal == "energy_per_mac" && scale.unit.find('/') == std::string::npos) scale.unit += "/MAC";
    title = goal == "energy_per_token" ? "Energy per token by place" : "Energy per MAC by use";
    source =
        fmt::format("{}{}, split as the records' own tables are", goal, model.basis.timed ? " (with glitches)" : "");
  }
  Record out;
  out.tables = {{title, {{"record", "", "", 4}}, {}, ""}};
  for (const std::string& part : parts) out.tables[0].columns.push_back({part, scale.unit, source, 4});
  std::vector<std::string> titles;
  for (const Record* r : records) titles.push_back(r->title);
  titles = distinct_parts(titles);
  for (std::size_t i = 0; i < records.size(); ++i) {
    out.tables[0].rows.push_back({bar_name(titles[i])});
    for (auto& value : bar_of(*records[i], goal, scale.factor)) out.tables[0].rows[i].push_back(value);
  }
  Bars bars{title, 0, 0, {}};
  for (std::size_t c = 1; c <= parts.size(); ++c) bars.values.push_back(c);
  out.bars = {bars};
  return out;
}

}  // namespace subbyte::reports
