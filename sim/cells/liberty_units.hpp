// The units of a Liberty file as factors to ns, fF, V, pJ and nW.
#pragma once

#include "sim/cells/liberty_tree.hpp"

namespace subbyte::sim {

/// 0 where the file names none, or one that cannot be read; who needs it says so.
struct LibertyUnits {
  double time_ns = 0;
  double capacitance_ff = 0;
  double voltage_v = 1;  ///< also where the file names none
  double energy_pj = 0;  ///< of internal power: capacitance times voltage squared
  double leakage_nw = 0;
};

LibertyUnits liberty_units(const LibertyGroup& library);

}  // namespace subbyte::sim
