// The linear layers of a forward pass: unquantized, on packed weights, in a design's arithmetic; and the
// number formats of their inputs.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "quant/formats/packed_tensor.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/config/design.hpp"
#include "sim/llm/llama_forward.hpp"

namespace subbyte::sim {

/// By the layer's name.
using PackedWeights = std::map<std::string, quant::PackedTensor, std::less<>>;

/// What the inputs of a linear layer are rounded to, each token alone.
struct ActivationFormat {
  enum class Kind : std::uint8_t {
    kNone,    ///< FP32 as they are
    kFp16,    ///< RNE; overflow is an error
    kInt8,    ///< per token: s = FP32 RNE of max|x| / 127, q = RNE(x / s), ties to even; value FP32 RNE of q s
    kBlocks,  ///< a weight format along the inputs, each token quantized as a matrix of one row
  };
  Kind kind = Kind::kNone;
  std::string name = "none";
  std::optional<quant::Format> format;  ///< of kBlocks

  /// "none", "fp16", "int8", "mxfp8" (mxfp8-e4m3), or any other format as read_format() reads it ("int8:g128"
  /// is the weight format). Throws as read_format().
  static ActivationFormat parse(std::string_view name);
  /// Rounds x [tokens][cols] in place. Throws std::invalid_argument for a value that the format cannot hold.
  void round(std::span<float> x, std::size_t cols) const;
};

/// Each output is one FP32 RNE of the exact sum of products of FP32 weights and inputs
/// (kernels/linear/exact_linear.hpp).
LinearFunction unquantized_linear(const Checkpoint& model, unsigned threads);

/// How layers with packed weights run.
struct LinearArithmetic {
  ActivationFormat activations;
  const Design* design = nullptr;  ///< none: one FP32 RNE of the exact dot product with the decoded weights
  unsigned threads = 1;
};

/// Layers in `weights` run on their packed bits, inputs rounded to the activation format first; on a design,
/// in the arithmetic of its bit-serial tile (golden engine, kernels/ARITHMETIC.md) with inputs rounded to
/// FP16. Layers that are not there run unquantized. Both arguments outlive the function. Throws InputError
/// naming the layer for an input that the activation format cannot hold, std::invalid_argument for a format
/// that the design cannot run.
LinearFunction packed_linear(const Checkpoint& model, const PackedWeights& weights, const LinearArithmetic& arithmetic);

}  // namespace subbyte::sim
