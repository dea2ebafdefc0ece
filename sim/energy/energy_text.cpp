#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/energy/energy_all.hpp"
#include "sim/energy/energy_report.hpp"

namespace subbyte::sim {
namespace {

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

/// Figures with glitches have no digits below their interval, whether it is their own or the one they share.
std::string value_text(const reports::Metric& metric, double timed_interval) {
  const double relative = !metric.basis.timed ? 0
                          : metric.half_width ? *metric.half_width / metric.value
                                              : timed_interval;
  return relative > 1e-4 ? rounded_text(metric.value, relative * metric.value) : reports::cell_text(metric.value, 5);
}

struct Line {
  std::string name, value, unit;
};

using Lines = std::vector<Line>;

void add_lines(const reports::Metric& metric, double timed_interval, Lines& lines) {
  for (const reports::Metric& figure : reports::with_half_widths({metric})) {
    std::string name = figure.name;
    std::ranges::replace(name, '_', ' ');
    const bool own = figure.name == metric.name;
    lines.push_back(
        {name, own ? value_text(metric, timed_interval) : reports::cell_text(figure.value, 2), figure.unit});
  }
}

std::string group(const std::string& title, const Lines& lines) {
  if (lines.empty()) return "";
  std::size_t width = 0;
  for (const Line& line : lines) width = std::max(width, line.name.size());
  std::string text = title + "\n";
  for (const Line& line : lines) text += fmt::format("  {:<{}}  {:>12} {}\n", line.name, width, line.value, line.unit);
  return text;
}

/// Writes what both reports say alike, and then what each of them has of its own.
std::string conditions(const nlohmann::json& p, std::initializer_list<const char*> keys) {
  std::string text;
  const auto line = [&](const char* name, const std::string& value) {
    text += fmt::format("  {:<12}{}\n", name, value);
  };
  const auto of = [&](const char* key) { return p.at(key).get<std::string>(); };
  const std::string remark = of("remark");
  line("library", of("library") + (remark.empty() ? "" : "; " + remark));
  const std::string cells = p.contains("cells") ? fmt::format("{} cells, ", p.at("cells").get<std::size_t>()) : "";
  line("netlist", fmt::format("{}mapped for {:g} MHz by {}, abc {} (scripts {}), assuming {}", cells,
                              p.at("clock_mhz").get<double>(), of("yosys"), of("abc_script"),
                              of("script_hash").substr(0, 8), of("conventions")));
  for (const char* key : keys)
    if (p.contains(key)) line(key, of(key));
  return text;
}

}  // namespace

std::string energy_text(const reports::Record& record) {
  Lines free, own, scaled;
  const double interval = timed_interval(record);
  for (const reports::Metric& metric : record.metrics)
    add_lines(metric, interval, metric.basis.scaled ? scaled : without_technology(metric) ? free : own);
  std::string text = record.title + "\n\n" + group("Free of technology", free) + "\n" + group("In this library", own);
  if (!scaled.empty()) text += "\n" + group("Derived for another node", scaled);
  text += "\nUnder which conditions\n" + conditions(record.provenance, {"stimulus", "work", "windows", "confidence",
                                                                        "wires", "glitches", "scaled", "accuracy"});
  for (const reports::Table& table : record.tables) text += "\n" + reports::terminal(table);
  return text;
}

std::string all_energy_text(const reports::Record& record) {
  std::string text = record.title + "\n\n" + reports::terminal(record.tables.at(0)) + "\nUnder which conditions\n" +
                     conditions(record.provenance, {"stimulus", "windows", "wires", "glitches", "accuracy"});
  for (const auto& row : record.provenance.at("refused"))
    text += fmt::format("not run: {} {}: {}\n", row.at("unit").get<std::string>(), row.at("format").get<std::string>(),
                        row.at("why").get<std::string>());
  return text;
}

}  // namespace subbyte::sim
