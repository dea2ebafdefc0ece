// The page's first section: question, choice, at most five rows, the chart, and where all of it comes from.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "reports/escape.hpp"
#include "reports/page.hpp"
#include "reports/verdict.hpp"

namespace subbyte::reports {
namespace {

using nlohmann::json;

std::set<std::string> designs_of(const Verdict& verdict) {
  std::set<std::string> designs;
  for (const Choice& c : verdict.all)
    if (!c.cost.design.empty()) designs.insert(c.cost.design);
  return designs;
}

std::string question_of(const Verdict& verdict) {
  const auto designs = designs_of(verdict);
  const std::string where = designs.empty()       ? ""
                            : designs.size() == 1 ? " on " + *designs.begin()
                                                  : fmt::format(" on {} designs", designs.size());
  if (verdict.loss.losses.empty()) return fmt::format("What does each format cost{}?", where);
  if (designs.empty()) return fmt::format("Which number format suits the model {}?", verdict.loss.model);
  return fmt::format("Which number format suits the model {}, and what does it cost{}?", verdict.loss.model, where);
}

/// A figure with its half-width behind it.
std::string cell(const std::optional<Figure>& figure, int digits = 3) {
  if (!figure) return "-";
  std::string text = escape(spaced(cell_text(figure->value, digits)));
  if (figure->half) text += fmt::format(" <small>± {}</small>", escape(spaced(cell_text(*figure->half, 2))));
  return text;
}

std::string cell(const std::optional<double>& value, int digits = 3) {
  return value ? escape(spaced(cell_text(*value, digits))) : "-";
}

std::string loss_cell(const std::optional<Figure>& loss) {
  if (!loss || loss->value >= kNoLoss) return cell(loss, 2);
  const bool wide = loss->half && *loss->half >= kNoLoss;
  return fmt::format("&lt; {:.4f}{}", kNoLoss, wide ? fmt::format(" <small>± {}</small>", cell(loss->half, 2)) : "");
}

std::string row_html(const Choice& c, bool with_design) {
  const std::string design = with_design ? fmt::format(" <small>{}</small>", breakable(c.cost.design)) : "";
  const std::pair<const char*, std::string> cells[] = {{"loss above FP32, nats/token", loss_cell(c.loss)},
                                                       {"bits per weight", cell(c.bits, 4)},
                                                       {"time, µs/token", cell(c.cost.time_us)},
                                                       {"energy, µJ/token", cell(c.cost.energy_uj)},
                                                       {"area, mm²", cell(c.cost.area_mm2)}};
  std::string out = fmt::format("<tr{}><th scope='row'>{}{}</th>", c.why == kChosen ? " class='chosen'" : "",
                                breakable(c.name), design);
  for (const auto& [label, text] : cells) out += fmt::format("<td data-label='{}'>{}</td>", label, text);
  const std::string why = c.why.empty() ? (c.front            ? "on the front"
                                           : !c.alike.empty() ? "as good as " + c.alike + " by what was measured"
                                           : c.loss           ? "beaten"
                                                              : "")
                                        : c.why;
  return out + fmt::format("<td class='why' data-label='why'>{}</td></tr>\n", escape(why));
}

std::string rows_html(const Verdict& verdict) {
  std::string out =
      "<table class='rows' aria-label='At most five formats'><thead><tr><th scope='col'>format</th>"
      "<th scope='col'>loss above FP32 <small>nats/token</small></th><th scope='col'>bits per weight</th>"
      "<th scope='col'>time <small>µs/token</small></th><th scope='col'>energy <small>µJ/token</small></th>"
      "<th scope='col'>area <small>mm²</small></th><th scope='col'>why it is here</th></tr></thead><tbody>\n";
  const bool several = designs_of(verdict).size() > 1;
  bool halves = false;
  for (const std::size_t i : verdict.rows) {
    const Choice& c = verdict.all[i];
    out += row_html(c, several);
    halves = halves || (c.loss && c.loss->half) || (c.cost.energy_uj && c.cost.energy_uj->half);
  }
  out += "</tbody></table>\n";
  if (!halves) return out;
  return out +
         "<p class='note'>± is half of the 95 % interval of what was measured as a sample. An energy without one "
         "shows the published range of its memory instead.</p>\n";
}

/// A column of the chart's table and how it reads a choice.
struct Field {
  Column column;
  json (*read)(const Choice&);
};

template <auto Member>
json figure_of(const Choice& c) {
  return c.cost.*Member ? json((c.cost.*Member)->value) : json();
}

Table points_of(const Verdict& verdict) {
  const std::string work = verdict.cost.work + (verdict.cost.technology.empty() ? "" : ", " + verdict.cost.technology);
  const Field fields[] = {
      {{"format", "", "", 4}, [](const Choice& c) { return json(c.name); }},
      {{"design", "", "", 4}, [](const Choice& c) { return c.cost.design.empty() ? json() : json(c.cost.design); }},
      {{"on the front", "", "derived", 4}, [](const Choice& c) { return json(c.front); }},
      {{"loss above FP32", "nats/token", verdict.loss.method, 3},
       [](const Choice& c) { return c.loss ? json(c.loss->value) : json(); }},
      {{"loss half width", "nats/token", "95 % interval", 2},
       [](const Choice& c) { return c.loss && c.loss->half ? json(*c.loss->half) : json(); }},
      {{"bits per weight", "bit", "codes and metadata", 5},
       [](const Choice& c) { return c.bits ? json(*c.bits) : json(); }},
      {{"time", "µs/token", work, 4}, figure_of<&Cost::time_us>},
      {{"energy per token", "µJ", work, 4}, figure_of<&Cost::energy_uj>},
      {{"energy half width", "µJ", "95 % interval", 2},
       [](const Choice& c) {
         return c.cost.energy_uj && c.cost.energy_uj->half ? json(*c.cost.energy_uj->half) : json();
       }},
      {{"area", "mm²", work, 4}, [](const Choice& c) { return c.cost.area_mm2 ? json(*c.cost.area_mm2) : json(); }}};
  Table table{fmt::format("All {} points of the verdict", verdict.all.size()), {}, {}, ""};
  table.rows.resize(verdict.all.size());
  for (const Field& field : fields) {
    if (std::ranges::all_of(verdict.all, [&](const Choice& c) { return field.read(c).is_null(); })) continue;
    table.columns.push_back(field.column);
    for (std::size_t i = 0; i < verdict.all.size(); ++i) table.rows[i].push_back(field.read(verdict.all[i]));
  }
  return table;
}

std::size_t column_or_none(const Table& table, std::string_view name) {
  return std::ranges::find(table.columns, name, &Column::name) == table.columns.end() ? kNoColumn : column(table, name);
}

/// Whether the areas of what is drawn differ: only then is the size of a point worth a word.
bool areas_differ(const Verdict& verdict) {
  std::set<double> areas;
  for (const Choice& c : verdict.all)
    if (c.loss && price(verdict, c)) areas.insert(c.cost.area_mm2.value_or(0));
  return areas.size() > 1;
}

Scatter chart_of(const Verdict& verdict, const Table& points) {
  Scatter chart;
  const char* against = verdict.by_energy ? "energy per token" : "bits per weight";
  const auto area = verdict.by_energy ? column_or_none(points, "area") : kNoColumn;
  chart.title = fmt::format("Loss above FP32 against {}{}", against,
                            area == kNoColumn || !areas_differ(verdict) ? "" : "; size: area");
  chart.x = column(points, against);
  chart.y = column(points, "loss above FP32");
  chart.label = column(points, "format");
  chart.series = verdict.by_energy && designs_of(verdict).size() > 1 ? column(points, "design") : chart.label;
  chart.mark = column(points, "on the front");
  chart.join = Join::kMarked;
  chart.log_x = verdict.by_energy;
  chart.log_y = true;
  chart.floor_y = kNoLoss;
  chart.size = area;
  chart.half_x = verdict.by_energy ? column_or_none(points, "energy half width") : kNoColumn;
  chart.half_y = column_or_none(points, "loss half width");
  return chart;
}

std::string chart_html(const Verdict& verdict) {
  Record shown;
  shown.tables = {points_of(verdict)};
  const auto on_front = std::ranges::count_if(verdict.all, &Choice::front);
  const bool drawn = on_front > 0;
  const char* front = on_front > 1
                          ? "The dashed line joins the front: points that no other beats in both, by more than "
                            "what was measured leaves open."
                          : "One point is the front: no other beats it in loss or in price, by more than what "
                            "was measured leaves open.";
  if (drawn) shown.scatters = {chart_of(verdict, shown.tables[0])};
  return charts_html(shown, 0, "v0t0") + (drawn ? fmt::format("<p class='note'>{}</p>\n", front) : "") +
         fmt::format("<details class='points'><summary>{}</summary>{}</details>\n", escape(shown.tables[0].title),
                     table_html(shown.tables[0], "v0t0", ""));
}

/// What records say made them: each value once; dates as the first and the last day.
struct Makers {
  std::set<std::string> programs, days, machines;
  std::size_t silent = 0;
};

Makers makers_of(const std::vector<Record>& records) {
  Makers makers;
  for (const Record& record : records) {
    const json by = record.provenance.value("made_by", json::object());
    const auto text = [](const json& from, const char* key) {
      const auto it = from.find(key);
      return it == from.end() ? "" : it->is_string() ? it->get<std::string>() : it->dump();
    };
    if (!by.is_object() || !by.contains("program")) {
      ++makers.silent;
      continue;
    }
    makers.programs.insert(fmt::format("{} ({})", text(by, "program"), text(by, "revision")));
    makers.days.insert(text(by, "date").substr(0, 10));
    const json machine = by.value("machine", json::object());
    if (!machine.empty())
      makers.machines.insert(fmt::format("{}, {} cores", text(machine, "cpu"), text(machine, "cores")));
  }
  return makers;
}

std::string facts_html(const std::vector<Record>& records, const std::optional<Verdict>& verdict) {
  std::vector<std::pair<std::string, std::string>> facts;
  if (verdict && !verdict->loss.losses.empty()) {
    facts.push_back({"model", verdict->loss.path});
    facts.push_back({"loss", verdict->loss.method});
    if (!verdict->loss.text.empty()) facts.push_back({"text", verdict->loss.text});
  }
  if (verdict && !verdict->cost.costs.empty())
    facts.push_back(
        {"cost", fmt::format("{}{}{}", verdict->cost.work,
                             verdict->cost.technology.empty() ? "" : ", cells of " + verdict->cost.technology,
                             std::ranges::any_of(verdict->cost.costs, &Cost::glitches) ? ", glitches counted" : "")});
  if (verdict && !verdict->aside.empty())
    facts.push_back({"not compared with these", fmt::format("{}", fmt::join(verdict->aside, "; "))});
  const Makers makers = makers_of(records);
  const std::string days = makers.days.empty() ? "" : *makers.days.begin();
  if (!days.empty()) facts.push_back({"date", makers.days.size() > 1 ? days + " to " + *makers.days.rbegin() : days});
  if (!makers.programs.empty()) facts.push_back({"version", fmt::format("{}", fmt::join(makers.programs, "; "))});
  if (!makers.machines.empty()) facts.push_back({"machine", fmt::format("{}", fmt::join(makers.machines, "; "))});
  if (makers.silent > 0)
    facts.push_back(
        {"not stated", fmt::format("date, version and machine of {} of {} records", makers.silent, records.size())});
  std::string out = "<dl class='facts'>";
  for (const auto& [name, value] : facts)
    out += fmt::format("<div><dt>{}:</dt> <dd>{}</dd></div>\n", name, escape(value));
  return out + "</dl>\n";
}

/// Text in which `code` stands between backticks.
std::string sentence_html(const std::string& text) {
  std::string out;
  bool code = false;
  for (const char c : escape(text)) {
    if (c == '`') {
      out += code ? "</code>" : "<code>";
      code = !code;
    } else {
      out += c;
    }
  }
  return out + (code ? "</code>" : "");
}

}  // namespace

std::string verdict_html(const std::vector<Record>& records) {
  const std::optional<Verdict> found = verdict(records);
  std::string out = "<section id='verdict'>";
  if (!found) return out + "<h2>What was recorded</h2>\n" + facts_html(records, found) + "</section>\n";
  out += fmt::format("<h2>{}</h2>\n", escape(question_of(*found)));
  for (const std::string& sentence : found->sentences)
    out += fmt::format("<p class='choice'>{}</p>\n", sentence_html(sentence));
  for (const std::string& sentence : found->missing)
    out += fmt::format("<p class='missing'>{}</p>\n", sentence_html(sentence));
  out += rows_html(*found);
  if (!found->cost.remark.empty())
    out += fmt::format("<p class='warning'><b>{}</b>: {}.</p>\n", escape(found->cost.technology),
                       escape(found->cost.remark));
  return out + chart_html(*found) + facts_html(records, found) + "</section>\n";
}

}  // namespace subbyte::reports
