#include "quant/formats/ggml_blocks.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include "quant/formats/ggml_block_codes.hpp"

namespace subbyte::quant {
namespace {

constexpr std::uint32_t kOldStq1 = 42;
constexpr std::size_t kMostScales = 4;

constexpr std::array kTypes{
    BlockType{"Q4_0", 2, 32, 18, "q4_0:g32", 1, decode_q4_0, encode_q4_0},
    BlockType{"Q8_0", 8, 32, 34, "q8_0:g32", 1, decode_q8_0, encode_q8_0},
    BlockType{"TQ1_0", 34, 256, 54, "ternary:g256", 1, decode_tq1_0, encode_tq1_0},
    BlockType{"TQ2_0", 35, 256, 66, "ternary:g256", 1, decode_tq2_0, encode_tq2_0},
    BlockType{"MXFP4", 39, 32, 17, "mxfp4:g32", 1, decode_mxfp4, encode_mxfp4},
    BlockType{"NVFP4", 40, 64, 36, "nvfp4:g16", kMostScales, decode_nvfp4, encode_nvfp4},
    BlockType{"STQ1_0", 43, 256, 42, "ternary:g256", 1, decode_stq1_0, encode_stq1_0},
};

[[noreturn]] void fail(const BlockType& type, const std::string& text) {
  throw std::invalid_argument(std::string(type.name) + " blocks: " + text);
}

std::string place(std::size_t row, std::size_t block) {
  return "row " + std::to_string(row) + ", block " + std::to_string(block) + ": ";
}

std::size_t checked_bytes(const BlockType& type, std::size_t rows, std::size_t cols) {
  if (cols % type.weights != 0) {
    fail(type, std::to_string(cols) + " columns, expected a multiple of " + std::to_string(type.weights));
  }
  std::size_t blocks = 0;
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(rows, cols / type.weights, &blocks) ||
      __builtin_mul_overflow(blocks, type.bytes, &bytes)) {
    fail(type, std::to_string(rows) + " x " + std::to_string(cols) + " weights do not fit the address space");
  }
  return bytes;
}

/// Compares levels, scales and groups with those of the type's own format; the layout may differ.
void check_format(const BlockType& type, const PackedTensor& tensor) {
  const auto own = parse_format(type.format);
  const auto& format = tensor.format;
  const auto& alphabet = format.alphabet;
  const auto refuse = [&](const std::string& what) {
    fail(type, "cannot hold '" + format.id() + "': " + what + ", expected those of '" + own.id() + "'");
  };
  if (alphabet.numerators != own.alphabet.numerators || alphabet.unit_exponent != own.alphabet.unit_exponent ||
      alphabet.unit_divisor != own.alphabet.unit_divisor || alphabet.kind != own.alphabet.kind ||
      alphabet.selectors() != 1 || format.scaling.zero_point || format.scaling.planes != 1) {
    refuse("its levels");
  }
  if (format.arithmetic != own.arithmetic) refuse("its arithmetic");
  if (format.scaling.stored != own.scaling.stored) refuse("its stored scales");
  if (format.scaling.signed_scale && !own.scaling.signed_scale) refuse("its signed scales");
  if (format.scaling.group != own.scaling.group) refuse("its group");
  if (tensor.tensor_scale != 1) {
    fail(type, "cannot hold a tensor scale of " + std::to_string(tensor.tensor_scale) + ", expected 1");
  }
}

void store_scale(PackedTensor& tensor, std::size_t row, std::size_t group, std::uint32_t bits) {
  const unsigned bytes = scale_info(tensor.format.scaling.stored).bytes;
  auto* out = tensor.scales.data() + (row * tensor.groups() + group) * bytes;
  for (unsigned byte = 0; byte < bytes; ++byte) out[byte] = static_cast<std::uint8_t>(bits >> 8 * byte);
}

}  // namespace

std::span<const BlockType> block_types() { return kTypes; }

const BlockType* block_type(std::string_view name) {
  const auto found = std::ranges::find(kTypes, name, &BlockType::name);
  return found == kTypes.end() ? nullptr : &*found;
}

const BlockType* block_type(std::uint32_t ggml_id, std::size_t weights, std::size_t bytes) {
  if (ggml_id == kOldStq1) {
    const auto* old = block_type("STQ1_0");
    return weights % old->weights == 0 && weights / old->weights * old->bytes == bytes && bytes != 0 ? old : nullptr;
  }
  const auto found = std::ranges::find(kTypes, ggml_id, &BlockType::ggml_id);
  return found == kTypes.end() ? nullptr : &*found;
}

PackedTensor import_blocks(const BlockType& type, std::size_t rows, std::size_t cols,
                           std::span<const std::uint8_t> bytes) {
  const std::size_t expected = checked_bytes(type, rows, cols);
  if (bytes.size() != expected) {
    fail(type, std::to_string(bytes.size()) + " bytes, expected " + std::to_string(expected) + " for " +
                   std::to_string(rows) + " x " + std::to_string(cols) + " weights");
  }
  auto tensor = empty_tensor(parse_format(type.format), rows, cols);
  const std::size_t blocks = cols / type.weights;
  std::vector<std::uint8_t> codes(cols);
  const auto* in = bytes.data();
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t block = 0; block < blocks; ++block, in += type.bytes) {
      std::array<std::uint32_t, kMostScales> stored{};
      if (const char* wrong = type.decode(in, codes.data() + block * type.weights, stored.data())) {
        fail(type, place(row, block) + wrong);
      }
      for (std::size_t i = 0; i < type.scales; ++i) store_scale(tensor, row, block * type.scales + i, stored.at(i));
    }
    pack_row(tensor.format.layout, tensor.format.alphabet.code_bits, codes,
             std::span(tensor.codes).subspan(row * tensor.code_row_bytes(), tensor.code_row_bytes()));
  }
  validate(tensor);
  return tensor;
}

std::vector<std::uint8_t> export_blocks(const BlockType& type, const PackedTensor& tensor) {
  validate(tensor);
  check_format(type, tensor);
  std::vector<std::uint8_t> bytes(checked_bytes(type, tensor.rows, tensor.cols));
  const std::size_t blocks = tensor.cols / type.weights;
  std::vector<std::uint8_t> codes(tensor.cols);
  auto* out = bytes.data();
  for (std::size_t row = 0; row < tensor.rows; ++row) {
    tensor.unpack_row(row, codes);
    for (std::size_t block = 0; block < blocks; ++block, out += type.bytes) {
      std::array<std::uint32_t, kMostScales> stored{};
      for (std::size_t i = 0; i < type.scales; ++i) stored.at(i) = tensor.scale_bits(row, block * type.scales + i);
      if (const char* wrong = type.encode(codes.data() + block * type.weights, stored.data(), out)) {
        fail(type, place(row, block) + wrong);
      }
    }
  }
  return bytes;
}

}  // namespace subbyte::quant
