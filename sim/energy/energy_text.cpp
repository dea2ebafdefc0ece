#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/scaled.hpp"
#include "reports/text.hpp"
#include "sim/energy/energy_all.hpp"
#include "sim/energy/energy_report.hpp"

namespace subbyte::sim {
namespace {

constexpr std::size_t kConditionIndent = 14;  ///< of the further lines of a condition, behind its name

bool without_technology(const reports::Metric& metric) {
  return metric.unit.empty() || metric.unit == "GE" || metric.unit == "FO4" || metric.unit == "E_FO4";
}

/// Prints no digits below the first one of the interval.
std::string rounded_text(double value, double half_width) {
  const double step = std::pow(10, std::floor(std::log10(half_width)));
  return step >= 1 ? fmt::format("{:.0f}", std::round(value / step) * step)
                   : fmt::format("{:.{}f}", value, static_cast<int>(std::round(-std::log10(step))));
}

/// Returns what share the interval of the energy with glitches is of that energy, and 0 where none is told; all
/// energies with glitches share it.
double timed_interval(const reports::Record& record) {
  for (const reports::Metric& metric : record.metrics)
    if (metric.basis.timed && metric.unit == "pJ" && metric.half_width) return *metric.half_width / metric.value;
  return 0;
}

std::string half_width_text(const reports::Metric& metric) {
  const reports::ScaledUnit scaled = reports::scaled_unit(metric.value, metric.unit);
  return reports::cell_text(*metric.half_width * scaled.factor, 2) + (scaled.unit.empty() ? "" : " " + scaled.unit);
}

/// Figures with glitches have no digits below their interval, whether it is their own or the one they share.
std::string value_text(const reports::Metric& metric, double timed_interval) {
  const double relative = !metric.basis.timed ? 0
                          : metric.half_width ? *metric.half_width / metric.value
                                              : timed_interval;
  if (relative <= 1e-4) return reports::figure_with_unit(metric.value, metric.unit);
  const reports::ScaledUnit scaled = reports::scaled_unit(metric.value, metric.unit);
  const double value = metric.value * scaled.factor;
  return rounded_text(value, relative * value) + (scaled.unit.empty() ? "" : " " + scaled.unit);
}

struct Line {
  std::string name, figure;
};

using Lines = std::vector<Line>;

void add_lines(const reports::Metric& metric, double timed_interval, Lines& lines) {
  for (const reports::Metric& figure : reports::with_half_widths({metric})) {
    std::string name = figure.name;
    std::ranges::replace(name, '_', ' ');
    const bool own = figure.name == metric.name;
    lines.push_back({name, own ? value_text(metric, timed_interval) : half_width_text(metric)});
  }
}

void add_group(const std::string& title, const Lines& lines, reports::TerminalText& text) {
  if (lines.empty()) return;
  std::size_t width = 0;
  for (const Line& line : lines) width = std::max(width, line.name.size());
  text.line("");
  text.line(title);
  for (const Line& line : lines) text.line(fmt::format("  {:<{}}  {}", line.name, width, line.figure));
}

/// Writes what both reports say alike, and then what each of them has of its own: `keys` always, `more` as footnotes.
void add_conditions(const nlohmann::json& p, std::initializer_list<const char*> keys,
                    std::initializer_list<const char*> more, reports::TerminalText& text) {
  const auto of = [&](const char* key) { return p.at(key).get<std::string>(); };
  text.line("");
  text.line("Under which conditions");
  const auto line = [](const std::string& name, const std::string& value) {
    return fmt::format("  {:<12}{}", name, value);
  };
  text.line(line("library", of("library")));
  for (const char* key : keys)
    if (p.contains(key)) text.line(line(key, of(key)), kConditionIndent);
  if (!text.verbose()) text.line(line("accuracy", kEnergyAccuracyInShort));
  if (const std::string remark = of("remark"); !remark.empty()) text.footnote(line("library", remark).substr(2));
  const std::string cells = p.contains("cells") ? fmt::format("{} cells, ", p.at("cells").get<std::size_t>()) : "";
  text.footnote(line("netlist", fmt::format("{}mapped for {:g} MHz by {}, abc {} (scripts {}), assuming {}", cells,
                                            p.at("clock_mhz").get<double>(), of("yosys"), of("abc_script"),
                                            of("script_hash").substr(0, 8), of("conventions")))
                    .substr(2));
  for (const char* key : more)
    if (p.contains(key)) text.footnote(line(key, of(key)).substr(2));
}

}  // namespace

std::string energy_text(const reports::Record& record, bool verbose) {
  Lines free, own, scaled;
  const double interval = timed_interval(record);
  for (const reports::Metric& metric : record.metrics)
    add_lines(metric, interval, metric.basis.scaled ? scaled : without_technology(metric) ? free : own);
  reports::TerminalText text(verbose);
  text.line(record.title);
  add_group("Free of technology", free, text);
  add_group("In this library", own, text);
  add_group("Derived for another node", scaled, text);
  add_conditions(record.provenance, {"wires", "glitches", "scaled"},
                 {"stimulus", "work", "windows", "confidence", "accuracy"}, text);
  for (const reports::Table& table : record.tables) {
    text.line("");
    text.table(table);
  }
  return text.text();
}

std::string all_energy_text(const reports::Record& record, bool verbose) {
  reports::TerminalText text(verbose);
  text.line(record.title);
  text.line("");
  text.table(record.tables.at(0));
  add_conditions(record.provenance, {"stimulus", "wires", "glitches"}, {"windows", "accuracy"}, text);
  for (const auto& row : record.provenance.at("refused"))
    text.line(fmt::format("not run: {} {}: {}", row.at("unit").get<std::string>(), row.at("format").get<std::string>(),
                          row.at("why").get<std::string>()));
  return text.text();
}

}  // namespace subbyte::sim
