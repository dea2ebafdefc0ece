#include "kernels/dequant_mac_tile.hpp"

#include <algorithm>

#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/fp4_program.hpp"

namespace subbyte::kernels {
namespace {

/// The weights of one column of one tile, as [k].
using Column = std::vector<DequantMacBeat::Weight>;

class TileStimulus {
 public:
  TileStimulus(const MacTileParams& params, const RandomRequest& request, const Fp4DequantConfig& config)
      : params_(params),
        request_(request),
        config_(config),
        in_(params),
        random_(request.seed),
        beats_(in_.shape().words()) {}

  void append_case() {
    const std::size_t depth = draw_group_length(random_, static_cast<unsigned>(request_.format.scaling.group), 1);
    const auto rows = draw_tile_activations(random_, params_.rows, depth, request_.illegal);
    std::vector<Column> columns;
    for (unsigned c = 0; c < params_.cols; ++c) columns.push_back(draw_column(depth));
    if (random_.percent(30)) mirror(columns);
    for (std::size_t k = 0; k < depth; ++k) {
      const std::span<std::uint64_t> beat = beats_.append();
      for (unsigned r = 0; r < params_.rows; ++r) in_.set_activation(beat, r, rows[r][k]);
      for (unsigned c = 0; c < params_.cols; ++c) in_.set_weight(beat, c, columns[c][k]);
      in_.set_last(beat, k + 1 == depth);
    }
  }
  Beats take() { return std::move(beats_); }

 private:
  /// Scale and selector change at group borders, which need not be those of the tile. When `illegal` is set, they
  /// change with every beat.
  Column draw_column(std::size_t depth) {
    const std::size_t longest = request_.illegal && random_.percent(30) ? 1 : std::max<std::size_t>(depth, 2) / 2;
    const unsigned selectors = request_.illegal ? 4 : request_.format.alphabet.selectors();
    Column column(depth);
    for (std::size_t k = 0; k < depth; ++k) {
      DequantMacBeat::Weight& weight = column[k];
      if (k % longest == 0) {
        weight.scale = fp4_random_scale(random_, config_.scale_format, request_.illegal);
        weight.selector = random_.below(selectors);
      } else {
        weight = column[k - 1];
      }
      const bool special = config_.remap && random_.percent(20);
      weight.code = special ? config_.special_code : draw_code(random_, request_.format, request_.illegal) & 15U;
    }
    return column;
  }

  /// Products of the second half negate those of the first where a row's activations cancel.
  static void mirror(std::vector<Column>& columns) {
    for (Column& column : columns) {
      const std::size_t half = (column.size() + 1) / 2;
      for (std::size_t k = half; k < column.size(); ++k) column[k] = column[k - half];
    }
  }

  MacTileParams params_;
  const RandomRequest& request_;
  const Fp4DequantConfig& config_;
  DequantMacBeat in_;
  Random random_;
  Beats beats_;
};

}  // namespace

Fp4DequantParams mac_tile_dequant() { return {1, false, false}; }

DequantMacBeat::DequantMacBeat(const MacTileParams& params)
    : shape_({{"act", 16, params.rows, FieldKind::kFp16},
              {"code", 4, params.cols, FieldKind::kCode},
              {"scale", 8, params.cols, FieldKind::kUnsigned},
              {"selector", 2, params.cols, FieldKind::kUnsigned},
              {"last", 1, 1, FieldKind::kFlag}}),
      code_(shape_.offset("code")),
      scale_(shape_.offset("scale")),
      selector_(shape_.offset("selector")),
      last_(shape_.offset("last")) {}

std::uint16_t DequantMacBeat::activation(std::span<const std::uint64_t> beat, unsigned row) const {
  return static_cast<std::uint16_t>(get_bits(beat, 16 * row, 16));
}

DequantMacBeat::Weight DequantMacBeat::weight(std::span<const std::uint64_t> beat, unsigned col) const {
  return {static_cast<unsigned>(get_bits(beat, code_ + 4 * col, 4)),
          static_cast<unsigned>(get_bits(beat, scale_ + 8 * col, 8)),
          static_cast<unsigned>(get_bits(beat, selector_ + 2 * col, 2))};
}

bool DequantMacBeat::last(std::span<const std::uint64_t> beat) const { return get_bits(beat, last_, 1) != 0; }

void DequantMacBeat::set_activation(std::span<std::uint64_t> beat, unsigned row, std::uint16_t value) const {
  set_bits(beat, 16 * row, 16, value);
}

void DequantMacBeat::set_weight(std::span<std::uint64_t> beat, unsigned col, const Weight& weight) const {
  set_bits(beat, code_ + 4 * col, 4, weight.code);
  set_bits(beat, scale_ + 8 * col, 8, weight.scale);
  set_bits(beat, selector_ + 2 * col, 2, weight.selector);
}

void DequantMacBeat::set_last(std::span<std::uint64_t> beat, bool last) const {
  set_bits(beat, last_, 1, last ? 1 : 0);
}

Trace dequant_mac_tile_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  const MacTileParams p = MacTileParams::of(parameters);
  const DequantMacBeat in(p);
  const Fp4DequantConfig config = fp4_config_of(stimulus.config);
  Trace trace(mac_tile_output(parameters).words(), false, window);
  std::vector<std::uint64_t> beat(in.shape().words());
  std::vector<std::uint16_t> activations(p.rows);
  std::vector<std::uint16_t> weights(p.cols);
  std::vector<std::uint32_t> products(p.units());
  std::vector<std::uint32_t> sums(p.units());
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    stimulus.input.fill(i, beat);
    for (unsigned r = 0; r < p.rows; ++r) activations[r] = in.activation(beat, r);
    for (unsigned c = 0; c < p.cols; ++c) {
      const auto weight = in.weight(beat, c);
      weights[c] = fp4_dequantize(mac_tile_dequant(), config, weight.code, weight.scale, weight.selector);
    }
    multiply(p, activations, weights, products);
    add_products(products, sums);
    if (!in.last(beat)) continue;
    append_tile(p, sums, trace);
    std::ranges::fill(sums, 0);
  }
  return trace;
}

Stimulus dequant_mac_tile_random(const Parameters& parameters, const RandomRequest& request) {
  std::vector<ConfigWrite> writes = fp4_random_config(request.format, request.seed, request.illegal);
  const Fp4DequantConfig config = fp4_config_of(writes);
  TileStimulus tiles(MacTileParams::of(parameters), request, config);
  for (std::size_t i = 0; i < request.cases; ++i) tiles.append_case();
  return {std::move(writes), source_of(tiles.take()), request.stalls, request.cases};
}

UnitInfo dequant_mac_tile_info() {
  UnitInfo info = fp16_mac_tile_info();
  info.name = "dequant_mac_tile";
  info.summary = "FP4 weights under one-byte block scales to FP16, then FP16 x FP16 + FP32 multiply-accumulate units";
  info.beside = "the FP32 tensor scale behind the tile";
  info.has_config = true;
  info.work_per_cycle = [](const Parameters& p) {
    return Work{static_cast<double>(MacTileParams::of(p).units()), 0, "FP16 x FP4 (as FP16)"};
  };
  info.input_shape = [](const Parameters& p) { return DequantMacBeat(MacTileParams::of(p)).shape(); };
  info.golden = dequant_mac_tile_golden;
  info.random = dequant_mac_tile_random;
  info.unsupported = [](const Parameters&, const quant::Format& format) { return fp4_unsupported(format); };
  return info;
}

}  // namespace subbyte::kernels
