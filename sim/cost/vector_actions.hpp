// What the vector unit does in an operation, counted from kernels/VECTOR.md in closed form.
#pragma once

#include <cstdint>

#include "kernels/vector_unit.hpp"

namespace subbyte::sim {

struct VectorActions {
  std::uint64_t adds = 0, multiplies = 0;       ///< of FP32, those inside functions included
  std::uint64_t compares = 0;                   ///< comparisons, and steps of compare and subtract of a division
  std::uint64_t row_writes = 0, row_reads = 0;  ///< words of the row buffer
  std::uint64_t bus_reads = 0, bus_writes = 0;  ///< words of the bus that come as operands and go as results
  VectorActions& operator+=(const VectorActions& other);
  VectorActions& operator*=(std::uint64_t times);
};

/// Returns what an operation does with all its rows; the words of the bus stay 0. Lanes beyond the end of a row do
/// nothing, but in the tree that makes one number of all lanes.
VectorActions vector_actions(const kernels::VectorParams& unit, const kernels::VectorCommand& command,
                             const kernels::VectorRows& rows);

}  // namespace subbyte::sim
