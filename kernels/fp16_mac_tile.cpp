#include "kernels/fp16_mac_tile.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/arithmetic/fp16.hpp"
#include "kernels/arithmetic/fp32.hpp"
#include "kernels/contract/parameter_specs.hpp"
#include "quant/base/float16.hpp"

namespace subbyte::kernels {
namespace {

constexpr std::uint32_t kInfinity = 0x7F800000U;

BeatShape input_shape(const Parameters& parameters) {
  const MacTileParams p = MacTileParams::of(parameters);
  return BeatShape({{"act", 16, p.rows, FieldKind::kFp16},
                    {"weight", 16, p.cols, FieldKind::kFp16},
                    {"last", 1, 1, FieldKind::kFlag}});
}

/// Draws a column of weights as software would decode them from the format and round them to FP16.
std::vector<std::uint16_t> decoded_weights(Random& random, const RandomRequest& request, std::size_t depth) {
  const quant::Alphabet& alphabet = request.format.alphabet;
  const unsigned selector = random.below(alphabet.selectors());
  const unsigned zero = request.format.scaling.zero_point ? random.below(1U << alphabet.code_bits) : 0;
  const double scale = std::exp2(2 * random.gaussian() - 5) / alphabet.unit_divisor;
  std::vector<std::uint16_t> weights(depth);
  for (std::uint16_t& weight : weights) {
    const unsigned code = draw_code(random, request.format, request.illegal) % (1U << alphabet.code_bits);
    weight = quant::half_from_double(alphabet.level(code, selector, zero) * scale);
    if (!request.illegal && !quant::half_is_finite(weight)) weight = 0x7BFF;
  }
  return weights;
}

/// Half of the columns are decoded weights; the others are whatever arithmetic goes wrong with.
std::vector<std::vector<std::uint16_t>> draw_tile_weights(Random& random, unsigned cols, std::size_t depth,
                                                          const RandomRequest& request) {
  std::vector<std::vector<std::uint16_t>> columns;
  for (unsigned c = 0; c < cols; ++c) {
    const ActivationKind kind = draw_kind(random, request.illegal && random.percent(30));
    columns.push_back(random.percent(50) ? decoded_weights(random, request, depth)
                                         : draw_activations(random, kind, depth, request.illegal));
  }
  return columns;
}

/// In few of the sequences, near the end, so that it is what decides, draws a NaN with a single bit set or an infinity,
/// or two infinities of which one may undo the other.
void add_nonfinite(Random& random, std::vector<std::vector<std::uint16_t>>& sequences) {
  for (auto& sequence : sequences) {
    if (!random.percent(6)) continue;
    const std::size_t from_end = random.below(static_cast<unsigned>(std::min<std::size_t>(sequence.size(), 4)));
    const std::size_t at = sequence.size() - 1 - from_end;
    const unsigned bit = 0x3FFU & 1U << random.below(11);
    const bool two = at > 0 && random.percent(40);
    sequence[at] = static_cast<std::uint16_t>(0x7C00 | (two ? 0 : bit) | (random.next() & 0x8000));
    if (two) sequence[at - 1] = static_cast<std::uint16_t>(0x7C00 | (random.next() & 0x8000));
  }
}

/// The second half of the products negates the first where a row's activations cancel. Its sum ends near zero, and
/// exactly there unless roundings differ.
void mirror(std::vector<std::vector<std::uint16_t>>& columns) {
  for (auto& column : columns) {
    const std::size_t half = (column.size() + 1) / 2;
    for (std::size_t k = half; k < column.size(); ++k) column[k] = column[k - half];
  }
}

/// Four products that sum up to 2^24 - 1 and then lose 2^24, times powers of two: what is left is the last
/// place of the smaller.
void borrow(Random& random, std::vector<std::vector<std::uint16_t>>& rows,
            std::vector<std::vector<std::uint16_t>>& columns) {
  static constexpr std::array<int, 4> kActivations = {8192, 130, 1, 4096};
  static constexpr std::array<int, 4> kWeights = {2047, 63, 1, -4096};
  const std::size_t depth = rows[0].size();
  if (depth < kWeights.size()) return;
  for (auto& row : rows) {
    const int power = static_cast<int>(random.below(10)) - 8;
    for (std::size_t k = 0; k < kActivations.size(); ++k)
      row[k] = quant::half_from_double(std::ldexp(kActivations[k], power));
  }
  for (auto& column : columns) {
    const int power = static_cast<int>(random.below(12)) - 9;
    const int sign = random.below(2) != 0 ? 1 : -1;
    for (std::size_t k = 0; k < kWeights.size(); ++k)
      column[k] = quant::half_from_double(std::ldexp(sign * kWeights[k], power));
  }
}

std::optional<Refusal> unsupported(const Parameters&, const quant::Format& format) {
  const quant::Scaling& scaling = format.scaling;
  if (scaling.stored == quant::ScaleFormat::kU8BelowChannel || scaling.tensor_scale != quant::TensorScale::kNone)
    return {};
  double largest = 0;
  for (unsigned code = 0; code < 1U << format.alphabet.code_bits; ++code) {
    const double level = std::abs(format.alphabet.level(code)) / format.alphabet.unit_divisor;
    if (std::isfinite(level)) largest = std::max(largest, level);
  }
  const quant::ScaleInfo& scale = quant::scale_info(scaling.stored);
  if (largest * scale.decode(1) <= quant::kHalfMax) return {};
  return Refusal{"its largest level is 2^" + std::to_string(std::ilogb(largest)) + ", and under the smallest " +
                 std::string(scale.name) + " scale its weights are no finite FP16 numbers"};
}

}  // namespace

MacTileParams MacTileParams::of(const Parameters& parameters) {
  return {value_or(parameters, "rows", 8), value_or(parameters, "cols", 8)};
}

std::uint32_t fp16_product(std::uint16_t activation, std::uint16_t weight) {
  const Fp16 a = fp16_of(activation);
  const Fp16 w = fp16_of(weight);
  const bool negative = a.negative != w.negative;
  if (a.nan() || w.nan()) return kFp32Nan;
  if (a.infinite() || w.infinite()) {
    if (a.significand == 0 || w.significand == 0) return kFp32Nan;
    return kInfinity | (negative ? 0x80000000U : 0U);
  }
  return fp32_round(negative, a.significand * w.significand, a.exponent + w.exponent - 50);
}

void multiply(const MacTileParams& params, std::span<const std::uint16_t> activations,
              std::span<const std::uint16_t> weights, std::span<std::uint32_t> products) {
  for (unsigned r = 0; r < params.rows; ++r) {
    for (unsigned c = 0; c < params.cols; ++c) {
      products[r * params.cols + c] = fp16_product(activations[r], weights[c]);
    }
  }
}

void add_products(std::span<const std::uint32_t> products, std::span<std::uint32_t> sums) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = fp32_add(sums[i], products[i]);
}

