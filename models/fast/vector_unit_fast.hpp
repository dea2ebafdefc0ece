// The `fast` engine of the vector unit gives cycles without data (kernels/VECTOR.md): those of a stimulus with its
// stalls by a recurrence, and those of an operation without stalls in closed form, with the bytes that it moves.
#pragma once

#include <cstdint>

#include "kernels/vector_unit.hpp"

namespace subbyte::models {

using kernels::VectorRows;

/// What an operation takes. Operations one behind the other take the sum of their `cycles`, and the `fill` of the last
/// one once. A rotation, whose sets give two words, may delay what follows it by one cycle more.
struct VectorCost {
  std::uint64_t cycles = 0;     ///< from the first word that is offered to the last one that enters the lanes
  std::uint64_t fill = 0;       ///< from there to the last result that is taken
  std::uint64_t bytes_in = 0;   ///< operands: 2 or 4 bytes per element, weights and tables of norms and RoPE included
  std::uint64_t bytes_out = 0;  ///< results: FP16, FP32, or packed codes with the scale and zero point of each row
};

/// Throws std::invalid_argument for no rows, an empty row, a growth above 1, growing groups, and a row that the buffer
/// does not hold.
VectorCost vector_cost(const kernels::VectorParams& params, const kernels::VectorCommand& command,
                       const VectorRows& rows);

/// Returns the trace of a stimulus of the vector unit, whose beats are zeros.
kernels::Trace vector_unit_fast(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                kernels::TraceWindow window);

}  // namespace subbyte::models
