#include "kernels/bitserial_tile.hpp"

#include <stdexcept>

#include "kernels/parameter_specs.hpp"
#include "kernels/pe_array.hpp"
#include "kernels/scale_lowering.hpp"
#include "kernels/tile_beat.hpp"

namespace subbyte::kernels {
namespace {

BeatShape input_shape(const Parameters& parameters) {
  return TileBeatLayout(TileParams::of(parameters)).shape;
}

BeatShape output_shape(const Parameters& parameters) {
  const TileParams p = TileParams::of(parameters);
  return BeatShape({{"value", 32, p.ports() * p.cols, FieldKind::kFp32}});
}

/// What stands behind the PEs: dequantizers, column sums and the output beats.
class ColumnSums {
 public:
  ColumnSums(const TileParams& params, TraceWindow window)
      : params_(params),
        sums_(params.rows * params.cols, 0),
        beat_((32 * params.ports() * params.cols + 63) / 64),
        trace_(beat_.size(), false, window) {}

  void add_group(const PeArray& array, const TileBeat& beat) {
    for (unsigned r = 0; r < params_.rows; ++r) {
      for (unsigned c = 0; c < params_.cols; ++c) {
        std::uint32_t& sum = sums_[r * params_.cols + c];
        sum = fp32_add(sum, round_group(dequantize(array.result(r, c), beat.scales[c], beat.scale_u8)));
      }
    }
    if (beat.tile_last) emit(beat);
  }
  Trace take() { return std::move(trace_); }

 private:
  void emit(const TileBeat& beat) {
    for (unsigned i = 0; i < params_.rows_per_port(); ++i) {
      for (unsigned port = 0; port < params_.ports(); ++port) {
        for (unsigned c = 0; c < params_.cols; ++c) {
          std::uint32_t& sum = sums_[(port * params_.rows_per_port() + i) * params_.cols + c];
          set_bits(beat_, tile_value_offset(params_, port, c), 32,
                   fp32_multiply(sum, beat.channel_scales[c]));
          sum = 0;
        }
      }
      trace_.append(beat_);
    }
  }

  TileParams params_;
  std::vector<std::uint32_t> sums_;
  std::vector<std::uint64_t> beat_;
  Trace trace_;
};

std::string tile_unsupported(const Parameters& parameters, const quant::Format& format) {
  const TileParams p = TileParams::of(parameters);
  if (const std::string why = encoder_unsupported(p.encoder, format); !why.empty()) return why;
  if (const std::string why = scales_unsupported(format); !why.empty()) return why;
  return pe_unsupported(p.pe, format);
}

}  // namespace

TileParams TileParams::of(const Parameters& parameters) {
  TileParams p;
  p.rows = value_or(parameters, "rows", p.rows);
  p.cols = value_or(parameters, "cols", p.cols);
  p.lanes = value_or(parameters, "lanes", p.lanes);
  p.encoder = EncoderParams::of(parameters);
  p.pe = PeParams::of(parameters);
  if (p.rows > 8 && p.rows % 8 != 0) {
    throw std::invalid_argument("parameter 'rows' of unit bitserial_tile is " + std::to_string(p.rows) +
                                ", expected 1..8 or a multiple of 8");
  }
  return p;
}

Trace bitserial_tile_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  const TileParams p = TileParams::of(parameters);
  const TileBeatLayout layout(p);
  const EncoderTable table = table_of(p.encoder, stimulus.config);
  PeArray array(p.pe, p.rows, p.cols);
  ColumnSums columns(p, window);
  std::vector<std::uint64_t> words(layout.shape.words());
  std::vector<TermBits> terms(p.cols * p.lanes);
  const EncoderLookup lookup(p.encoder, table);
  std::vector<const std::uint8_t*> codes(p.cols * p.lanes);
  TileBeat beat;
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    stimulus.input.fill(i, words);
    unpack(layout, words, beat);
    for (unsigned c = 0, k = 0; c < p.cols; ++c) {
      for (unsigned l = 0; l < p.lanes; ++l, ++k) {
        codes[k] = lookup.terms(beat.codes[k], beat.selectors[c], beat.zeros[c]).data();
      }
    }
    for (unsigned t = 0; t < table.terms; ++t) {
      for (unsigned k = 0; k < terms.size(); ++k) terms[k] = codes[k][t];
      const bool last = beat.group_last && t + 1 == table.terms;
      array.align(beat.activations, terms);
      array.accumulate(last);
      if (last) columns.add_group(array, beat);
    }
  }
  return columns.take();
}

UnitInfo bitserial_tile_info() {
  UnitInfo info;
  info.name = "bitserial_tile";
  info.summary = "rows x cols PEs: weights broadcast down columns, activations along rows, FP32 outputs";
  info.case_is = "one output tile";
  info.parameters = {spec("rows", 8, 1, 32, "tokens side by side: 1..8, or a multiple of 8"), cols_spec(),
                     lanes_spec()};
  for (const ParameterSpec& spec : table_specs()) info.parameters.push_back(spec);
  info.parameters.push_back(shift_width_spec());
  for (const ParameterSpec& spec : accumulator_specs()) info.parameters.push_back(spec);
  info.points = {
      resolve(info, {}), resolve(info, {{"rows", 2}, {"cols", 2}, {"lanes", 2}, {"exact", 1}}),
      resolve(info, {{"rows", 4}, {"cols", 4}, {"align_bits", 3}, {"acc_width", 14}, {"rounding", 1}}),
      resolve(info, {{"rows", 1}, {"cols", 3}, {"lanes", 1}, {"shift_width", 4}}),
      resolve(info, {{"rows", 16}, {"cols", 2}, {"lanes", 2}}),
      resolve(info, {{"rows", 3}, {"cols", 2}, {"table_bits", 6}, {"table_terms", 4}, {"shift_width", 4}})};
  info.small_point = {{"rows", 1}, {"cols", 1}, {"lanes", 1}, {"align_bits", 2}, {"acc_width", 8}};
  info.has_config = true;
  info.input_shape = input_shape;
  info.output_shape = output_shape;
  info.golden = bitserial_tile_golden;
  info.random = bitserial_tile_random;
  info.unsupported = tile_unsupported;
  return info;
}

}  // namespace subbyte::kernels