BeatShape mac_tile_output(const Parameters& parameters) {
  return BeatShape({{"value", 32, MacTileParams::of(parameters).cols, FieldKind::kFp32}});
}

void append_tile(const MacTileParams& params, std::span<const std::uint32_t> sums, Trace& trace) {
  std::vector<std::uint64_t> beat((32 * params.cols + 63) / 64);
  for (unsigned r = 0; r < params.rows; ++r) {
    for (unsigned c = 0; c < params.cols; ++c) set_bits(beat, 32 * c, 32, sums[r * params.cols + c]);
    trace.append(beat);
  }
}

std::vector<std::vector<std::uint16_t>> draw_tile_activations(Random& random, unsigned rows, std::size_t depth,
                                                              bool illegal) {
  std::vector<std::vector<std::uint16_t>> drawn;
  for (unsigned r = 0; r < rows; ++r) {
    const ActivationKind kind = draw_kind(random, illegal && random.percent(30));
    drawn.push_back(draw_activations(random, kind, depth, illegal));
  }
  if (illegal) add_nonfinite(random, drawn);
  return drawn;
}

Trace fp16_mac_tile_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  const MacTileParams p = MacTileParams::of(parameters);
  const BeatShape in = input_shape(parameters);
  const unsigned act = in.offset("act"), weight = in.offset("weight"), last = in.offset("last");
  Trace trace(mac_tile_output(parameters).words(), false, window);
  std::vector<std::uint64_t> beat(in.words());
  std::vector<std::uint16_t> activations(p.rows), weights(p.cols);
  std::vector<std::uint32_t> products(p.units());
  std::vector<std::uint32_t> sums(p.units());
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    stimulus.input.fill(i, beat);
    for (unsigned r = 0; r < p.rows; ++r) activations[r] = static_cast<std::uint16_t>(get_bits(beat, act + 16 * r, 16));
    for (unsigned c = 0; c < p.cols; ++c) weights[c] = static_cast<std::uint16_t>(get_bits(beat, weight + 16 * c, 16));
    multiply(p, activations, weights, products);
    add_products(products, sums);
    if (get_bits(beat, last, 1) == 0) continue;
    append_tile(p, sums, trace);
    std::ranges::fill(sums, 0);
  }
  return trace;
}

