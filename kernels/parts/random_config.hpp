// Draws configuration writes, for the stimuli of units with a table.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/contract/stimulus.hpp"
#include "kernels/parts/random_values.hpp"

namespace subbyte::kernels {

/// Returns 32 uniform bits.
std::uint32_t any_word(Random& random);
/// Puts the writes into a uniform order (Fisher and Yates).
void shuffle(Random& random, std::span<ConfigWrite> writes);

}  // namespace subbyte::kernels
