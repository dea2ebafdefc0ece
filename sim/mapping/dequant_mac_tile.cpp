#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"
#include "kernels/parts/fp4_program.hpp"
#include "quant/base/float16.hpp"
#include "sim/mapping/fp4_weights.hpp"
#include "sim/mapping/tile.hpp"

namespace subbyte::sim {
namespace {

class Fp4Weights : public TileWeights {
 public:
  Fp4Weights(const kernels::BeatShape& shape, const kernels::Fp4Program& program, const quant::PackedTensor& weights);
  void set_column(std::span<std::uint64_t> words, unsigned column, std::size_t output,
                  const Chunk& chunk) const override {
    const std::size_t group = output * groups_ + chunk.first / group_;
    kernels::set_bits(words, code_ + 4 * column, 4, codes_[output * in_ + chunk.first]);
    kernels::set_bits(words, scale_ + 8 * column, 8, scales_[group]);
    kernels::set_bits(words, selector_ + 2 * column, 2, selectors_[group]);
  }
  void set_flags(std::span<std::uint64_t> words, const Chunk& chunk) const override {
    kernels::set_bits(words, last_, 1, chunk.tile_last ? 1 : 0);
  }

 private:
  unsigned code_, scale_, selector_, last_;
  std::size_t in_, group_, groups_;
  std::vector<std::uint8_t> codes_;               // [out][in]
  std::vector<std::uint8_t> scales_, selectors_;  // [out][groups]
};

void check_row(const quant::PackedTensor& weights, int level_exponent, std::size_t row,
               std::span<const std::uint8_t> codes) {
  const quant::Format& format = weights.format;
  for (std::size_t col = 0; col < codes.size(); ++col) {
    const std::size_t group = col / format.scaling.group;
    const double level = format.alphabet.level(codes[col], weights.selector(row, group));
    const double scale = static_cast<double>(weights.scale_value(row, group));
    const double value = std::ldexp(level * scale, -level_exponent);
    if (!std::isfinite(value) || quant::half_is_finite(quant::half_from_double(value))) continue;
    throw std::invalid_argument(
        fmt::format("row {}, column {}: weight {} (before the tensor scale) overflows FP16, expected at most "
                    "{} in magnitude",
                    row, col, value, quant::kHalfMax));
  }
}

Fp4Weights::Fp4Weights(const kernels::BeatShape& shape, const kernels::Fp4Program& program,
                       const quant::PackedTensor& weights)
    : code_(shape.offset("code")),
      scale_(shape.offset("scale")),
      selector_(shape.offset("selector")),
      last_(shape.offset("last")),
      in_(weights.cols),
      group_(weights.format.scaling.group),
      groups_(weights.groups()),
      codes_(weights.rows * weights.cols),
      scales_(fp4_scale_bytes(program, weights)) {
  check_fp4_range(program, weights);
  for (std::size_t row = 0; row < weights.rows; ++row) {
    weights.unpack_row(row, std::span(codes_).subspan(row * in_, in_));
    for (std::size_t group = 0; group < groups_; ++group)
      selectors_.push_back(static_cast<std::uint8_t>(weights.selector(row, group)));
  }
}

TileLoop shape(const kernels::Parameters& parameters, const quant::Format& /*format*/) {
  return one_product_loop(parameters);
}

MappedWeights map(const Design& design, const quant::PackedTensor& weights) {
  const kernels::BeatShape shape = design.unit->input_shape(design.parameters);
  const kernels::Fp4Program program = kernels::fp4_program(weights.format);
  return {std::make_shared<Fp4Weights>(shape, program, weights), program.writes(), fp4_output_scale(program, weights)};
}

}  // namespace

std::vector<std::uint8_t> fp4_scale_bytes(const kernels::Fp4Program& program, const quant::PackedTensor& weights) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t row = 0; row < weights.rows; ++row)
    for (std::size_t group = 0; group < weights.groups(); ++group)
      bytes.push_back(program.scale_byte(weights.scale_bits(row, group)));
  return bytes;
}

void check_fp4_range(const kernels::Fp4Program& program, const quant::PackedTensor& weights) {
  std::vector<std::uint8_t> codes(weights.cols);
  for (std::size_t row = 0; row < weights.rows; ++row) {
    weights.unpack_row(row, codes);
    check_row(weights, program.level_exponent, row, codes);
  }
}

std::optional<OutputScale> fp4_output_scale(const kernels::Fp4Program& program, const quant::PackedTensor& weights) {
  const bool divides = weights.format.scaling.tensor_scale == quant::TensorScale::kEncode;
  const int exponent = divides ? -program.level_exponent : program.level_exponent;
  const double exact = std::ldexp(static_cast<double>(weights.tensor_scale), exponent);
  const auto factor = static_cast<float>(exact);
  if (static_cast<double>(factor) != exact)
    throw std::invalid_argument(
        fmt::format("tensor scale {} times 2^{} is outside FP32", weights.tensor_scale, exponent));
  if (factor == 1) return std::nullopt;
  return OutputScale{factor, divides};
}

TileMapping dequant_mac_tile_mapping() { return {"dequant_mac_tile", shape, one_lane_cycle, map}; }

}  // namespace subbyte::sim
