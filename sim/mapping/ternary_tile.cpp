#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "quant/base/bit_stream.hpp"
#include "quant/formats/layout.hpp"
#include "sim/mapping/row_tile.hpp"

namespace subbyte::sim {
namespace {

constexpr unsigned kBlock = 4;  // weights of a 3:4 code

TileLoop shape(const kernels::Parameters& parameters, const quant::Format& format) {
  TileLoop loop = row_tile_loop(parameters, format);
  loop.int8_activations = parameters.at("act_int8") != 0;
  return loop;
}

// Takes the five bits of each block as they lie in the packed row.
RowTileElements packed_blocks(const quant::PackedTensor& weights) {
  const quant::Format& format = weights.format;
  if (format.layout != quant::CodeLayout::kOneZeroInFour) {
    throw std::invalid_argument(fmt::format("codes in layout {}, expected {}", quant::layout_info(format.layout).name,
                                            quant::layout_info(quant::CodeLayout::kOneZeroInFour).name));
  }
  if (format.scaling.group < weights.cols && format.scaling.group % kBlock != 0) {
    throw std::invalid_argument(fmt::format(
        "groups of {} weights, expected a multiple of {} (a code belongs to one group)", format.scaling.group, kBlock));
  }
  RowTileElements elements;
  elements.lanes = kBlock;
  elements.per_row = (weights.cols + kBlock - 1) / kBlock;
  const unsigned bits = quant::layout_info(format.layout).block_bits;
  for (std::size_t row = 0; row < weights.rows; ++row) {
    const auto bytes = std::span(weights.codes).subspan(row * weights.code_row_bytes(), weights.code_row_bytes());
    for (std::size_t block = 0; block < elements.per_row; ++block)
      elements.fields.push_back(static_cast<std::uint8_t>(quant::read_bits(bytes, block, bits)));
  }
  return elements;
}

MappedWeights map(const Design& design, const quant::PackedTensor& weights) {
  const bool sparse = design.parameters.at("sparse") != 0;
  return row_tile_weights(design, weights, sparse ? packed_blocks(weights) : integer_elements(weights, -1, 1));
}

}  // namespace

TileMapping ternary_tile_mapping() { return {"ternary_tile", shape, one_lane_cycle, map}; }

}  // namespace subbyte::sim
