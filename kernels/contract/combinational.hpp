// In a combinational unit, output beat i is a function of input beat i alone, in the same cycle (kernels/TIMING.md).
#pragma once

#include <cstdint>
#include <span>

#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

/// Computes one beat of a combinational unit at resolved parameters; `out` arrives zeroed.
using BeatFunction = void (*)(const Parameters&, std::span<const std::uint64_t> in, std::span<std::uint64_t> out);

/// Returns the golden function of a unit whose shapes are already in `info`.
std::function<Trace(const Parameters&, const Stimulus&, TraceWindow)> combinational_golden(const UnitInfo& info,
                                                                                           BeatFunction beat);

}  // namespace subbyte::kernels