Stimulus fp16_mac_tile_random(const Parameters& parameters, const RandomRequest& request) {
  const MacTileParams p = MacTileParams::of(parameters);
  Random random(request.seed);
  const BeatShape in = input_shape(parameters);
  const unsigned act = in.offset("act"), weight = in.offset("weight"), last = in.offset("last");
  Beats beats(in.words());
  for (std::size_t i = 0; i < request.cases; ++i) {
    const std::size_t depth = draw_group_length(random, static_cast<unsigned>(request.format.scaling.group), 1);
    auto rows = draw_tile_activations(random, p.rows, depth, request.illegal);
    auto columns = draw_tile_weights(random, p.cols, depth, request);
    if (random.percent(30)) mirror(columns);
    if (random.percent(5)) borrow(random, rows, columns);
    if (request.illegal) add_nonfinite(random, columns);
    for (std::size_t k = 0; k < depth; ++k) {
      const std::span<std::uint64_t> beat = beats.append();
      for (unsigned r = 0; r < p.rows; ++r) set_bits(beat, act + 16 * r, 16, rows[r][k]);
      for (unsigned c = 0; c < p.cols; ++c) set_bits(beat, weight + 16 * c, 16, columns[c][k]);
      set_bits(beat, last, 1, k + 1 == depth ? 1 : 0);
    }
  }
  return {{}, source_of(std::move(beats)), request.stalls, request.cases};
}

UnitInfo fp16_mac_tile_info() {
  UnitInfo info;
  info.name = "fp16_mac_tile";
  info.summary = "FP16 x FP16 + FP32 multiply-accumulate units, one product per unit and cycle";
  info.beside =
      "the tile takes weights decoded to FP16 while buffers and DRAM carry packed bits: the decoder between them";
  info.case_is = "one output tile";
  info.parameters = {spec("rows", 8, 1, 32, "tokens side by side"),
                     spec("cols", 8, 1, 32, "output channels side by side")};
  info.points = {resolve(info, {}), resolve(info, {{"rows", 2}, {"cols", 3}}),
                 resolve(info, {{"rows", 1}, {"cols", 1}})};
  info.small_point = {{"rows", 1}, {"cols", 1}};
  info.input_shape = input_shape;
  info.output_shape = mac_tile_output;
  info.golden = fp16_mac_tile_golden;
  info.random = fp16_mac_tile_random;
  info.unsupported = unsupported;
  info.work_per_cycle = [](const Parameters& p) {
    return Work{static_cast<double>(MacTileParams::of(p).units()), 0, "FP16 x FP16"};
  };
  return info;
}

}  // namespace subbyte::kernels
