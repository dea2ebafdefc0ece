// Charts of a record to and from JSON.
#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "reports/record_json.hpp"

namespace subbyte::reports {
namespace {

using nlohmann::json;
constexpr std::array<const char*, 4> kJoins{"none", "series", "marked", "front"};

std::vector<json> list(const json& object, const char* key) {
  return object.contains(key) ? get<std::vector<json>>(object, key) : std::vector<json>{};
}

/// A key that records of older versions do not have.
template <typename T>
T get_or(const json& object, const char* key, T otherwise) {
  return object.contains(key) ? get<T>(object, key) : otherwise;
}

void check(const std::vector<Table>& tables, std::size_t table, const std::vector<std::size_t>& columns) {
  if (table >= tables.size()) throw std::invalid_argument("result record: a plot names a table that is not there");
  for (const std::size_t column : columns)
    if (column >= tables[table].columns.size())
      throw std::invalid_argument("result record: a plot names a column that is not there");
}

/// Columns that a scatter plot may do without; their keys are there only where it has them.
constexpr std::pair<const char*, std::size_t Scatter::*> kMaybe[] = {
    {"size", &Scatter::size}, {"half_x", &Scatter::half_x}, {"half_y", &Scatter::half_y}};

json scatter_json(const Scatter& s) {
  json out{{"title", s.title},   {"table", s.table},
           {"x", s.x},           {"y", s.y},
           {"series", s.series}, {"mark", s.mark},
           {"log_x", s.log_x},   {"log_y", s.log_y},
           {"label", s.label},   {"join", kJoins[static_cast<std::size_t>(s.join)]}};
  for (const auto& [key, member] : kMaybe)
    if (s.*member != kNoColumn) out[key] = s.*member;
  if (s.floor_y > 0) out["floor_y"] = s.floor_y;
  return out;
}

Scatter scatter_from(const json& s, const std::vector<Table>& tables) {
  const auto join = std::ranges::find(kJoins, get_or<std::string>(s, "join", "none"));
  if (join == kJoins.end())
    throw std::invalid_argument("result record: 'join' of a plot is none of none, series, marked, front");
  Scatter scatter{get<std::string>(s, "title"),       get<std::size_t>(s, "table"),
                  get<std::size_t>(s, "x"),           get<std::size_t>(s, "y"),
                  get<std::size_t>(s, "series"),      get<std::size_t>(s, "mark"),
                  get_or(s, "log_x", false),          get_or(s, "log_y", false),
                  get_or(s, "label", std::size_t{0}), static_cast<Join>(join - kJoins.begin())};
  check(tables, scatter.table, {scatter.x, scatter.y, scatter.series, scatter.mark, scatter.label});
  for (const auto& [key, member] : kMaybe) {
    if (!s.contains(key)) continue;
    scatter.*member = get<std::size_t>(s, key);
    check(tables, scatter.table, {scatter.*member});
  }
  scatter.floor_y = get_or(s, "floor_y", 0.0);
  return scatter;
}

json treemap_json(const Treemap& t) {
  return {{"title", t.title},
          {"table", t.table},
          {"name", t.name},
          {"value", t.value},
          {"group", t.group == kNoColumn ? json() : json(t.group)}};
}

Treemap treemap_from(const json& t, const std::vector<Table>& tables) {
  const bool grouped = t.contains("group") && !t["group"].is_null();
  const Treemap treemap{get<std::string>(t, "title"), get<std::size_t>(t, "table"), get<std::size_t>(t, "name"),
                        get<std::size_t>(t, "value"), grouped ? get<std::size_t>(t, "group") : kNoColumn};
  check(tables, treemap.table, {treemap.name, treemap.value, grouped ? treemap.group : 0});
  return treemap;
}

json bars_json(const Bars& b) {
  return {{"title", b.title},   {"table", b.table},     {"category", b.category},
          {"values", b.values}, {"stacked", b.stacked}, {"log", b.log}};
}

Bars bars_from(const json& b, const std::vector<Table>& tables) {
  const Bars bars{get<std::string>(b, "title"),    get<std::size_t>(b, "table"),
                  get<std::size_t>(b, "category"), get<std::vector<std::size_t>>(b, "values"),
                  get_or(b, "stacked", true),      get_or(b, "log", false)};
  check(tables, bars.table, {bars.category});
  check(tables, bars.table, bars.values);
  return bars;
}

json roofline_json(const Roofline& r) {
  return {{"title", r.title},       {"table", r.table}, {"name", r.name},           {"intensity", r.intensity},
          {"attained", r.attained}, {"peak", r.peak},   {"bandwidth", r.bandwidth}, {"design", r.design}};
}

Roofline roofline_from(const json& r, const std::vector<Table>& tables) {
  const Roofline roofline{get<std::string>(r, "title"),     get<std::size_t>(r, "table"),
                          get<std::size_t>(r, "name"),      get<std::size_t>(r, "intensity"),
                          get<std::size_t>(r, "attained"),  get<std::size_t>(r, "peak"),
                          get<std::size_t>(r, "bandwidth"), get<std::size_t>(r, "design")};
  check(tables, roofline.table,
        {roofline.name, roofline.intensity, roofline.attained, roofline.peak, roofline.bandwidth, roofline.design});
  return roofline;
}

}  // namespace

void charts_to_json(const Record& record, json& object) {
  for (const char* key : {"scatters", "treemaps", "bars", "rooflines"}) object[key] = json::array();
  for (const Scatter& s : record.scatters) object["scatters"].push_back(scatter_json(s));
  for (const Treemap& t : record.treemaps) object["treemaps"].push_back(treemap_json(t));
  for (const Bars& b : record.bars) object["bars"].push_back(bars_json(b));
  for (const Roofline& r : record.rooflines) object["rooflines"].push_back(roofline_json(r));
}

void charts_from_json(const json& object, Record& record) {
  for (const json& s : list(object, "scatters")) record.scatters.push_back(scatter_from(s, record.tables));
  for (const json& t : list(object, "treemaps")) record.treemaps.push_back(treemap_from(t, record.tables));
  for (const json& b : list(object, "bars")) record.bars.push_back(bars_from(b, record.tables));
  for (const json& r : list(object, "rooflines")) record.rooflines.push_back(roofline_from(r, record.tables));
}

}  // namespace subbyte::reports
