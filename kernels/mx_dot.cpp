#include "kernels/mx_dot.hpp"

#include <array>

#include "kernels/contract/parameter_specs.hpp"

namespace subbyte::kernels {
namespace {

constexpr unsigned kScaleNan = 0xFF;
constexpr int kScaleBias = 127;
constexpr std::array<const char*, 6> kRows = {"mxfp4",      "mxfp6-e2m3", "mxfp6-e3m2",
                                              "mxfp8-e4m3", "mxfp8-e5m2", "mxint8"};

BlockLayout layout_of(const Parameters& parameters) {
  return {static_cast<BlockElement>(value_or(parameters, "element", 0)), value_or(parameters, "block", 32)};
}

std::optional<Refusal> unsupported(const Parameters& parameters, const quant::Format& format) {
  const unsigned window = value_or(parameters, "window", 0);
  if (window != 0 && window < 16) return Refusal{"window is 0 (exact) or 16..48, not " + std::to_string(window)};
  const std::string row = kRows.at(value_or(parameters, "element", 0));
  return unlike_block_format(row, value_or(parameters, "block", 32), format);
}

}  // namespace

MxDot::MxDot(const Parameters& parameters)
    : layout_(layout_of(parameters)), window_(value_or(parameters, "window", 0)) {
  if (window_ != 0 && window_ < 16) {
    throw std::invalid_argument("mx_dot: window is " + std::to_string(window_) + ", expected 0 (exact) or 16..48");
  }
}

MxDot::Block MxDot::load(const BlockBeat& beat) const {
  Block block{sum_block(layout_, window_, beat), static_cast<unsigned>(beat.scale_a) + beat.scale_b};
  block.sum.nan |= beat.scale_a == kScaleNan || beat.scale_b == kScaleNan;
  return block;
}

std::uint32_t MxDot::value(const Block& block) {
  const BlockSum& sum = block.sum;
  if (sum.nan || (sum.positive_infinity && sum.negative_infinity)) return kFp32Nan;
  if (sum.positive_infinity) return 0x7F800000U;
  if (sum.negative_infinity) return 0xFF800000U;
  const bool negative = sum.sum < 0;
  const UInt128 magnitude = negative ? -static_cast<UInt128>(sum.sum) : static_cast<UInt128>(sum.sum);
  return fp32_round(negative, magnitude, static_cast<int>(block.scales) - 2 * kScaleBias + sum.exponent);
}

Trace mx_dot_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  return block_dot_golden(MxDot(parameters), stimulus, window);
}

Stimulus mx_dot_random(const Parameters& parameters, const RandomRequest& request) {
  return block_dot_random({layout_of(parameters), true, value_or(parameters, "window", 0)}, request);
}

UnitInfo mx_dot_info() {
  UnitInfo info;
  info.name = "mx_dot";
  info.summary = "dot products of MX blocks (E2M1 ... E5M2, INT8), exact or in a window, summed in FP32";
  info.case_is = "eight results";
  info.parameters = {spec("element", 0, 0, 5, "0 E2M1, 1 E2M3, 2 E3M2, 3 E4M3, 4 E5M2, 5 INT8"),
                     spec("block", 32, 8, kMaxBlock, "elements per scale"),
                     spec("window", 0, 0, 48, "0: exact; 16..48: bits kept below the largest product (not INT8)")};
  info.points = {resolve(info, {}),
                 resolve(info, {{"element", 3}, {"window", 24}}),
                 resolve(info, {{"element", 4}, {"block", 8}}),
                 resolve(info, {{"element", 5}}),
                 resolve(info, {{"element", 1}, {"block", 8}}),
                 resolve(info, {{"element", 2}, {"block", 8}, {"window", 16}})};
  info.small_point = {{"block", 8}};
  info.work_per_cycle = [](const Parameters& parameters) {
    const BlockLayout layout = layout_of(parameters);
    return Work{static_cast<double>(layout.block), 0, std::string("MX ") + element_info(layout.element).name};
  };
  info.input_shape = [](const Parameters& parameters) { return layout_of(parameters).shape(); };
  info.output_shape = [](const Parameters&) { return block_result_shape(); };
  info.golden = mx_dot_golden;
  info.random = mx_dot_random;
  info.unsupported = unsupported;
  return info;
}

}  // namespace subbyte::kernels
