#include "sim/packed/quantize_layer.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "sim/base/parallel_for.hpp"
#include "sim/files/tensor_values.hpp"

namespace subbyte::sim {
namespace {

/// Takes the rows of a layer in blocks of a size that does not depend on the number of threads, so that sums over them
/// do not depend on it either.
class RowBlocks {
 public:
  explicit RowBlocks(const LinearLayer& layer)
      : rows_(layer.rows), each_(std::max<std::size_t>(1, kWeights / layer.cols)) {}
  std::size_t count() const { return (rows_ + each_ - 1) / each_; }
  std::size_t first(std::size_t block) const { return block * each_; }
  std::size_t size(std::size_t block) const { return std::min(each_, rows_ - first(block)); }

 private:
  static constexpr std::size_t kWeights = std::size_t{1} << 18U;
  std::size_t rows_;
  std::size_t each_;
};

/// Rows lie one after the other in every buffer but a tensor's own.
void place(const quant::PackedTensor& block, std::size_t first, quant::PackedTensor& whole) {
  for (const quant::BufferSpec& spec : quant::buffers(whole.format, whole.cols)) {
    const bool shared = spec.extent == quant::BufferExtent::kOneInAll;
    // It is the same in every block, and threads must not write it at once.
    if (shared && first != 0) continue;
    const auto from = quant::buffer_bytes(block, spec.name);
    const auto to = quant::buffer_bytes(whole, spec.name);
    const std::size_t offset = shared ? 0 : spec.bytes(1) * first;
    std::ranges::copy(from, to.begin() + static_cast<std::ptrdiff_t>(offset));
  }
}

/// A format whose scale has a NaN stores a group that is not finite as NaN; every other one refuses it.
NonFinite non_finite(const quant::Format& format) {
  return quant::scale_info(format.scaling.stored).has_nan ? NonFinite::kKeep : NonFinite::kRefuse;
}

float magnitude(const Checkpoint& model, const LinearLayer& layer, const RowBlocks& blocks, NonFinite policy,
                unsigned threads) {
  std::vector<float> largest(blocks.count());
  parallel_for(blocks.count(), threads, [&](std::size_t first, std::size_t last) {
    for (std::size_t b = first; b < last; ++b) {
      const auto values = model.load_rows(layer.name, blocks.first(b), blocks.size(b), policy);
      largest[b] = quant::tensor_magnitude({values, blocks.size(b), layer.cols});
    }
  });
  return *std::ranges::max_element(largest);
}

}  // namespace

QuantizedLayer quantize_layer(const Checkpoint& model, const LinearLayer& layer, const quant::Format& format,
                              unsigned threads) {
  const RowBlocks blocks(layer);
  quant::QuantizeOptions options;
  if (format.scaling.tensor_scale != quant::TensorScale::kNone)
    options.tensor_magnitude = magnitude(model, layer, blocks, non_finite(format), threads);
  QuantizedLayer result{quant::empty_tensor(format, layer.rows, layer.cols), {}};
  std::vector<quant::Distortion> distortions(blocks.count());
  const auto quantize_block = [&](std::size_t b) {
    const auto values = model.load_rows(layer.name, blocks.first(b), blocks.size(b), non_finite(format));
    quant::QuantizeOptions mine = options;
    mine.first_row = blocks.first(b);
    const auto packed = quant::quantize({values, blocks.size(b), layer.cols}, format, mine);
    distortions[b] = quant::distortion_of(values, packed);
    place(packed, blocks.first(b), result.tensor);
  };
  try {
    parallel_for(blocks.count(), threads, [&](std::size_t first, std::size_t last) {
      for (std::size_t b = first; b < last; ++b) quantize_block(b);
    });
  } catch (const std::invalid_argument& error) {
    throw InputError(model.path(), "layer '" + layer.name + "'", error.what());
  }
  for (const quant::Distortion& distortion : distortions) result.distortion += distortion;
  return result;
}

quant::Distortion copy_layer(const Checkpoint& model, const LinearLayer& layer,
                             const std::function<void(std::span<const float>)>& sink) {
  const RowBlocks blocks(layer);
  quant::Distortion distortion;
  for (std::size_t b = 0; b < blocks.count(); ++b) {
    const auto values = model.load_rows(layer.name, blocks.first(b), blocks.size(b));
    for (const float value : values) distortion.signal += static_cast<double>(value) * value;
    sink(values);
  }
  return distortion;
}

}  // namespace subbyte::sim
