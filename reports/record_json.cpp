#include "reports/record_json.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <utility>

namespace subbyte::reports {
namespace {

using nlohmann::json;

json to_json(const Table& table) {
  json columns = json::array();
  for (const Column& c : table.columns)
    columns.push_back({{"name", c.name}, {"unit", c.unit}, {"source", c.source}, {"digits", c.digits}});
  return {{"title", table.title}, {"columns", columns}, {"rows", table.rows}, {"note", table.note}};
}

Table table_from_json(const json& object) {
  Table table;
  table.title = get<std::string>(object, "title");
  table.note = object.value("note", "");
  for (const json& c : get<std::vector<json>>(object, "columns"))
    table.columns.push_back({get<std::string>(c, "name"), get<std::string>(c, "unit"), get<std::string>(c, "source"),
                             c.value("digits", 4)});
  table.rows = get<std::vector<std::vector<json>>>(object, "rows");
  for (const auto& row : table.rows)
    if (row.size() != table.columns.size())
      throw std::invalid_argument("result record: table '" + table.title + "' has a row of " +
                                  std::to_string(row.size()) + " cells, expected " +
                                  std::to_string(table.columns.size()));
  return table;
}

constexpr std::pair<const char*, bool Basis::*> kBasisWords[] = {{"timed", &Basis::timed}, {"scaled", &Basis::scaled}};

/// JSON has no infinities: what is no finite number is null there, and not a number when read.
json number_json(double value) { return std::isfinite(value) ? json(value) : json(); }

template <typename Json>
Json metric_json(const Metric& m) {
  Json out = {{"name", m.name},
              {"quantity", m.quantity},
              {"unit", m.unit},
              {"value", Json(number_json(m.value))},
              {"source", m.source}};
  if (m.half_width) out["half_width"] = Json(number_json(*m.half_width));
  for (const auto& [word, member] : kBasisWords)
    if (m.basis.*member) out["basis"].push_back(word);
  return out;
}

double number_from(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_null() ? std::numeric_limits<double>::quiet_NaN() : get<double>(object, key);
}

Basis basis_from(const json& words) {
  Basis basis;
  for (const json& word : words) {
    const auto known = std::ranges::find_if(kBasisWords, [&](const auto& pair) { return word == pair.first; });
    if (known == std::end(kBasisWords))
      throw std::invalid_argument("result record: key 'basis' has " + word.dump() +
                                  ", expected \"timed\" or \"scaled\"");
    basis.*known->second = true;
  }
  return basis;
}

/// Records of older versions have no half-widths and no basis: a half-width is a metric of its own there.
Metric metric_from_json(const json& m) {
  Metric metric{get<std::string>(m, "name"), get<std::string>(m, "quantity"), get<std::string>(m, "unit"),
                number_from(m, "value"), get<std::string>(m, "source")};
  if (m.contains("half_width")) metric.half_width = number_from(m, "half_width");
  if (m.contains("basis")) metric.basis = basis_from(get<std::vector<json>>(m, "basis"));
  return metric;
}

}  // namespace

json to_json(const Record& record) {
  json metrics = json::array();
  for (const Metric& m : record.metrics) metrics.push_back(metric_json<json>(m));
  json tables = json::array();
  for (const Table& t : record.tables) tables.push_back(to_json(t));
  json out = {{"title", record.title},
              {"kind", record.kind},
              {"provenance", record.provenance},
              {"metrics", metrics},
              {"tables", tables}};
  charts_to_json(record, out);
  return out;
}

Record record_from_json(const json& object) {
  Record record;
  record.title = get<std::string>(object, "title");
  record.kind = get<std::string>(object, "kind");
  if (object.contains("provenance")) record.provenance = object["provenance"];
  if (!record.provenance.is_object()) throw std::invalid_argument("result record: key 'provenance' is no object");
  for (const json& m : get<std::vector<json>>(object, "metrics")) record.metrics.push_back(metric_from_json(m));
  for (const json& t : get<std::vector<json>>(object, "tables")) record.tables.push_back(table_from_json(t));
  charts_from_json(object, record);
  return record;
}

nlohmann::ordered_json metrics_json(const std::vector<Metric>& metrics) {
  auto array = nlohmann::ordered_json::array();
  for (const Metric& m : metrics) array.push_back(metric_json<nlohmann::ordered_json>(m));
  return array;
}

}  // namespace subbyte::reports
