// The recorded inputs of a linear layer as FP16 bit patterns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

/// Holds FP16 bit patterns, row-major [tokens][cols].
struct Activations {
  std::size_t tokens = 0;
  std::size_t cols = 0;
  std::vector<std::uint16_t> bits;
};

/// Reads the inputs of a layer. `path` is a .npy matrix [tokens][cols] (f2, or f4 rounded to nearest even), a
/// safetensors file (F16, F32) with a tensor named like the layer (without ".weight"), or "embedded" for
/// configs/workloads/embedded/activations.safetensors. Throws InputError where there is no such layer (with the nearest
/// name), where `cols` are not those of the layer, where the array does not have two dimensions, where a value is not
/// finite in FP16, and for any damage to the file.
Activations load_activations(const std::string& path, std::string_view layer, std::size_t cols);

/// Returns how many tokens load_activations() would give. Throws as it does, but for the values, which are not read.
std::size_t activation_tokens(const std::string& path, std::string_view layer, std::size_t cols);

}  // namespace subbyte::sim
