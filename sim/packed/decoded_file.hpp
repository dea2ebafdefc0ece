// Writes decoded weights as plain safetensors, which any Python tool opens.
#pragma once

#include <string>
#include <vector>

#include "sim/packed/packed_file.hpp"

namespace subbyte::sim {

/// Writes F32 [rows][cols] of each of these layers as "LAYER.weight", which are the values that the packed file stands
/// for. One layer is in memory at a time. The file appears whole or not at all. Throws InputError.
void write_decoded(const std::string& path, const PackedFile& packed, const std::vector<std::string>& layers);

}  // namespace subbyte::sim
