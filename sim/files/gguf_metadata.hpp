// Reads the key-value section of a GGUF file. Source: github.com/ggml-org/ggml, docs/gguf.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/file_bytes.hpp"
#include "sim/files/gguf_cursor.hpp"

namespace subbyte::sim {

/// Where a value lies in its file.
struct GgufEntry {
  GgufType type = GgufType::kUint8;
  std::uint64_t key = 0;     ///< offset of the key's length
  std::uint64_t offset = 0;  ///< offset of the value or, for an array, of its element type
  std::uint64_t end = 0;
};

/// All keys of a file. Values stay in the file and are converted when asked for, so that nothing is larger than what is
/// asked. Every accessor returns nothing (or an empty list) for a key that is not there, and throws InputError with the
/// value's offset for one of another type.
class GgufMetadata {
 public:
  /// Reads `count` keys. Throws InputError for a key that appears twice, and where the file is too short.
  static GgufMetadata read(const FileBytes& file, GgufCursor& cursor, std::uint64_t count);

  bool contains(std::string_view key) const { return entries_.find(key) != entries_.end(); }
  const std::map<std::string, GgufEntry, std::less<>>& entries() const { return entries_; }
  const FileBytes& file() const { return file_; }

  /// Returns the value of a key of any integer type. A negative value is an error.
  std::optional<std::uint64_t> integer(std::string_view key) const;
  /// Returns the value of a key of any number type. A value that is not finite is an error.
  std::optional<double> number(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  std::optional<std::string> text(std::string_view key) const;
  std::vector<std::string> texts(std::string_view key) const;
  /// Returns the values of a key that holds an array of any number type.
  std::vector<double> numbers(std::string_view key) const;

  [[noreturn]] void fail(std::string_view key, const std::string& text) const;

 private:
  explicit GgufMetadata(FileBytes file) : file_(std::move(file)) {}
  const GgufEntry* find(std::string_view key) const;
  const GgufEntry* find(std::string_view key, GgufType type) const;

  FileBytes file_;
  std::map<std::string, GgufEntry, std::less<>> entries_;
};

}  // namespace subbyte::sim
