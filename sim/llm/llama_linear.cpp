#include "sim/llm/llama_linear.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "kernels/catalogue.hpp"
#include "kernels/linear/exact_linear.hpp"
#include "quant/base/float16.hpp"
#include "quant/rules/int8_tokens.hpp"
#include "quant/rules/quantize.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/parallel_for.hpp"
#include "sim/config/format_file.hpp"
#include "sim/engines/engine.hpp"
#include "sim/mapping/mapping.hpp"

namespace subbyte::sim {
namespace {

void round_fp16(std::span<float> x) {
  for (float& value : x) {
    const float rounded = quant::round_to_half(value);
    if (!std::isfinite(rounded))
      throw std::invalid_argument(
          fmt::format("activation {} overflows FP16, expected at most 65504 in magnitude", value));
    value = rounded;
  }
}

void round_int8(std::span<float> x) {
  const quant::Int8Token token = quant::int8_token(x);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = token.value(i);
}

void round_blocks(const quant::Format& format, std::span<float> x) {
  quant::quantize({x, 1, x.size()}, format).decode_row(0, x);
}

void run_design(const Design& design, const quant::PackedTensor& weights, std::span<const float> x, std::size_t tokens,
                std::span<float> y) {
  std::vector<std::uint16_t> bits;
  bits.reserve(x.size());
  for (const float value : x) bits.push_back(quant::half_from_float(value));
  const MappedLayer layer = map_layer(design, weights, {bits, tokens, weights.cols});
  const kernels::Trace trace = OpenEngine(engine("golden"), {}).run(*design.unit, design.parameters, layer.stimulus);
  std::ranges::copy(layer.gather(trace), y.begin());
}

/// Runs the tokens in parts. Each part has tokens of whole tiles, so that no tile is run twice.
void run_design_parts(const Design& design, const quant::PackedTensor& weights, std::span<const float> x,
                      std::size_t tokens, unsigned threads, std::span<float> y) {
  const std::size_t together = tile_loop(design, weights, tokens).rows;
  parallel_for((tokens + together - 1) / together, threads, [&](std::size_t first, std::size_t last) {
    const std::size_t begin = first * together;
    const std::size_t count = std::min(tokens, last * together) - begin;
    run_design(design, weights, x.subspan(begin * weights.cols, count * weights.cols), count,
               y.subspan(begin * weights.rows, count * weights.rows));
  });
}

void run_packed(const quant::PackedTensor& weights, const LinearArithmetic& arithmetic, std::span<const float> x,
                std::size_t tokens, std::span<float> y) {
  std::vector<float> rounded(x.begin(), x.end());
  parallel_for(tokens, arithmetic.threads, [&](std::size_t first, std::size_t last) {
    const auto part = std::span(rounded).subspan(first * weights.cols, (last - first) * weights.cols);
    arithmetic.activations.round(part, weights.cols);
    if (arithmetic.design != nullptr) round_fp16(part);
  });
  if (arithmetic.design == nullptr) return kernels::exact_linear(weights, rounded, tokens, y, arithmetic.threads);
  run_design_parts(*arithmetic.design, weights, rounded, tokens, arithmetic.threads, y);
}

}  // namespace

ActivationFormat ActivationFormat::parse(std::string_view name) {
  if (name == "none") return {};
  if (name == "fp16") return {Kind::kFp16, "fp16", std::nullopt};
  if (name == "int8") return {Kind::kInt8, "int8", std::nullopt};
  const quant::Format format = read_format(std::string(name == "mxfp8" ? "mxfp8-e4m3" : name));
  return {Kind::kBlocks, format.id(), format};
}

void ActivationFormat::round(std::span<float> x, std::size_t cols) const {
  if (kind == Kind::kFp16) round_fp16(x);
  for (std::size_t i = 0; i < x.size(); i += cols) {
    if (kind == Kind::kInt8) round_int8(x.subspan(i, cols));
    if (kind == Kind::kBlocks) round_blocks(*format, x.subspan(i, cols));
  }
}

LinearFunction unquantized_linear(const Checkpoint& model, unsigned threads) {
  return [&model, threads](const LinearLayer& layer, std::span<const float> x, std::size_t tokens, std::span<float> y) {
    const Tensor weights = model.load(layer.name);
    kernels::exact_linear(x, tokens, weights.values, layer.rows, layer.cols, y, threads);
  };
}

LinearFunction packed_linear(const Checkpoint& model, const PackedWeights& weights,
                             const LinearArithmetic& arithmetic) {
  return [&model, &weights, arithmetic, unquantized = unquantized_linear(model, arithmetic.threads)](
             const LinearLayer& layer, std::span<const float> x, std::size_t tokens, std::span<float> y) {
    const auto packed = weights.find(layer.name);
    if (packed == weights.end()) return unquantized(layer, x, tokens, y);
    try {
      run_packed(packed->second, arithmetic, x, tokens, y);
    } catch (const std::invalid_argument& error) {
      throw InputError(model.path(), fmt::format("layer '{}'", layer.name), error.what());
    }
  };
}

}  // namespace subbyte::sim
