// Figures with the prefix that a person reads best: 208.9 nJ/token, 90.05 GMAC/s, 8.375 KiB.
#pragma once

#include <string>

namespace subbyte::reports {

/// A unit with another prefix. A value in the old unit, times `factor`, is one in the new unit.
struct ScaledUnit {
  std::string unit;
  double factor = 1;
};

/// The unit in which `value` has one to three digits before its point: joules, watts, seconds, hertz, MAC/s and byte/s
/// by powers of 1000, bytes by powers of 1024, um2 as mm2 from a million of them. Other units ("cycles", "GE"), 0 and
/// values that are not finite stay as they are.
ScaledUnit scaled_unit(double value, const std::string& unit);

}  // namespace subbyte::reports
