// A PackedTensor is Format x shape x bits. It is the only thing that travels from the quantizer to an engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "quant/formats/format.hpp"

namespace subbyte::quant {

/// Returns what a level is multiplied by: the stored scale times the channel scale, exact in double. With a tensor
/// scale it is the FP32 RNE of the product or quotient, as TensorRT Model-Optimizer and vLLM decode. The alphabet's
/// unit_divisor divides after it.
double level_multiplier(const Scaling& scaling, float scale, float channel_scale, float tensor_scale);

/// Row-major weights [rows = output channels][cols = input channels]; y = W x.
///
/// `codes` holds each row in the format's layout (layout.hpp), padded to whole bytes. `scales` holds, per row and
/// group, the format's planes, each little-endian in scale_info().bytes. `selectors` (selector_bits) and `zeros`
/// (code_bits) hold, per row, a little-endian bit stream over the groups, padded to whole bytes; they are empty where
/// the format has none. `channel_scales` holds one FP32 per row for kU8BelowChannel, and is empty otherwise.
/// `tensor_scale` is 1 without TensorScale.
struct PackedTensor {
  Format format;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::vector<std::uint8_t> codes;
  std::vector<std::uint8_t> scales;
  std::vector<std::uint8_t> selectors;
  std::vector<std::uint8_t> zeros;
  std::vector<float> channel_scales;
  float tensor_scale = 1;

  std::size_t groups() const { return format.groups(cols); }
  std::size_t code_row_bytes() const { return row_bytes(format.layout, format.alphabet.code_bits, cols); }
  std::size_t scale_row_bytes() const {
    return groups() * format.scaling.planes * scale_info(format.scaling.stored).bytes;
  }
  std::size_t selector_row_bytes() const { return (groups() * format.selector_bits() + 7) / 8; }
  std::size_t zero_row_bytes() const {
    return format.scaling.zero_point ? (groups() * format.alphabet.code_bits + 7) / 8 : 0;
  }

  /// Returns the raw code pattern of one element (unsigned, code_bits wide).
  unsigned code(std::size_t row, std::size_t col) const;
  /// Returns the stored pattern of a group's scale, without a selector that shares its byte.
  std::uint32_t scale_bits(std::size_t row, std::size_t group, unsigned plane = 0) const;
  /// Returns the stored scale as a number, u8 as 1..255; neither the channel nor the tensor scale is applied.
  float scale_value(std::size_t row, std::size_t group, unsigned plane = 0) const;
  unsigned selector(std::size_t row, std::size_t group) const;
  unsigned zero(std::size_t row, std::size_t group) const;
  float channel_scale(std::size_t row) const { return channel_scales.empty() ? 1.0F : channel_scales[row]; }
  /// Returns the level_multiplier() of a group.
  double multiplier(std::size_t row, std::size_t group, unsigned plane = 0) const;

  /// Writes the raw codes of a whole row (fast path); `out` has cols elements.
  void unpack_row(std::size_t row, std::span<std::uint8_t> out) const;
  /// Writes the FP32 value of every code in one group; `values` has 2^code_bits elements.
  void decode_group(std::size_t row, std::size_t group, std::span<float> values) const;
  /// Writes a decoded row in FP32, which is one RNE of the exact level * multiplier / unit_divisor; `out` has cols
  /// elements. Under Arithmetic::kFp16 with FP16 scales it is the reference's FP16 value.
  void decode_row(std::size_t row, std::span<float> out) const;

  std::size_t bytes() const;
  /// Returns 8 * bytes() / (rows * cols): every buffer and the padding of rows count.
  double bits_per_weight() const;
};

/// Says how often a buffer's elements occur.
enum class BufferExtent : std::uint8_t { kPerRow, kOnePerRow, kOneInAll };

/// One stored buffer of a packed tensor.
struct BufferSpec {
  std::string_view name;     ///< "codes", "scales", "selectors", "zeros", "channel_scales", "tensor_scale"
  std::string_view element;  ///< safetensors type: "U8", "F16", "BF16", "F32"
  std::size_t element_bytes = 1;
  BufferExtent extent = BufferExtent::kPerRow;
  std::size_t width = 1;  ///< elements per row, for kPerRow

  /// The shape is [rows][width], [rows] or [1].
  std::vector<std::size_t> shape(std::size_t rows) const;
  std::size_t bytes(std::size_t rows) const;
};
/// Returns the buffers that a tensor of `cols` columns has, in the order of files and checksums; absent ones are left
/// out.
std::vector<BufferSpec> buffers(const Format& format, std::size_t cols);
/// Returns the bytes of a buffer that buffers() named. Throws std::invalid_argument for another name.
std::span<const std::uint8_t> buffer_bytes(const PackedTensor& tensor, std::string_view name);
std::span<std::uint8_t> buffer_bytes(PackedTensor& tensor, std::string_view name);
/// Copies bytes of the right size into the buffer that buffers() named.
void set_buffer(PackedTensor& tensor, std::string_view name, std::span<const std::uint8_t> bytes);

/// Returns a tensor whose buffers have their sizes and hold zeros.
PackedTensor empty_tensor(const Format& format, std::size_t rows, std::size_t cols);

/// Throws std::invalid_argument when a buffer's size does not match format and shape, or a stored value is illegal
/// (u8 scale 0, infinite scale, a selector outside the alphabet); the text names the buffer, its size and the size
/// expected.
void validate(const PackedTensor& tensor);

}  // namespace subbyte::quant
