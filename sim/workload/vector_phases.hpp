// What a model needs between its matrix layers, as operations of the vector unit (kernels/VECTOR.md).
#pragma once

#include <string_view>

#include "sim/workload/model_phases.hpp"

namespace subbyte::sim {

/// Returns "rms norm" and so on, as kernels/VECTOR.md calls the operations.
std::string_view operation_name(kernels::VectorOperation operation);

/// Returns what a token needs up to its logits and neither the array nor the vector unit does, with keys and values in
/// a cache of this format; without one attention is among it.
std::vector<std::string> not_counted(const ModelShape& shape, const std::optional<quant::Format>& cache);

/// Adds the layers of the vector unit to the phases of a model, in the order in which a token goes through them, and
/// says anew what is not in them. Products take FP16, or with `int8` INT8 and a scale for each token, and give FP32;
/// the values between the blocks are FP32. What goes into a product is rounded by the operation that makes it, or by
/// one of its own. A product of INT8 is multiplied by the token's scale, in the operation behind it where that one has
/// a factor. Without a format for the cache what attention needs is left out. Phases of a product alone, which have no
/// model's shape, stay as they are.
PhaseWork with_vector_operations(PhaseWork work, bool int8);

}  // namespace subbyte::sim
