#include "reports/record.hpp"

#include <stdexcept>

namespace subbyte::reports {
namespace {

using nlohmann::json;

template <typename T>
T get(const json& object, const char* key) {
  const auto it = object.find(key);
  if (it == object.end()) throw std::invalid_argument(std::string("result record: key '") + key + "' is missing");
  try {
    return it->get<T>();
  } catch (const json::exception&) {
    throw std::invalid_argument(std::string("result record: key '") + key + "' is " + it->type_name() + ", another type was expected");
  }
}

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
    table.columns.push_back({get<std::string>(c, "name"), get<std::string>(c, "unit"), get<std::string>(c, "source"), c.value("digits", 4)});
  table.rows = get<std::vector<std::vector<json>>>(object, "rows");
  for (const auto& row : table.rows)
    if (row.size() != table.columns.size())
      throw std::invalid_argument("result record: table '" + table.title + "' has a row of " + std::to_string(row.size()) +
                                  " cells, expected " + std::to_string(table.columns.size()));
  return table;
}

Scatter scatter_from_json(const json& s, const std::vector<Table>& tables) {
  Scatter scatter{get<std::string>(s, "title"),     get<std::size_t>(s, "table"), get<std::size_t>(s, "x"),
                  get<std::size_t>(s, "y"),         get<std::size_t>(s, "series"), get<std::size_t>(s, "mark"),
                  s.value("log_x", false),          s.value("log_y", false),
                  s.value("label", std::size_t{0})};
  if (scatter.table >= tables.size()) throw std::invalid_argument("result record: a plot names a table that is not there");
  const std::size_t columns = tables[scatter.table].columns.size();
  for (const std::size_t column : {scatter.x, scatter.y, scatter.series, scatter.mark})
    if (column >= columns) throw std::invalid_argument("result record: a plot names a column that is not there");
  return scatter;
}

}  // namespace

json to_json(const Record& record) {
  json metrics = json::array();
  for (const Metric& m : record.metrics)
    metrics.push_back({{"name", m.name}, {"quantity", m.quantity}, {"unit", m.unit}, {"value", m.value}, {"source", m.source}});
  json tables = json::array();
  for (const Table& t : record.tables) tables.push_back(to_json(t));
  json scatters = json::array();
  for (const Scatter& s : record.scatters)
    scatters.push_back({{"title", s.title}, {"table", s.table}, {"x", s.x}, {"y", s.y}, {"series", s.series}, {"mark", s.mark}, {"log_x", s.log_x}, {"log_y", s.log_y}, {"label", s.label}});
  return {{"title", record.title}, {"kind", record.kind},     {"provenance", record.provenance},
          {"metrics", metrics},    {"tables", tables},        {"scatters", scatters}};
}

Record record_from_json(const json& object) {
  Record record;
  record.title = get<std::string>(object, "title");
  record.kind = get<std::string>(object, "kind");
  record.provenance = object.value("provenance", json::object());
  for (const json& m : get<std::vector<json>>(object, "metrics"))
    record.metrics.push_back({get<std::string>(m, "name"), get<std::string>(m, "quantity"), get<std::string>(m, "unit"),
                              get<double>(m, "value"), get<std::string>(m, "source")});
  for (const json& t : get<std::vector<json>>(object, "tables")) record.tables.push_back(table_from_json(t));
  for (const json& s : get<std::vector<json>>(object, "scatters")) record.scatters.push_back(scatter_from_json(s, record.tables));
  return record;
}

}  // namespace subbyte::reports
