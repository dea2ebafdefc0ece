// Models of units with registers of their own, each in models/<unit>.cpp.
#pragma once

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/trace.hpp"
#include "kernels/contract/unit.hpp"

namespace subbyte::models {

/// A model as a row of the catalogue holds it.
using Model = kernels::Trace(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                             const kernels::Stimulus& stimulus, kernels::TraceWindow window);
Model term_encoder_systemc, bitserial_pe_systemc, group_dequant_systemc, column_accumulator_systemc,
    bitserial_tile_systemc, fp16_mac_tile_systemc, fp4_dequant_systemc, fp4_quant_systemc, dequant_mac_tile_systemc,
    core_systemc, vector_unit_systemc;

}  // namespace subbyte::models
