#include "sim/mapping/row_tile.hpp"

namespace subbyte::sim {
namespace {

constexpr std::uint8_t kPlanesAddress = 0;

TileLoop shape(const kernels::Parameters& parameters, const quant::Format& format) {
  TileLoop loop = row_tile_loop(parameters, format);
  loop.steps = format.alphabet.code_bits;
  return loop;
}

double planes(const quant::Format& format) { return format.alphabet.code_bits; }

// Takes the raw codes, whose bits are the planes.
MappedWeights map(const Design& design, const quant::PackedTensor& weights) {
  const unsigned bits = weights.format.alphabet.code_bits;
  RowTileElements elements;
  elements.steps = bits;
  elements.per_row = weights.cols;
  elements.fields.resize(weights.rows * weights.cols);
  for (std::size_t row = 0; row < weights.rows; ++row)
    weights.unpack_row(row, std::span(elements.fields).subspan(row * weights.cols, weights.cols));
  MappedWeights mapped = row_tile_weights(design, weights, std::move(elements));
  mapped.config = {{kPlanesAddress, bits}};
  return mapped;
}

}  // namespace

TileMapping plane_tile_mapping() { return {"plane_tile", shape, planes, map}; }

}  // namespace subbyte::sim
