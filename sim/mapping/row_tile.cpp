#include "sim/mapping/row_tile.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"
#include "kernels/parts/integer_weights.hpp"
#include "kernels/parts/scale_and_sum.hpp"
#include "sim/mapping/scales.hpp"

namespace subbyte::sim {
namespace {

class RowTileWeights : public TileWeights {
 public:
  RowTileWeights(const kernels::BeatShape& shape, unsigned cols, RowTileElements elements, LayerScales scales)
      : side_(shape),
        weight_bits_(shape.fields()[1].bits),
        column_elements_(shape.fields()[1].count / cols),
        weight_(shape.offset(shape.fields()[1].name)),
        elements_(std::move(elements)),
        scales_(std::move(scales)) {}

  void set_column(std::span<std::uint64_t> words, unsigned column, std::size_t output,
                  const Chunk& chunk) const override;
  void set_flags(std::span<std::uint64_t> words, const Chunk& chunk) const override {
    side_.set_flags(words, scales_.u8, chunk.group_last, chunk.tile_last);
  }

 private:
  kernels::SideLayout side_;
  unsigned weight_bits_, column_elements_, weight_;
  RowTileElements elements_;
  LayerScales scales_;
};

void RowTileWeights::set_column(std::span<std::uint64_t> words, unsigned column, std::size_t output,
                                const Chunk& chunk) const {
  const std::uint8_t* fields = elements_.fields.data() + output * elements_.per_row + chunk.first / elements_.lanes;
  const auto shift = static_cast<unsigned>((elements_.steps - 1 - chunk.step) * weight_bits_);
  const std::size_t count = (chunk.count + elements_.lanes - 1) / elements_.lanes;
  for (unsigned e = 0; e < count; ++e) {
    const unsigned at = weight_ + weight_bits_ * (column * column_elements_ + e);
    kernels::set_bits(words, at, weight_bits_, fields[e] >> shift);
  }
  side_.set_scale(words, column, scales_.field(output, chunk.group));
  side_.set_channel_scale(words, column, scales_.channels[output]);
}

std::int64_t integer_at(const quant::PackedTensor& weights, std::size_t row, std::size_t col, unsigned code) {
  const std::size_t group = col / weights.format.scaling.group;
  try {
    return kernels::integer_weight(weights.format, code, weights.selector(row, group), weights.zero(row, group));
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("row {}, column {}: {}", row, col, error.what()));
  }
}

}  // namespace

RowTileElements integer_elements(const quant::PackedTensor& weights, std::int64_t least, std::int64_t largest) {
  RowTileElements elements;
  elements.per_row = weights.cols;
  std::vector<std::uint8_t> codes(weights.cols);
  for (std::size_t row = 0; row < weights.rows; ++row) {
    weights.unpack_row(row, codes);
    for (std::size_t col = 0; col < codes.size(); ++col) {
      const std::int64_t value = integer_at(weights, row, col, codes[col]);
      if (value < least || value > largest) {
        throw std::invalid_argument(fmt::format("row {}, column {}: code {:#x} is {}, expected {}..{}", row, col,
                                                codes[col], value, least, largest));
      }
      elements.fields.push_back(static_cast<std::uint8_t>(value));
    }
  }
  return elements;
}

TileLoop row_tile_loop(const kernels::Parameters& parameters, const quant::Format& format) {
  TileLoop loop;
  loop.rows = static_cast<std::size_t>(parameters.at("rows"));
  loop.cols = static_cast<std::size_t>(parameters.at("cols"));
  loop.lanes = static_cast<std::size_t>(parameters.at("lanes"));
  loop.ports = (loop.rows + 7) / 8;
  loop.group = format.scaling.group;
  return loop;
}

MappedWeights row_tile_weights(const Design& design, const quant::PackedTensor& weights, RowTileElements elements) {
  const auto cols = static_cast<unsigned>(design.parameters.at("cols"));
  return {std::make_shared<RowTileWeights>(design.unit->input_shape(design.parameters), cols, std::move(elements),
                                           layer_scales(weights))};
}

}  // namespace subbyte::sim
