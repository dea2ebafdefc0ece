// Ternary layers in bitnet.cpp's TL2 layout (quant/formats/tl2_layout.hpp), for which GGUF has no type of its own. Each
// layer is LAYER.tl2.bin, the TL2 bytes and then the stored scales [rows][groups], and LAYER.tl2.json:
//   {"layout": "tl2", "layer", "format", "rows", "cols", "tile_rows", "block_cols", "code_bytes",
//   "scale_bytes"}
#pragma once

#include <string>
#include <vector>

#include "sim/packed/compressed_tensors.hpp"
#include "sim/packed/packed_file.hpp"

namespace subbyte::sim {

struct Tl2Tiles {
  std::size_t rows = 128;
  std::size_t block_cols = 96;
};

/// Writes every layer into the folder, which is made where it is missing. A layer's .json comes after its .bin, and
/// each appears whole or not at all. Returns the paths of the .json files. Throws InputError that names the layer for
/// levels that are not -1 0 +1, for selectors or a tensor scale, and for a shape that TL2 has no place for.
std::vector<std::string> write_tl2(const std::string& folder, const PackedFile& packed, const Tl2Tiles& tiles);

/// Reads the layer that a LAYER.tl2.json describes. Throws InputError.
ImportedLayer read_tl2(const std::string& path);
/// Reads every *.tl2.json of a folder, by name; returns nothing when there is none.
std::vector<std::string> tl2_files(const std::string& folder);

}  // namespace subbyte::sim
