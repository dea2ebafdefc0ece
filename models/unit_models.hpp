// Models of units with registers of their own, each in models/<unit>.cpp.
#pragma once

#include <memory>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/trace.hpp"
#include "kernels/contract/unit.hpp"
#include "kernels/contract/unit_port.hpp"

namespace subbyte::models {

/// A model as a row of the catalogue holds it.
using Model = kernels::Trace(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                             const kernels::Stimulus& stimulus, kernels::TraceWindow window);
Model term_encoder_systemc, bitserial_pe_systemc, group_dequant_systemc, column_accumulator_systemc,
    bitserial_tile_systemc, fp16_mac_tile_systemc, fp4_dequant_systemc, fp4_quant_systemc, dequant_mac_tile_systemc,
    core_systemc, vector_unit_systemc;

/// Returns the registers of a tile, for machines that are composed of tiles. The parameters are complete.
std::unique_ptr<kernels::UnitPort> dequant_mac_tile_port(const kernels::Parameters& parameters);

}  // namespace subbyte::models
