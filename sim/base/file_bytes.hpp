// The bytes of an input file, mapped read-only, and reads that cannot pass its end.
//
// slice() and read() look into the mapping, which suits headers. copy() reads the file, which suits weights: pages
// that are read through a mapping stay in the process's resident memory, and a file that shrinks meanwhile is an error
// in copy() and a signal in slice().
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sim/base/input_error.hpp"

namespace subbyte::sim {

static_assert(std::endian::native == std::endian::little, "every file format read here is little-endian");

/// Copies share the mapping and the open file, which lives as long as any of them.
class FileBytes {
 public:
  /// Maps a regular file. Throws InputError when it cannot be opened or is not a regular file.
  static FileBytes map(const std::string& path);
  /// Owns bytes that come from no file, as in tests and fuzzing; `name` stands in error texts.
  static FileBytes own(std::vector<std::uint8_t> bytes, std::string name);

  const std::string& name() const { return name_; }
  std::uint64_t size() const { return bytes_.size(); }
  std::span<const std::uint8_t> all() const { return bytes_; }

  /// Returns `count` bytes at `offset`. Throws InputError("OFFSET: WHAT needs N bytes, M are left") past the end.
  std::span<const std::uint8_t> slice(std::uint64_t offset, std::uint64_t count, std::string_view what) const;
  template <typename T>
  T read(std::uint64_t offset, std::string_view what) const {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(&value, slice(offset, sizeof(T), what).data(), sizeof(T));
    return value;
  }
  /// Fills `out` with the bytes at `offset`. Throws as slice(), and with the system's reason when the file cannot be
  /// read or has become shorter.
  void copy(std::uint64_t offset, std::span<std::uint8_t> out, std::string_view what) const;
  /// Returns true when the file starts with `magic`.
  bool starts_with(std::string_view magic) const;
  /// Throws InputError at an offset of this file.
  [[noreturn]] void fail(std::uint64_t offset, const std::string& text) const { throw InputError(name_, offset, text); }

 private:
  FileBytes(std::shared_ptr<const void> owner, std::span<const std::uint8_t> bytes, std::string name, int file = -1)
      : owner_(std::move(owner)), file_(file), bytes_(bytes), name_(std::move(name)) {}
  std::shared_ptr<const void> owner_;
  int file_;  ///< the descriptor that owner_ closes, or -1 for bytes in memory
  std::span<const std::uint8_t> bytes_;
  std::string name_;
};

/// Returns a printable form of bytes from a file, at most `limit` bytes long: what is not printable ASCII becomes
/// \xNN.
std::string printable(std::string_view text, std::size_t limit = 80);

}  // namespace subbyte::sim
