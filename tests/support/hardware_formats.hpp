// The formats of the table that a unit runs, as it tells them apart: by codes, levels, zero point and the kind of
// scale. The rest of a format never reaches the hardware.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "kernels/contract/unit.hpp"
#include "quant/formats/term_program.hpp"

namespace subbyte {

/// Returns every row with each suffix that it can have (":g32", ":g32:scale=u8") that the unit runs at one of its
/// points, and only one of those that it cannot tell apart (layouts tell formats apart where points take different
/// ones).
inline std::vector<quant::Format> hardware_formats(const kernels::UnitInfo& unit,
                                                   std::initializer_list<const char*> suffixes) {
  using Key = std::tuple<std::vector<bool>, int, unsigned, std::vector<std::int64_t>, std::vector<std::int64_t>, bool,
                         bool, std::size_t>;
  std::set<Key> seen;
  std::vector<quant::Format> formats;
  for (const char* suffix : suffixes) {
    for (const auto& row : quant::format_table()) {
      quant::Format format;
      try {
        format = quant::parse_format(row.name + suffix);
      } catch (const quant::FormatError&) {
        continue;
      }
      std::vector<bool> runs;
      for (const auto& point : unit.points) runs.push_back(!unit.unsupported(point, format));
      if (std::ranges::find(runs, true) == runs.end()) continue;
      const auto& a = format.alphabet;
      const bool table = !quant::is_integer(a.kind);
      const bool u8 = format.scaling.stored == quant::ScaleFormat::kU8BelowChannel;
      const bool one_table = a.alternatives.empty() && a.unit_divisor == 1 && format.scaling.planes == 1;
      if (one_table && !seen.insert({runs, static_cast<int>(table ? quant::CodeKind::kTable : a.kind), a.code_bits,
                                     table ? a.numerators : std::vector<std::int64_t>{}, a.special_numerators,
                                     format.scaling.zero_point, u8, format.scaling.group})
                            .second) {
        continue;
      }
      formats.push_back(format);
    }
  }
  return formats;
}

}  // namespace subbyte
