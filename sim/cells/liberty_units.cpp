#include "sim/cells/liberty_units.hpp"

#include <cctype>
#include <cmath>
#include <stdexcept>
#include <string>
#include <string_view>

namespace subbyte::sim {
namespace {

constexpr double kLargest = 1e15;  // the largest factor, so that nothing that is multiplied by one overflows

/// Returns the power of ten of a prefix; throws std::invalid_argument for a letter that is no prefix.
int exponent_of(char prefix) {
  constexpr std::string_view kPrefixes = "munpf";  // they stand for 10^-3, 10^-6 and so on
  const std::size_t at = kPrefixes.find(prefix);
  if (at == std::string_view::npos) throw std::invalid_argument("no prefix of a unit");
  return -3 * (static_cast<int>(at) + 1);
}

/// These powers of ten fit a double exactly, so that a factor is rounded only once.
double power_of_ten(int exponent) {
  constexpr double kPowers[] = {1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9, 1e10,
                                1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20};
  return exponent < 0 ? 1 / kPowers[-exponent] : kPowers[exponent];
}

/// Reads "1ns", "10 pW" or "1,ff" in 10^-`scale` of the unit; returns 0 for what is absent, unknown or too large.
double factor(std::string_view text, char unit, int scale) {
  std::string number, letters;
  for (const char c : text) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0)
      letters += static_cast<char>(std::tolower(c));
    else if (c != ',' && c != ' ')
      number += c;
  }
  if (letters.empty() || letters.size() > 2 || letters.back() != unit) return 0;
  try {
    const std::vector<double> value = liberty_numbers(number);
    const double one = value.empty() ? 1 : value.front();
    const double scaled = one * power_of_ten(scale + (letters.size() == 2 ? exponent_of(letters[0]) : 0));
    return scaled > 0 && scaled < kLargest ? scaled : 0;
  } catch (const std::invalid_argument&) {
    return 0;
  }
}

}  // namespace

LibertyUnits liberty_units(const LibertyGroup& library) {
  LibertyUnits units;
  const std::string_view capacitance = library.text("capacitive_load_unit");
  units.time_ns = factor(library.text("time_unit"), 's', 9);
  units.capacitance_ff = factor(capacitance, 'f', 15);
  if (!library.text("voltage_unit").empty()) units.voltage_v = factor(library.text("voltage_unit"), 'v', 0);
  units.energy_pj = factor(capacitance, 'f', 12) * units.voltage_v * units.voltage_v;
  units.leakage_nw = factor(library.text("leakage_power_unit"), 'w', 9);
  return units;
}

}  // namespace subbyte::sim
