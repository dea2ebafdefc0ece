#include "kernels/parts/row_tile.hpp"

#include <algorithm>
#include <stdexcept>

#include "kernels/arithmetic/fp16.hpp"
#include "kernels/contract/parameter_specs.hpp"

namespace subbyte::kernels {
namespace {

constexpr int kIntegerExponent = 25;  // at this exponent an INT8 activation is worth itself
constexpr unsigned kMostPlanes = 8;

BeatShape input_shape(const RowTileParams& p) {
  Field weight = p.kind.weight;
  weight.count = p.array.cols * p.elements();
  const FieldKind activation = p.kind.activations == RowActivations::kInt8 ? FieldKind::kSigned : FieldKind::kFp16;
  return BeatShape({{"act", p.activation_bits(), p.array.rows * p.lanes, activation},
                    weight,
                    {"scale", 16, p.array.cols, FieldKind::kFp16},
                    {"channel_scale", 32, p.array.cols, FieldKind::kFp32},
                    {"scale_u8", 1, 1, FieldKind::kFlag},
                    {"group_last", 1, 1, FieldKind::kFlag},
                    {"tile_last", 1, 1, FieldKind::kFlag}});
}

/// The value of a lane that counts; it is 0 for one that does not.
unsigned magnitude_of(const Fp16& number) { return number.finite() ? number.significand : 0; }

}  // namespace

RowTileParams RowTileParams::of(const Parameters& parameters, RowTileKindOf kind) {
  RowTileParams p;
  p.kind = kind(parameters);
  p.array = ArrayShape::of(parameters, p.kind.unit);
  p.lanes = value_or(parameters, "lanes", p.lanes);
  p.pe = PeParams::of(parameters);
  p.pe.growth = p.kind.growth;
  p.pe.integer = p.kind.activations == RowActivations::kInt8;
  if (p.lanes % p.kind.lanes_per_element != 0) {
    throw std::invalid_argument(std::string("parameter 'lanes' of unit ") + p.kind.unit + " is " +
                                std::to_string(p.lanes) + ", expected a multiple of " +
                                std::to_string(p.kind.lanes_per_element));
  }
  return p;
}

RowTileLayout::RowTileLayout(const RowTileParams& params)
    : SideLayout(input_shape(params)),
      lanes(params.lanes),
      elements(params.elements()),
      activation_bits(params.activation_bits()),
      weight_bits(params.kind.weight.bits),
      weight(shape.offset(params.kind.weight.name)) {}

RowExponent row_align(const RowTileParams& params, std::span<const std::uint16_t> activations,
                      std::span<std::int32_t> integers) {
  if (params.kind.activations == RowActivations::kInt8) {
    for (std::size_t l = 0; l < integers.size(); ++l) integers[l] = static_cast<std::int8_t>(activations[l]);
    return {kIntegerExponent, false};
  }
  RowExponent row;
  int largest = 0;
  for (const std::uint16_t activation : activations) {
    const Fp16 number = fp16_of(activation);
    row.nonfinite |= !number.finite();
    if (magnitude_of(number) != 0) largest = std::max(largest, number.exponent);
  }
  for (std::size_t l = 0; l < integers.size(); ++l) {
    const Fp16 number = fp16_of(activations[l]);
    const std::uint64_t wide = std::uint64_t{magnitude_of(number)} << params.pe.align_bits;
    const int distance = wide != 0 ? largest - number.exponent : 0;  // below 31
    const std::uint64_t kept = wide >> distance;
    const auto jammed = static_cast<std::int32_t>(kept | ((kept << distance) != wide ? 1 : 0));
    integers[l] = number.negative ? -jammed : jammed;
  }
  if (largest != 0) row.exponent = largest - static_cast<int>(params.pe.align_bits);
  return row;
}

std::int64_t row_dot(std::span<const std::int32_t> integers, std::span<const std::int8_t> weights) {
  std::int64_t sum = 0;
  for (std::size_t l = 0; l < integers.size(); ++l) sum += std::int64_t{integers[l]} * weights[l];
  return sum;
}

void unpack(const RowTileParams& params, const RowTileLayout& layout, std::span<const std::uint64_t> beat,
            RowTileBeat& fields) {
  const unsigned cols = params.array.cols;
  fields.activations.resize(params.array.rows * params.lanes);
  for (unsigned i = 0; i < fields.activations.size(); ++i) {
    fields.activations[i] =
        static_cast<std::uint16_t>(get_bits(beat, layout.activation_bits * i, layout.activation_bits));
  }
  fields.weights.resize(cols * params.lanes);
  for (unsigned i = 0; i < cols * layout.elements; ++i) {
    const auto element =
        static_cast<unsigned>(get_bits(beat, layout.weight + layout.weight_bits * i, layout.weight_bits));
    params.kind.integers(element, fields.weights.data() + i * params.kind.lanes_per_element);
  }
  layout.unpack_side(beat, cols, fields.side);
  fields.group_last = layout.last_of_group(beat);
}

unsigned configure_planes(unsigned planes, ConfigWrite write) {
  if (write.address != 0) return planes;
  return std::clamp<std::uint32_t>(write.data, 1, kMostPlanes);
}

unsigned configured_planes(std::span<const ConfigWrite> writes) {
  unsigned planes = kMostPlanes;
  for (const ConfigWrite& write : writes) planes = configure_planes(planes, write);
  return planes;
}

RowPes::RowPes(const RowTileParams& params)
    : params_(params),
      integers_(params.array.rows * params.lanes),
      exponents_(params.array.rows),
      weights_(params.array.cols * params.lanes),
      stage1_(params.array.rows * params.array.cols),
      sums_(stage1_.size()),
      results_(stage1_.size()) {}

void RowPes::load(const RowTileBeat& beat, bool keep_activations) {
  weights_ = beat.weights;
  if (keep_activations) return;
  const std::span<const std::uint16_t> fields(beat.activations);
  for (unsigned r = 0; r < params_.array.rows; ++r) {
    exponents_[r] = row_align(params_, fields.subspan(r * params_.lanes, params_.lanes),
                              std::span(integers_).subspan(r * params_.lanes, params_.lanes));
  }
}

void RowPes::sum(bool shift) {
  const unsigned cols = params_.array.cols;
  for (unsigned k = 0; k < stage1_.size(); ++k) {
    const RowExponent& row = exponents_[k / cols];
    const std::int64_t dot =
        row_dot(std::span<const std::int32_t>(integers_).subspan(k / cols * params_.lanes, params_.lanes),
                std::span<const std::int8_t>(weights_).subspan(k % cols * params_.lanes, params_.lanes));
    stage1_[k] = {shift ? 2 * stage1_[k].sum + dot : dot, row.exponent, row.nonfinite};
  }
}

void RowPes::accumulate(bool last) {
  for (std::size_t k = 0; k < sums_.size(); ++k) {
    kernels::accumulate(params_.pe, sums_[k], stage1_[k]);
    if (!last) continue;
    results_[k] = finished(params_.pe, sums_[k]);
    sums_[k] = {};
  }
}

Trace row_tile_golden(const RowTileParams& params, const Stimulus& stimulus, TraceWindow window) {
  const RowTileLayout layout(params);
  const unsigned planes = params.kind.planes ? configured_planes(stimulus.config) : 1;
  RowPes pes(params);
  ColumnSums columns(params.array, window);
  std::vector<std::uint64_t> words(layout.shape.words());
  RowTileBeat beat;
  unsigned plane = 0;
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    stimulus.input.fill(i, words);
    unpack(params, layout, words, beat);
    pes.load(beat, plane != 0);
    pes.sum(plane != 0);
    plane = (plane + 1) % planes;
    if (plane != 0) continue;
    pes.accumulate(beat.group_last);
    if (beat.group_last) columns.add_group(pes.results(), beat.side);
  }
  return columns.take();
}

UnitInfo row_tile_info(const char* name, RowTileKindOf kind) {
  UnitInfo info;
  info.name = name;
  info.case_is = "one output tile";
  info.parameters = {spec("rows", 8, 1, 32, "tokens side by side: 1..8, or a multiple of 8"), cols_spec(),
                     lanes_spec()};
  info.input_shape = [kind](const Parameters& parameters) {
    return RowTileLayout(RowTileParams::of(parameters, kind)).shape;
  };
  info.output_shape = [kind](const Parameters& parameters) {
    return RowTileParams::of(parameters, kind).array.output();
  };
  info.golden = [kind](const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
    return row_tile_golden(RowTileParams::of(parameters, kind), stimulus, window);
  };
  info.random = [kind](const Parameters& parameters, const RandomRequest& request) {
    return row_tile_random(RowTileParams::of(parameters, kind), request);
  };
  return info;
}

}  // namespace subbyte::kernels
