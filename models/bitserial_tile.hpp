// bitserial_tile in time, which is composed of the models of its parts (kernels/TIMING.md).
#pragma once

#include "kernels/bitserial_tile.hpp"
#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/trace.hpp"
#include "kernels/parts/pe_array.hpp"

namespace subbyte::models {

/// `path` chooses the golden code that computes the PEs; bits and cycles do not depend on it.
kernels::Trace bitserial_tile_on(kernels::PeArrayPath path, const kernels::UnitInfo& unit,
                                 const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                 kernels::TraceWindow window = {});

}  // namespace subbyte::models
