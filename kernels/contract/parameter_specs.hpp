// Parameter specifications that several units share, so that a range is stated once.
#pragma once

#include <vector>

#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

/// Returns a specification whose RTL name is the name in CamelCase.
ParameterSpec spec(const char* name, std::int64_t default_value, std::int64_t min, std::int64_t max,
                   const char* summary);
ParameterSpec lanes_spec();
ParameterSpec cols_spec();
ParameterSpec shift_width_spec();
/// Returns the specifications of table_bits and table_terms.
std::vector<ParameterSpec> table_specs();
/// Returns the specifications of align_bits, acc_width and guard_bits.
std::vector<ParameterSpec> rounded_sum_specs();
/// Returns the same, and those of rounding and exact.
std::vector<ParameterSpec> accumulator_specs();
/// Returns the value of a parameter that resolve() completed, or `otherwise` when the unit does not have it.
unsigned value_or(const Parameters& parameters, const char* name, unsigned otherwise);

}  // namespace subbyte::kernels
