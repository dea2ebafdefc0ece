// The units of a Liberty file as factors to ns, fF, pJ and nW.
#pragma once

#include "sim/cells/liberty_tree.hpp"

namespace subbyte::sim {

struct LibertyUnits {
  double time_ns = 1;
  double capacitance_ff = 1;
  double energy_pj = 1;   ///< of internal power: capacitance times voltage squared
  double leakage_nw = 0;  ///< 0 when the file names none
};

/// Throws std::invalid_argument for a unit that is absent (but of leakage) or cannot be read.
LibertyUnits liberty_units(const LibertyGroup& library);

}  // namespace subbyte::sim
