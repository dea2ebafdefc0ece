// Charts of the page: a description for the page's script; the numbers are the table's.
#include <fmt/format.h>

#include <array>

#include "reports/escape.hpp"
#include "reports/page.hpp"

namespace subbyte::reports {
namespace {

using nlohmann::json;

std::string figure(const std::string& title, const Table& table, const json& spec) {
  const char* kind = spec["kind"].get_ref<const std::string&>().c_str();
  return fmt::format(
      "<figure data-chart='{}'><figcaption>{}</figcaption><div class='plot' role='img' aria-label='{} ({}; its numbers "
      "are in the table {})'></div><div class='key'></div></figure>\n",
      escape(spec.dump(-1, ' ', false, json::error_handler_t::replace)), escape(title), escape(title), kind,
      escape(table.title));
}

json spec_of(const Treemap& c, const std::string& table) {
  return {{"kind", "treemap"},
          {"table", table},
          {"name", c.name},
          {"value", c.value},
          {"group", c.group == kNoColumn ? json() : json(c.group)}};
}

json spec_of(const Bars& c, const std::string& table) {
  return {{"kind", "bars"},     {"table", table},       {"category", c.category},
          {"values", c.values}, {"stacked", c.stacked}, {"log", c.log}};
}

json spec_of(const Roofline& c, const std::string& table) {
  return {{"kind", "roofline"},     {"table", table}, {"name", c.name},           {"intensity", c.intensity},
          {"attained", c.attained}, {"peak", c.peak}, {"bandwidth", c.bandwidth}, {"design", c.design}};
}

json spec_of(const Scatter& c, const std::string& table) {
  constexpr std::array<const char*, 4> kJoins{"none", "series", "marked", "front"};
  json spec{{"kind", "scatter"},  {"table", table},
            {"x", c.x},           {"y", c.y},
            {"series", c.series}, {"mark", c.mark},
            {"log_x", c.log_x},   {"log_y", c.log_y},
            {"label", c.label},   {"join", kJoins[static_cast<std::size_t>(c.join)]}};
  if (c.size != kNoColumn) spec["size"] = c.size;
  if (c.half_x != kNoColumn) spec["half_x"] = c.half_x;
  if (c.half_y != kNoColumn) spec["half_y"] = c.half_y;
  if (c.floor_y > 0) spec["floor_y"] = c.floor_y;
  return spec;
}

}  // namespace

std::string charts_html(const Record& record, std::size_t table, const std::string& id) {
  std::string out;
  const auto draw = [&](const auto& charts) {
    for (const auto& chart : charts)
      if (chart.table == table) out += figure(chart.title, record.tables[table], spec_of(chart, id));
  };
  draw(record.treemaps);
  draw(record.bars);
  draw(record.rooflines);
  draw(record.scatters);
  return out;
}

}  // namespace subbyte::reports
