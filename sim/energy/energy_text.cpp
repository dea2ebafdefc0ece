#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/energy/energy_all.hpp"
#include "sim/energy/energy_report.hpp"

namespace subbyte::sim {
namespace {

bool without_technology(const reports::Metric& metric) {
  return metric.unit.empty() || metric.unit == "GE" || metric.unit == "FO4" || metric.unit == "E_FO4";
}

/// No digits below the first one of the interval.
std::string rounded_text(double value, double half_width) {
  const double step = std::pow(10, std::floor(std::log10(half_width)));
  return step >= 1 ? fmt::format("{:.0f}", std::round(value / step) * step)
                   : fmt::format("{:.{}f}", value, static_cast<int>(std::round(-std::log10(step))));
}

/// What an interval is of the figures with glitches, 0 where none is told.
struct Uncertainty {
  double factor = 0, timed = 0;  ///< relative
};

Uncertainty uncertainty_of(const reports::Record& record) {
  std::map<std::string, double> values;
  for (const reports::Metric& metric : record.metrics) values[metric.name] = metric.value;
  const auto relative = [&](const std::string& name) {
    return values.contains(name + "_half_width") ? values[name + "_half_width"] / values[name] : 0.0;
  };
  return {relative("glitch_factor"), relative("energy_per_cycle_timed")};
}

std::string value_text(const reports::Metric& metric, const Uncertainty& uncertainty) {
  if (metric.name.ends_with("half_width")) return reports::cell_text(metric.value, 2);
  const bool timed = metric.name.find("_timed") != std::string::npos;
  const double relative = metric.name == "glitch_factor" ? uncertainty.factor : timed ? uncertainty.timed : 0;
  return relative > 1e-4 ? rounded_text(metric.value, relative * metric.value) : reports::cell_text(metric.value, 5);
}

std::string lines_of(const std::vector<const reports::Metric*>& metrics, const Uncertainty& uncertainty) {
  std::size_t width = 0;
  for (const auto* metric : metrics) width = std::max(width, metric->name.size());
  std::string text;
  for (const auto* metric : metrics) {
    std::string name = metric->name;
    std::ranges::replace(name, '_', ' ');
    text += fmt::format("  {:<{}}  {:>12} {}\n", name, width, value_text(*metric, uncertainty), metric->unit);
  }
  return text;
}

std::string group(const std::string& title, const std::vector<const reports::Metric*>& metrics,
                  const Uncertainty& uncertainty) {
  return metrics.empty() ? "" : title + "\n" + lines_of(metrics, uncertainty);
}

/// What both reports say alike, then what each has.
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
  std::vector<const reports::Metric*> free, own, scaled;
  for (const reports::Metric& metric : record.metrics)
    (metric.name.ends_with("_scaled") ? scaled : without_technology(metric) ? free : own).push_back(&metric);
  const Uncertainty uncertainty = uncertainty_of(record);
  std::string text = record.title + "\n\n" + group("Free of technology", free, uncertainty) + "\n" +
                     group("In this library", own, uncertainty);
  if (!scaled.empty()) text += "\n" + group("Derived for another node", scaled, uncertainty);
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
