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

}  // namespace

std::string charts_html(const Record& record, std::size_t table, const std::string& id) {
  const Table& t = record.tables[table];
  constexpr std::array<const char*, 3> kJoins{"none", "series", "marked"};
  std::string out;
  for (const Treemap& c : record.treemaps)
    if (c.table == table)
      out += figure(c.title, t,
                    {{"kind", "treemap"},
                     {"table", id},
                     {"name", c.name},
                     {"value", c.value},
                     {"group", c.group == kNoColumn ? json() : json(c.group)}});
  for (const Bars& c : record.bars)
    if (c.table == table)
      out += figure(c.title, t,
                    {{"kind", "bars"},
                     {"table", id},
                     {"category", c.category},
                     {"values", c.values},
                     {"stacked", c.stacked},
                     {"log", c.log}});
  for (const Roofline& c : record.rooflines)
    if (c.table == table)
      out += figure(c.title, t,
                    {{"kind", "roofline"},
                     {"table", id},
                     {"name", c.name},
                     {"intensity", c.intensity},
                     {"attained", c.attained},
                     {"peak", c.peak},
                     {"bandwidth", c.bandwidth},
                     {"design", c.design}});
  for (const Scatter& c : record.scatters)
    if (c.table == table)
      out += figure(c.title, t,
                    {{"kind", "scatter"},
                     {"table", id},
                     {"x", c.x},
                     {"y", c.y},
                     {"series", c.series},
                     {"mark", c.mark},
                     {"log_x", c.log_x},
                     {"log_y", c.log_y},
                     {"label", c.label},
                     {"join", kJoins[static_cast<std::size_t>(c.join)]}});
  return out;
}

}  // namespace subbyte::reports
