#include "kernels/bitserial_tile.hpp"

#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/pe_array.hpp"
#include "kernels/parts/scale_and_sum.hpp"
#include "kernels/parts/scale_lowering.hpp"
#include "kernels/parts/tile_beat.hpp"

namespace subbyte::kernels {
namespace {

BeatShape input_shape(const Parameters& parameters) { return TileBeatLayout(TileParams::of(parameters)).shape; }

BeatShape output_shape(const Parameters& parameters) { return ArrayShape::of(parameters, "bitserial_tile").output(); }

std::optional<Refusal> tile_unsupported(const Parameters& parameters, const quant::Format& format) {
  const TileParams p = TileParams::of(parameters);
  if (auto why = encoder_unsupported(p.encoder, format)) return why;
  if (auto why = scales_unsupported(format)) return why;
  return pe_unsupported(p.pe, format);
}

}  // namespace

Trace bitserial_tile_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  const TileParams p = TileParams::of(parameters);
  const TileBeatLayout layout(p);
  const EncoderTable table = table_of(p.encoder, stimulus.config);
  PeArray array(p.pe, p.rows, p.cols);
  ColumnSums columns({p.rows, p.cols}, window);
  std::vector<PeState> results(p.rows * p.cols);
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
      if (!last) continue;
      for (unsigned k = 0; k < results.size(); ++k) results[k] = array.result(k / p.cols, k % p.cols);
      columns.add_group(results, beat);
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
  info.points = {resolve(info, {}),
                 resolve(info, {{"rows", 2}, {"cols", 2}, {"lanes", 2}, {"exact", 1}}),
                 resolve(info, {{"rows", 4}, {"cols", 4}, {"align_bits", 3}, {"acc_width", 14}, {"rounding", 1}}),
                 resolve(info, {{"rows", 1}, {"cols", 3}, {"lanes", 1}, {"shift_width", 4}}),
                 resolve(info, {{"rows", 16}, {"cols", 2}, {"lanes", 2}}),
                 resolve(info, {{"rows", 3}, {"cols", 2}, {"table_bits", 6}, {"table_terms", 4}, {"shift_width", 4}})};
  info.small_point = {{"rows", 1}, {"cols", 1}, {"lanes", 1}, {"align_bits", 2}, {"acc_width", 8}};
  info.work_per_cycle = [](const Parameters& p) {
    return Work{static_cast<double>(p.at("rows") * p.at("cols") * p.at("lanes")) / 2, 0,
                "FP16 x two terms (bitmod-fp4)"};
  };
  info.has_config = true;
  info.input_shape = input_shape;
  info.output_shape = output_shape;
  info.golden = bitserial_tile_golden;
  info.random = bitserial_tile_random;
  info.unsupported = tile_unsupported;
  return info;
}

}  // namespace subbyte::kernels
