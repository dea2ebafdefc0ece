// bitserial_tile in time, which is composed of the models of its parts (kernels/TIMING.md).
#pragma once

#include <memory>

#include "kernels/bitserial_tile.hpp"
#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/trace.hpp"
#include "kernels/contract/unit_port.hpp"
#include "kernels/parts/pe_array.hpp"

namespace subbyte::models {

/// `path` chooses the golden code that computes the PEs; bits and cycles do not depend on it.
kernels::Trace bitserial_tile_on(kernels::PeArrayPath path, const kernels::UnitInfo& unit,
                                 const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                 kernels::TraceWindow window = {});

/// Returns the registers of a tile, for machines that are composed of tiles. The parameters are complete.
std::unique_ptr<kernels::UnitPort> bitserial_tile_port(const kernels::Parameters& parameters);

}  // namespace subbyte::models
