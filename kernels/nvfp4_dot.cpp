#include "kernels/nvfp4_dot.hpp"

#include "kernels/contract/parameter_specs.hpp"

namespace subbyte::kernels {
namespace {

// A scale is significand * 2^(exponent - 10), because the bias is 7 and there are three fraction bits.
constexpr int kScaleUnit = -10;

BlockLayout layout_of(const Parameters& parameters) {
  const bool integers = value_or(parameters, "element", 0) == 1;
  return {integers ? BlockElement::kInt4 : BlockElement::kE2m1, value_or(parameters, "block", 16)};
}

struct Scale {
  unsigned significand;
  int exponent;
  bool nan;
};

Scale decode(std::uint8_t byte) {
  const unsigned field = byte >> 3 & 15U;
  const unsigned fraction = byte & 7U;
  return {fraction | (field != 0 ? 8U : 0U), static_cast<int>(field != 0 ? field : 1), (byte & 0x7FU) == 0x7FU};
}

}  // namespace

Nvfp4Dot::Nvfp4Dot(const Parameters& parameters) : layout_(layout_of(parameters)) {}

Nvfp4Dot::Block Nvfp4Dot::load(const BlockBeat& beat) const {
  const BlockSum sum = sum_block(layout_, 0, beat);
  const Scale a = decode(beat.scale_a);
  const Scale b = decode(beat.scale_b);
  return {static_cast<std::int32_t>(sum.sum), sum.exponent, a.significand * b.significand, a.exponent + b.exponent,
          a.nan || b.nan};
}

std::uint32_t Nvfp4Dot::value(const Block& block) {
  if (block.nan) return kFp32Nan;
  const std::int64_t product = static_cast<std::int64_t>(block.sum) * block.significands;
  if (product == 0) return 0;
  const auto magnitude = static_cast<std::uint64_t>(product < 0 ? -product : product);
  return fp32_round(product < 0, magnitude, block.unit + block.exponents + 2 * kScaleUnit);
}

Trace nvfp4_dot_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  return block_dot_golden(Nvfp4Dot(parameters), stimulus, window);
}

Stimulus nvfp4_dot_random(const Parameters& parameters, const RandomRequest& request) {
  return block_dot_random({layout_of(parameters), false, 0}, request);
}

UnitInfo nvfp4_dot_info() {
  UnitInfo info;
  info.name = "nvfp4_dot";
  info.summary = "dot products of NVFP4 or NVINT4 blocks, exact, summed in FP32";
  info.case_is = "eight results";
  info.parameters = {spec("element", 0, 0, 1, "0 E2M1 (NVFP4), 1 INT4 (NVINT4)"),
                     spec("block", 16, 8, kMaxBlock, "elements per scale")};
  info.points = {resolve(info, {}), resolve(info, {{"element", 1}})};
  info.small_point = {{"block", 8}};
  info.work_per_cycle = [](const Parameters& parameters) {
    const BlockLayout layout = layout_of(parameters);
    return Work{static_cast<double>(layout.block), 0, std::string("NV ") + element_info(layout.element).name};
  };
  info.input_shape = [](const Parameters& parameters) { return layout_of(parameters).shape(); };
  info.output_shape = [](const Parameters&) { return block_result_shape(); };
  info.golden = nvfp4_dot_golden;
  info.random = nvfp4_dot_random;
  info.unsupported = [](const Parameters& parameters, const quant::Format& format) {
    const std::string row = value_or(parameters, "element", 0) == 1 ? "nvint4" : "nvfp4";
    return unlike_block_format(row, value_or(parameters, "block", 16), format);
  };
  return info;
}

}  // namespace subbyte::kernels
