#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>

#include "kernels/parts/code_field.hpp"
#include "kernels/parts/tile_beat.hpp"
#include "kernels/term_encoder.hpp"
#include "quant/formats/term_program.hpp"
#include "sim/mapping/scales.hpp"
#include "sim/mapping/tile.hpp"

namespace subbyte::sim {
namespace {

// The most that a mapping may ask of a code: as many terms as an integer has Booth digits (kernels/ARITHMETIC.md,
// section 1), which is fewer than the encoder's control word can say. Tables are bounded by config_writes().
constexpr unsigned kMostMappedTerms = kernels::kBoothDigits;

class BitserialWeights : public TileWeights {
 public:
  BitserialWeights(const kernels::TileParams& params, const quant::PackedTensor& weights);
  void set_column(std::span<std::uint64_t> words, unsigned column, std::size_t output,
                  const Chunk& chunk) const override;
  void set_flags(std::span<std::uint64_t> words, const Chunk& chunk) const override {
    layout_.set_flags(words, scales_.u8, chunk.group_last, chunk.tile_last);
  }

 private:
  struct Side {
    std::uint8_t selector = 0;
    std::uint8_t zero = 0;
  };
  kernels::TileBeatLayout layout_;
  std::size_t in_;
  LayerScales scales_;
  std::vector<std::uint8_t> codes_;  // [out][in], as the 8-bit code field
  std::vector<Side> sides_;          // [out][groups]
};

using CodeFields = std::array<std::optional<std::uint8_t>, 256>;

// Returns the code field of a beat by raw code; there is none for a code that stands for no number.
CodeFields code_fields(const quant::Format& format) {
  CodeFields fields;
  for (unsigned raw = 0; raw < 1U << format.alphabet.code_bits; ++raw) {
    if (std::isfinite(format.alphabet.level(raw))) fields[raw] = kernels::code_field(format, raw);
  }
  return fields;
}

void unpack_row(const quant::PackedTensor& weights, std::size_t row, const CodeFields& fields,
                std::span<std::uint8_t> codes) {
  weights.unpack_row(row, codes);
  for (std::size_t col = 0; col < codes.size(); ++col) {
    const auto field = fields[codes[col]];
    if (!field) {
      throw std::invalid_argument(fmt::format("row {}, column {}: code {:#x} is {}, expected a finite level", row, col,
                                              codes[col], weights.format.alphabet.level(codes[col])));
    }
    codes[col] = *field;
  }
}

BitserialWeights::BitserialWeights(const kernels::TileParams& params, const quant::PackedTensor& weights)
    : layout_(params), in_(weights.cols), codes_(weights.rows * weights.cols) {
  const CodeFields fields = code_fields(weights.format);
  for (std::size_t row = 0; row < weights.rows; ++row) {
    unpack_row(weights, row, fields, std::span(codes_).subspan(row * in_, in_));
    for (std::size_t group = 0; group < weights.groups(); ++group) {
      sides_.push_back({static_cast<std::uint8_t>(weights.selector(row, group)),
                        static_cast<std::uint8_t>(weights.zero(row, group))});
    }
  }
  scales_ = layer_scales(weights);
}

void BitserialWeights::set_column(std::span<std::uint64_t> words, unsigned column, std::size_t output,
                                  const Chunk& chunk) const {
  const std::uint8_t* fields = codes_.data() + output * in_ + chunk.first;
  for (unsigned l = 0; l < chunk.count; ++l) layout_.set_code(words, column, l, fields[l]);
  const Side& side = sides_[output * scales_.groups + chunk.group];
  layout_.set_selector(words, column, side.selector);
  layout_.set_zero(words, column, side.zero);
  layout_.set_scale(words, column, scales_.field(output, chunk.group));
  layout_.set_channel_scale(words, column, scales_.channels[output]);
}

TileLoop shape(const kernels::Parameters& parameters, const quant::Format& format) {
  const auto params = kernels::TileParams::of(parameters);
  TileLoop loop;
  loop.rows = params.rows;
  loop.cols = params.cols;
  loop.lanes = params.lanes;
  loop.ports = params.ports();
  loop.group = format.scaling.group;
  return loop;
}

double terms(const quant::Format& format) { return quant::lower(format, kMostMappedTerms).terms; }

MappedWeights map(const Design& design, const quant::PackedTensor& weights) {
  const auto params = kernels::TileParams::of(design.parameters);
  auto mapped = std::make_shared<BitserialWeights>(params, weights);
  return {mapped, kernels::config_writes(params.encoder, quant::lower(weights.format, kMostMappedTerms,
                                                                      (1U << params.encoder.shift_width) - 1))};
}

}  // namespace

TileMapping bitserial_tile_mapping() { return {"bitserial_tile", shape, terms, map}; }

}  // namespace subbyte::sim
