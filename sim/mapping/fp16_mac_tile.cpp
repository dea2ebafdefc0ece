#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"
#include "sim/mapping/operands.hpp"
#include "sim/mapping/tile.hpp"

namespace subbyte::sim {
namespace {

class HalfWeights : public TileWeights {
 public:
  HalfWeights(const kernels::BeatShape& shape, const quant::PackedTensor& weights)
      : weight_(shape.offset("weight")), last_(shape.offset("last")), in_(weights.cols) {
    std::vector<float> decoded(weights.cols);
    for (std::size_t row = 0; row < weights.rows; ++row) {
      weights.decode_row(row, decoded);
      for (std::size_t col = 0; col < decoded.size(); ++col) halves_.push_back(half_weight(decoded[col], row, col));
    }
  }
  void set_column(std::span<std::uint64_t> words, unsigned column, std::size_t output,
                  const Chunk& chunk) const override {
    kernels::set_bits(words, weight_ + 16 * column, 16, halves_[output * in_ + chunk.first]);
  }
  void set_flags(std::span<std::uint64_t> words, const Chunk& chunk) const override {
    kernels::set_bits(words, last_, 1, chunk.tile_last ? 1 : 0);
  }

 private:
  unsigned weight_;
  unsigned last_;
  std::size_t in_;
  std::vector<std::uint16_t> halves_;  // [out][in]
};

TileLoop shape(const kernels::Parameters& parameters, const quant::Format& /*format*/) {
  return one_product_loop(parameters);
}

MappedWeights map(const Design& design, const quant::PackedTensor& weights) {
  const kernels::BeatShape shape = design.unit->input_shape(design.parameters);
  return {std::make_shared<HalfWeights>(shape, weights)};
}

}  // namespace

TileLoop one_product_loop(const kernels::Parameters& parameters) {
  TileLoop loop;
  loop.rows = static_cast<std::size_t>(parameters.at("rows"));
  loop.cols = static_cast<std::size_t>(parameters.at("cols"));
  loop.lanes = 1;
  loop.ports = 1;
  loop.group = quant::kWholeRow;
  return loop;
}

TileMapping fp16_mac_tile_mapping() { return {"fp16_mac_tile", shape, one_lane_cycle, map}; }

}  // namespace subbyte::sim
