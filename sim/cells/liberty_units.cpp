#include "sim/cells/liberty_units.hpp"

#include <fmt/format.h>

#include <cctype>
#include <stdexcept>
#include <string>

namespace subbyte::sim {
namespace {

double prefix_of(char letter) {
  switch (letter) {
    case 'f':
      return 1e-15;
    case 'p':
      return 1e-12;
    case 'n':
      return 1e-9;
    case 'u':
      return 1e-6;
    case 'm':
      return 1e-3;
    default:
      throw std::invalid_argument(fmt::format("unit prefix '{}', expected f, p, n, u or m", letter));
  }
}

/// "1ns", "10 pW", "1,ff" in SI units; `otherwise` when absent. Throws std::invalid_argument.
double si_value(std::string_view text, char unit, double otherwise) {
  if (text.empty()) return otherwise;
  std::string number, letters;
  for (const char c : text) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0)
      letters += static_cast<char>(std::tolower(c));
    else if (c != ',' && c != ' ')
      number += c;
  }
  if (letters.empty() || letters.size() > 2 || letters.back() != unit)
    throw std::invalid_argument(fmt::format("unit '{}', expected a number and a unit of {}", text, unit));
  const std::vector<double> value = liberty_numbers(number);
  return (value.empty() ? 1 : value.front()) * (letters.size() == 2 ? prefix_of(letters[0]) : 1);
}

}  // namespace

LibertyUnits liberty_units(const LibertyGroup& library) {
  LibertyUnits units;
  const double farad = si_value(library.text("capacitive_load_unit"), 'f', 0);
  const double second = si_value(library.text("time_unit"), 's', 0);
  if (!(farad > 0 && farad < 1) || !(second > 0 && second < 1))
    throw std::invalid_argument("time_unit or capacitive_load_unit is absent or not between 0 and 1");
  const double volt = si_value(library.text("voltage_unit"), 'v', 1);
  if (!(volt > 0 && volt < 1e6)) throw std::invalid_argument("voltage_unit is not above 0");
  units.time_ns = second * 1e9;
  units.capacitance_ff = farad * 1e15;
  units.energy_pj = farad * volt * volt * 1e12;
  units.leakage_nw = si_value(library.text("leakage_power_unit"), 'w', 0) * 1e9;
  if (!(units.leakage_nw >= 0 && units.leakage_nw < 1e12))
    throw std::invalid_argument("leakage_power_unit is not above 0");
  return units;
}

}  // namespace subbyte::sim
