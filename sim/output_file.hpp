// An output file written in parts that appears whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace subbyte::sim {

/// Writes to a temporary file in the directory of `path`; commit() flushes it to disk and renames it. Without
/// commit() the destructor removes it. Throws InputError with the path and the system's reason (a path that
/// cannot be written is wrong input). An existing `path` that is not a regular file (a directory, /dev/null)
/// is refused.
class OutputFile {
 public:
  explicit OutputFile(std::string path);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  void write(std::string_view bytes);
  /// Overwrites bytes already written at `offset`; the writing position stays.
  void overwrite(std::size_t offset, std::string_view bytes);
  void commit();

 private:
  [[noreturn]] void fail(int error) const;
  std::string path_;
  std::string temporary_;
  int file_ = -1;
};

/// The whole content at once; missing folders are made. Throws as OutputFile.
void write_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace subbyte::sim
