// Reads the values of a stored tensor in FP32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/files/stored_tensor.hpp"

namespace subbyte::sim {

/// Returns true for the types that to_floats converts.
bool is_floating(DataType type);

/// Returns the values in row-major order. Throws InputError that names tensor, offset and index of the first element
/// that is not finite in FP32, and for a type that is not floating point.
std::vector<float> to_floats(const FileBytes& file, const StoredTensor& tensor);
/// What to do with an infinity or NaN.
enum class NonFinite : std::uint8_t { kRefuse, kKeep };
/// Returns rows first .. first + count of a two-dimensional tensor. Throws as above; kKeep passes on what is not
/// finite.
std::vector<float> to_floats(const FileBytes& file, const StoredTensor& tensor, std::size_t first, std::size_t count,
                             NonFinite non_finite = NonFinite::kRefuse);

}  // namespace subbyte::sim
