#include "reports/scaled.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

namespace subbyte::reports {
namespace {

struct Prefix {
  std::string_view symbol;
  int power;  ///< of ten
};

// Of each power the first is the one that is written.
constexpr std::array kPrefixes{Prefix{"f", -15},     Prefix{"p", -12}, Prefix{"n", -9}, Prefix{"u", -6},
                               Prefix{"\u00b5", -6}, Prefix{"m", -3},  Prefix{"", 0},   Prefix{"k", 3},
                               Prefix{"M", 6},       Prefix{"G", 9},   Prefix{"T", 12}, Prefix{"P", 15}};
constexpr std::array<std::string_view, 8> kBases{"J", "W", "s", "Hz", "MAC/s", "byte/s", "B/s", "op/s"};
constexpr double kKilo = 1024;

/// A unit taken apart: prefix, base and what follows it ("/MAC", "*s").
struct Parts {
  int power = 0;
  std::string base, rest;
};

/// Whether the unit ends here, or goes on behind a product or quotient.
bool ends_there(std::string_view rest) {
  return rest.empty() || rest.starts_with("/") || rest.starts_with("*") || rest.starts_with("\u00b7");
}

std::optional<Parts> parts_of(const std::string& unit) {
  for (const Prefix& prefix : kPrefixes) {
    if (!unit.starts_with(prefix.symbol)) continue;
    const std::string_view behind = std::string_view(unit).substr(prefix.symbol.size());
    for (const std::string_view base : kBases)
      if (behind.starts_with(base) && ends_there(behind.substr(base.size())))
        return Parts{prefix.power, std::string(base), std::string(behind.substr(base.size()))};
  }
  return std::nullopt;
}

ScaledUnit scaled_bytes(double value, const std::string& unit) {
  constexpr std::array<std::string_view, 4> names{"KiB", "MiB", "GiB", "TiB"};
  double factor = 1;
  std::string name = unit;
  for (const std::string_view next : names) {
    if (std::abs(value) * factor < kKilo) break;
    factor /= kKilo;
    name = next;
  }
  return {name, factor};
}

ScaledUnit scaled_area(double value, const std::string& unit) {
  constexpr double mm2 = 1e6;
  if (std::abs(value) < mm2) return {unit, 1};
  return {unit == "um2" ? "mm2" : "mm\u00b2", 1 / mm2};
}

}  // namespace

ScaledUnit scaled_unit(double value, const std::string& unit) {
  if (value == 0 || !std::isfinite(value)) return {unit, 1};
  if (unit == "bytes" || unit == "byte") return scaled_bytes(value, unit);
  if (unit == "um2" || unit == "\u00b5m\u00b2") return scaled_area(value, unit);
  const auto parts = parts_of(unit);
  if (!parts) return {unit, 1};
  const double magnitude = std::log10(std::abs(value)) + parts->power + 1e-9;
  const int most = parts->base == "s" ? 0 : kPrefixes.back().power;  // nobody reads kiloseconds
  const int wanted = std::clamp(3 * static_cast<int>(std::floor(magnitude / 3)), kPrefixes.front().power, most);
  const auto prefix = std::ranges::find(kPrefixes, wanted, &Prefix::power);
  return {std::string(prefix->symbol) + parts->base + parts->rest, std::pow(10.0, parts->power - wanted)};
}

}  // namespace subbyte::reports
