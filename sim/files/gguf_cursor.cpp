#include "sim/files/gguf_cursor.hpp"

#include <fmt/format.h>

#include "sim/files/stored_tensor.hpp"

namespace subbyte::sim {
namespace {

struct TypeRow {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr TypeRow kTypes[] = {{"uint8", 1},  {"int8", 1},    {"uint16", 2}, {"int16", 2},  {"uint32", 4},
                              {"int32", 4},  {"float32", 4}, {"bool", 1},   {"string", 0}, {"array", 0},
                              {"uint64", 8}, {"int64", 8},   {"float64", 8}};

bool known(GgufType type) { return static_cast<std::size_t>(type) < std::size(kTypes); }

}  // namespace

std::string gguf_type_name(GgufType type) {
  if (known(type)) return std::string(kTypes[static_cast<std::size_t>(type)].name);
  return fmt::format("number {}", static_cast<std::uint32_t>(type));
}

std::uint64_t gguf_value_bytes(GgufType type) { return known(type) ? kTypes[static_cast<std::size_t>(type)].bytes : 0; }

std::string_view GgufCursor::text(std::string_view what) {
  const auto length = next<std::uint64_t>(what);
  const auto bytes = file_.slice(at_, length, what);
  at_ += length;
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void GgufCursor::skip(std::uint64_t count, std::uint64_t each, std::string_view what) {
  const auto bytes = checked_bytes(std::span(&count, 1), each);
  if (!bytes) fail(fmt::format("{} has {} elements, expected a size that fits the file", what, count));
  file_.slice(at_, *bytes, what);
  at_ += *bytes;
}

void GgufCursor::skip_value(GgufType type, unsigned depth) {
  if (!known(type)) {
    fail(
        fmt::format("metadata value type {}, expected 0..{}", static_cast<std::uint32_t>(type), std::size(kTypes) - 1));
  }
  if (type == GgufType::kString) {
    text("a metadata text");
  } else if (type == GgufType::kArray) {
    skip_array(depth + 1);
  } else {
    skip(1, gguf_value_bytes(type), "a metadata value");
  }
}

void GgufCursor::skip_array(unsigned depth) {
  // No known key nests arrays at all; the bound keeps a hostile file from exhausting the stack.
  if (depth > 4) fail("metadata arrays nested more than 4 deep");
  const auto type = next<GgufType>("an array's type");
  const auto count = next<std::uint64_t>("an array's length");
  if (gguf_value_bytes(type) != 0) return skip(count, gguf_value_bytes(type), "a metadata array");
  for (std::uint64_t i = 0; i < count; ++i) skip_value(type, depth);
}

}  // namespace subbyte::sim
