// One self-contained HTML page.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/escape.hpp"
#include "reports/page.hpp"
#include "reports/page_assets.hpp"
#include "reports/record.hpp"
#include "reports/verdict.hpp"

namespace subbyte::reports {
namespace {

using nlohmann::json;

// The browser itself refuses whatever would need a network.
constexpr const char* kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'";

std::string words(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

std::string tile_html(const Metric& m, const std::string& source) {
  const Scaled scale = scaled(std::abs(m.value), m.unit);
  const double value = m.value * scale.factor;
  const std::string text =
      std::abs(value) < 1e15 && value == std::floor(value) ? fmt::format("{:.0f}", value) : cell_text(value, 5);
  return fmt::format(
      "<div><dt>{}</dt><dd title='{} {}'>{} <span>{}</span></dd><dd class='source' title='{}'>{}</dd></div>\n",
      escape(words(m.name)), json(m.value).dump(), escape(m.unit), escape(spaced(text)), escape(scale.unit),
      escape(m.source), escape(source));
}

/// Tiles in the record's order; a long source is a number there and a line below.
std::string metrics_html(const std::vector<Metric>& metrics) {
  constexpr std::size_t kShort = 34;
  if (metrics.empty()) return "";
  std::vector<std::string> sources;
  std::string out = "<dl class='metrics'>\n", notes;
  for (const Metric& m : metrics) {
    std::string source = m.source;
    if (source.size() > kShort) {
      const auto it = std::ranges::find(sources, m.source);
      source = fmt::format("source {}", it - sources.begin() + 1);
      if (it == sources.end()) {
        sources.push_back(m.source);
        notes += fmt::format("{}<b>{}</b>: {}", notes.empty() ? "" : " \u00b7 ", source, escape(m.source));
      }
    }
    out += tile_html(m, source);
  }
  return out + "</dl>\n" + (notes.empty() ? "" : "<p class='sources'>" + notes + "</p>\n");
}

/// A title that may break after commas.
std::string title_html(const std::string& title) {
  std::string out;
  for (const char c : escape(title)) {
    out += c;
    if (c == ',') out += "<wbr>";
  }
  return out;
}

/// Nested objects as nested lists, everything else as text.
std::string provenance_html(const json& value) {
  if (value.is_object()) {
    std::string out = "<dl>";
    for (const auto& [key, child] : value.items())
      out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escape(words(key)), provenance_html(child));
    return out + "</dl>";
  }
  if (value.is_string()) return escape(value.get_ref<const std::string&>());
  return escape(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

/// What the technology's figures are not good for, where no note of a table says it already.
std::string warnings_html(const Record& record) {
  std::string out;
  for (const std::string& remark : remarks_of(record)) {
    const auto says = [&](const Table& table) { return table.note.find(remark) != std::string::npos; };
    if (std::ranges::none_of(record.tables, says)) out += fmt::format("<p class='warning'>{}.</p>\n", escape(remark));
  }
  return out;
}

std::string heading_html(const std::string& kind, const std::string& title) {
  return fmt::format("<h2{}><span class='kind'>{}</span>{}</h2>", title.size() > 90 ? " class='long'" : "",
                     escape(kind), title_html(title));
}

/// A record, folded: its heading opens it.
std::string record_html(const Record& record, const std::string& id) {
  std::string out = fmt::format("<details class='record' id='{}'><summary>{}</summary>\n", id,
                                heading_html(record.kind, record.title));
  out += metrics_html(with_half_widths(record.metrics)) + warnings_html(record);
  for (std::size_t i = 0; i < record.tables.size(); ++i) {
    const std::string table = fmt::format("{}t{}", id, i);
    out += table_html(record.tables[i], table, charts_html(record, i, table));
  }
  if (!record.provenance.empty())
    out += fmt::format("<details class='provenance'><summary>Provenance</summary>{}</details>\n",
                       provenance_html(record.provenance));
  return out + "</details>\n";
}

std::string folded_html(const std::string& summary, const std::string& content) {
  return fmt::format("<details class='points'><summary>{}</summary>{}</details>\n", summary, content);
}

/// Records of one kind side by side: one chart for all; its numbers, their metrics and the records themselves folded.
std::string group_html(const std::vector<const Record*>& records, const std::string& id, const std::string& folded) {
  const std::string heading = fmt::format("{} records side by side", records.size());
  std::string out = fmt::format("<section id='{}'>{}\n", id, heading_html(records[0]->kind, heading));
  if (const std::optional<Record> chart = together(records)) {
    out += charts_html(*chart, 0, id + "t1");
    out += folded_html("Numbers of the chart", table_html(chart->tables[0], id + "t1", ""));
  }
  const Table metrics = side_by_side(records);
  if (metrics.columns.size() > 1) out += folded_html("Metrics of each record", table_html(metrics, id + "t0", ""));
  return out + folded_html(fmt::format("The {} records", records.size()), folded) + "</section>\n";
}

/// Records of one kind that follow each other.
struct Group {
  std::string kind;
  std::vector<const Record*> records;
};

std::vector<Group> grouped(const std::vector<Record>& records) {
  std::vector<Group> groups;
  for (const Record& record : records) {
    if (groups.empty() || groups.back().kind != record.kind) groups.push_back({record.kind, {}});
    groups.back().records.push_back(&record);
  }
  return groups;
}

struct Body {
  std::string contents, sections;
};

std::string link_html(const std::string& id, const std::string& title, const std::string& whole) {
  return fmt::format("<li><a href='#{}' title='{}'>{}</a></li>\n", id, escape(whole), title_html(title));
}

Body body_html(const std::vector<Record>& records) {
  Body body;
  std::size_t number = 0;
  for (const Group& group : grouped(records)) {
    body.contents += fmt::format("<li><b>{}</b><ul>\n", escape(group.kind));
    const std::string together = fmt::format("s{}", number);
    const bool several = group.records.size() > 1;
    if (several)
      body.contents += link_html(together, fmt::format("{} records side by side", group.records.size()), group.kind);
    std::vector<std::string> titles;
    for (const Record* record : group.records) titles.push_back(record->title);
    titles = distinct_parts(titles);
    std::string sections;
    for (std::size_t i = 0; i < titles.size(); ++i) {
      const std::string id = fmt::format("r{}", number++);
      body.contents += link_html(id, titles[i], group.records[i]->title);
      sections += record_html(*group.records[i], id);
    }
    body.sections += several ? group_html(group.records, together, sections) : sections;
    body.contents += "</ul></li>\n";
  }
  return body;
}

}  // namespace

std::string html(const std::string& title, const std::vector<Record>& records) {
  const Body body = body_html(records);
  std::string out = fmt::format(
      "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
      "<meta http-equiv='Content-Security-Policy' content=\"{}\">"
      "<meta name='viewport' content='width=device-width,initial-scale=1'><title>{}</title>\n<style>\n",
      kPolicy, escape(title));
  out += kPageStyle;
  out += fmt::format(
      "</style></head>\n<body><div class='page'><header><h1>{}</h1><p>{} {}, folded below the verdict. Figures "
      "carry their unit and their source; columns sort on a click, plots answer to the pointer, and words with dots "
      "under them explain themselves.</p><noscript><p>Charts, sorting and filters "
      "need JavaScript; the tables hold every number.</p></noscript></header>\n"
      "<nav aria-label='Contents'><details><summary>Contents</summary><ul>\n<li><a "
      "href='#verdict'>Verdict</a></li>\n{}</ul></details></nav>\n<main>\n",
      escape(title), records.size(), records.size() == 1 ? "record" : "records", body.contents);
  out += verdict_html(records) + body.sections;
  out +=
      "</main><footer>Made by subbyte report. Charts: Apache ECharts, Apache License 2.0; its licences "
      "are in this file.</footer></div>\n<script type='text/markdown' id='glossary-source'>\n";
  out += kGlossary;
  out += "</script>\n<script>\n";
  out += kChartLibrary;
  out += "</script>\n<script>\n";
  out += kPageScript;
  return out + "</script></body></html>\n";
}

}  // namespace subbyte::reports
