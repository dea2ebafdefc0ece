// Writes GGUF files of version 3, whole or not at all. Source: github.com/ggml-org/ggml, docs/gguf.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/output_file.hpp"
#include "sim/files/gguf_cursor.hpp"

namespace subbyte::sim {

/// The key-value section, in the order of the calls.
class GgufKeys {
 public:
  void add(std::string_view key, std::uint32_t value);
  void add(std::string_view key, float value);
  void add(std::string_view key, bool value);
  void add(std::string_view key, std::string_view value);
  /// Without this overload a literal would become a bool.
  void add(std::string_view key, const char* value) { add(key, std::string_view(value)); }
  void add(std::string_view key, std::span<const std::string> values);
  void add(std::string_view key, std::span<const float> values);
  void add(std::string_view key, std::span<const std::int32_t> values);
  /// Adds one whole entry (key, type, value) as another file has it.
  void copy(std::span<const std::uint8_t> entry);

  const std::string& bytes() const { return bytes_; }
  std::uint64_t count() const { return count_; }

 private:
  void begin(std::string_view key, GgufType type);
  void begin_array(std::string_view key, GgufType element, std::size_t count);
  void put_text(std::string_view text);
  std::string bytes_;
  std::uint64_t count_ = 0;
};

/// A tensor to write.
struct GgufField {
  std::string name;
  std::vector<std::size_t> shape;  ///< outermost first
  std::uint32_t type = 0;          ///< a number of sim/files/gguf_types.hpp
  std::uint64_t bytes = 0;
};

/// Writes a file. Names, shapes and sizes are known, so the header comes first, and the data follow in the order given,
/// each aligned to 32.
class GgufWriter {
 public:
  static constexpr std::uint64_t kAlignment = 32;

  /// Throws InputError when the file cannot be written, and std::invalid_argument for a name that appears twice.
  GgufWriter(const std::string& path, const GgufKeys& keys, std::vector<GgufField> fields);

  /// Writes the next bytes of the tensor whose turn it is, any number at a time. Throws std::invalid_argument for more
  /// than its size.
  void write(std::span<const std::uint8_t> bytes);
  /// Throws std::invalid_argument when bytes are missing.
  void commit();

 private:
  void finish_tensors();

  std::vector<GgufField> fields_;
  OutputFile out_;
  std::size_t field_ = 0;
  std::uint64_t written_ = 0;  ///< bytes written of the current tensor
};

}  // namespace subbyte::sim
