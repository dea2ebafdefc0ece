// Reads the units of a Liberty file as factors to ns, fF, V, pJ and nW.
#pragma once

#include "sim/cells/liberty_tree.hpp"

namespace subbyte::sim {

/// A factor is 0 where the file names no unit, or one that cannot be read; whoever needs the unit reports that.
struct LibertyUnits {
  double time_ns = 0;
  double capacitance_ff = 0;
  double voltage_v = 1;  ///< 1 V also where the file names none
  double energy_pj = 0;  ///< of internal power; it is capacitance times voltage squared
  double leakage_nw = 0;
};

LibertyUnits liberty_units(const LibertyGroup& library);

}  // namespace subbyte::sim
