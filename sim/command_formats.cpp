// `subbyte formats`: the table of number formats.
#include <fmt/format.h>

#include <iostream>

#include "quant/term_program.hpp"
#include "sim/command.hpp"

namespace subbyte::sim {
namespace {

CommandLine formats_line() {
  CommandLine line;
  line.usage = "formats [--json]";
  line.notes =
      "A format is written NAME[:gN][:key=value...], for example bitmod-fp4:g128:arith=fp16 or "
      "int4-asym:g64.\n"
      "Keys: arith=exact|fp16, scale=fp16|u8. Cycles are terms, the PE's cycles per weight and lane.\n"
      "JSON: "
      "{\"formats\":[{\"name\",\"bits\",\"default_id\",\"nominal_bits_per_weight\",\"cycles_per_weight\",\n"
      "                    \"summary\",\"source\"}]}\n";
  return line;
}

/// Nothing for a format that no single term program describes.
nlohmann::ordered_json cycles_of(const quant::Format& format) {
  try {
    return quant::lower(format).terms;
  } catch (const std::invalid_argument&) {
    return nullptr;
  }
}

nlohmann::ordered_json row_json(const quant::FormatRow& row) {
  return {{"name", row.name},
          {"bits", row.format.alphabet.code_bits},
          {"default_id", row.format.id()},
          {"nominal_bits_per_weight", row.format.nominal_bits_per_weight()},
          {"cycles_per_weight", cycles_of(row.format)},
          {"summary", row.summary},
          {"source", row.source}};
}

}  // namespace

int run_formats(Arguments args) {
  const auto options = parse_options(args, formats_line());
  if (!options) return kDone;
  nlohmann::ordered_json formats = nlohmann::ordered_json::array();
  for (const quant::FormatRow& row : quant::format_table()) formats.push_back(row_json(row));
  if ((*options)["json"].as<bool>()) {
    print_json({{"formats", formats}});
    return kDone;
  }
  std::cout << fmt::format("{:<12} {:>4} {:>15} {:>13}  {}\n", "format", "bits", "nominal bits/w",
                           "cycles/weight", "what it is [source]");
  for (const auto& row : formats) {
    std::cout << fmt::format("{:<12} {:>4} {:>15.4f} {:>13}  {} [{}]\n", row["name"].get<std::string>(),
                             row["bits"].get<unsigned>(), row["nominal_bits_per_weight"].get<double>(),
                             row["cycles_per_weight"].is_null() ? "-" : row["cycles_per_weight"].dump(), row["summary"].get<std::string>(),
                             row["source"].get<std::string>());
  }
  return kDone;
}

}  // namespace subbyte::sim
