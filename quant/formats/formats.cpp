// The table of formats has one line per family. Adding a format is adding a row to its family.
#include "quant/formats/formats.hpp"

#include <algorithm>
#include <iterator>

namespace subbyte::quant {
namespace {

std::vector<FormatRow> make_table() {
  std::vector<FormatRow> table;
  for (auto family : {integer_formats, ternary_formats, microscaling_formats, minifloat_formats, table_formats}) {
    auto rows = family();
    std::ranges::move(rows, std::back_inserter(table));
  }
  return table;
}

}  // namespace

FormatRow make_row(std::string name, FormatFamily family, std::string summary, std::string source,
                   std::vector<FormatOption> options, std::function<Format(const OptionValues&)> build,
                   FormatUses uses) {
  const auto complete = [build = std::move(build), name, source](const OptionValues& values) {
    Format format = build(values);
    format.name = name;
    format.source = source;
    return format;
  };
  Format at_defaults = complete([&](std::string_view option) {
    for (const auto& candidate : options) {
      if (candidate.name == option) return candidate.values.front();
    }
    return std::string();
  });
  return {std::move(name),    std::move(family.name), std::move(family.chart_group),
          std::move(summary), std::move(source),      std::move(options),
          complete,           std::move(at_defaults), uses};
}

const std::vector<FormatRow>& format_table() {
  static const std::vector<FormatRow> table = make_table();
  return table;
}

}  // namespace subbyte::quant
