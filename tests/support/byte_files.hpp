// Builds files byte by byte, for the readers' tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "sim/base/file_bytes.hpp"

namespace subbyte::tests {

/// Appends little-endian values.
struct Bytes {
  std::string data;

  template <typename T>
  Bytes& put(T value) {
    data.append(reinterpret_cast<const char*>(&value), sizeof(T));
    return *this;
  }
  Bytes& text(std::string_view value) {
    data += value;
    return *this;
  }
  /// Appends GGUF's strings, which are length and bytes.
  Bytes& counted(std::string_view value) { return put<std::uint64_t>(value.size()).text(value); }
  Bytes& floats(std::size_t count, float first = 0.0F) {
    for (std::size_t i = 0; i < count; ++i) put(first + static_cast<float>(i));
    return *this;
  }
  Bytes& align(std::size_t to) {
    data.append((to - data.size() % to) % to, '\0');
    return *this;
  }
};

inline sim::FileBytes as_file(const std::string& data, const std::string& name) {
  return sim::FileBytes::own({data.begin(), data.end()}, name);
}

/// Returns the text of the InputError that `action` throws.
template <typename Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const sim::InputError& error) {
    return error.what();
  }
  return "no error";
}

/// A directory of this process, which is removed at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "subbyte-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline void write_bytes(const std::string& path, const std::string& data) {
  std::ofstream(path, std::ios::binary) << data;
}

inline std::string read_bytes(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace subbyte::tests
