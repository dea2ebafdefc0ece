// The linear layers of a forward pass (unquantized, on packed weights, or in a design's arithmetic) and the number
// formats of their inputs.
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

/// Holds packed weights by the name of their layer.
using PackedWeights = std::map<std::string, quant::PackedTensor, std::less<>>;

/// Says what the inputs of a linear layer are rounded to, each token alone.
struct ActivationFormat {
  enum class Kind : std::uint8_t {
    kNone,  ///< the inputs stay FP32 as they are
    kFp16,  ///< round to nearest even; overflow is an error
    /// per token: s = max|x| / 127 in FP32, q = x / s rounded to nearest even, and the value is q s in FP32
    kInt8,
    kBlocks,  ///< a weight format along the inputs, where each token is quantized as a matrix of one row
  };
  Kind kind = Kind::kNone;
  std::string name = "none";
  std::optional<quant::Format> format;  ///< the format of kBlocks

  /// Reads "none", "fp16", "int8", "mxfp8" (which is mxfp8-e4m3), or any other format as read_format() reads it
  /// ("int8:g128" is the weight format). Throws as read_format() does.
  static ActivationFormat parse(std::string_view name);
  /// Rounds x [tokens][cols] in place. Throws std::invalid_argument for a value that the format cannot hold.
  void round(std::span<float> x, std::size_t cols) const;
};

/// Computes each output as one FP32 RNE of the exact sum of products of FP32 weights and inputs
/// (kernels/linear/exact_linear.hpp).
LinearFunction unquantized_linear(const Checkpoint& model, unsigned threads);

/// Says how layers with packed weights run.
struct LinearArithmetic {
  ActivationFormat activations;
  const Design* design = nullptr;  ///< nullptr means one FP32 RNE of the exact dot product with the decoded weights
  unsigned threads = 1;
};

/// Returns a function in which the layers in `weights` run on their packed bits, after their inputs are rounded to the
/// activation format. On a design they run in the arithmetic of its bit-serial tile (golden engine,
/// kernels/ARITHMETIC.md), with inputs rounded to FP16. Layers that are not in `weights` run unquantized. The model and
/// the weights outlive the function. Throws InputError, which names the layer, for an input that the activation format
/// cannot hold, and std::invalid_argument for a format that the design cannot run.
LinearFunction packed_linear(const Checkpoint& model, const PackedWeights& weights, const LinearArithmetic& arithmetic);

}  // namespace subbyte::sim
