// What an operation of the vector unit takes in a core, by the rule of kernels/VECTOR.md, "In a core".
#pragma once

#include <cstdint>
#include <string>

#include "sim/config/core_design.hpp"

namespace subbyte::sim {

struct VectorTime {
  std::uint64_t unit = 0;     ///< cycles from the first word that is offered to the last result: those of `fast`
  std::uint64_t waiting = 0;  ///< all other cycles: memory brings operands or takes results
  std::uint64_t read = 0, written = 0;  ///< bytes of the bus, in whole bursts
  double bus_cycles = 0;                ///< cycles in which the bus moves them
  std::uint64_t cycles() const { return unit + waiting; }
};

/// Returns the time of an operation with all its rows. Throws LayerRefused, which names the design and the buffer that
/// would be large enough, for a row that the row buffer does not hold. The core has a vector unit.
VectorTime vector_time(const std::string& design, const CoreDesign& core, const kernels::VectorCommand& command,
                       const kernels::VectorRows& rows);

}  // namespace subbyte::sim
