// Reads a GGUF header from front to back; nothing is allocated before its bytes were seen.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/base/file_bytes.hpp"

namespace subbyte::sim {

/// The types of metadata values, by their number in the file.
enum class GgufType : std::uint32_t {
  kUint8,
  kInt8,
  kUint16,
  kInt16,
  kUint32,
  kInt32,
  kFloat32,
  kBool,
  kString,
  kArray,
  kUint64,
  kInt64,
  kFloat64
};
/// Returns "uint8", "string" and so on, or the number in words for a type that GGUF does not have.
std::string gguf_type_name(GgufType type);
/// Returns the bytes of a value, or 0 for a string, an array, or a type that GGUF does not have.
std::uint64_t gguf_value_bytes(GgufType type);

/// Every call throws InputError with the offset where the file is too short or says what GGUF does not know.
class GgufCursor {
 public:
  explicit GgufCursor(const FileBytes& file, std::uint64_t at = 0) : file_(file), at_(at) {}

  template <typename T>
  T next(std::string_view what) {
    const T value = file_.read<T>(at_, what);
    at_ += sizeof(T);
    return value;
  }
  /// Reads a text: its length in 64 bits, and then so many bytes.
  std::string_view text(std::string_view what);
  void skip(std::uint64_t count, std::uint64_t each, std::string_view what);
  void skip_value(GgufType type, unsigned depth = 0);
  std::uint64_t at() const { return at_; }
  [[noreturn]] void fail(const std::string& text) const { file_.fail(at_, text); }

 private:
  void skip_array(unsigned depth);

  const FileBytes& file_;
  std::uint64_t at_;
};

}  // namespace subbyte::sim
