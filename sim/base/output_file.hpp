// An output file written in parts that appears whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace subbyte::sim {

/// Writes to a file without a name in the directory of `path`, made with its parents where missing; commit() flushes it
/// to disk and gives it the name. Without commit() nothing remains, even when the process is killed. (A file system
/// without nameless files gets a temporary file, which a kill leaves behind.) Throws InputError with the path and the
/// system's reason (a path that cannot be written is wrong input). An existing `path` that is not a regular file (a
/// directory, /dev/null) is refused.
class OutputFile {
 public:
  explicit OutputFile(std::string path);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  /// Reserves disk space for the whole file where the file system can, so that a full disk is noticed before the work.
  void reserve(std::size_t bytes);
  void write(std::string_view bytes);
  /// Writes bytes at `offset`, which may be behind the end; the writing position stays.
  void overwrite(std::size_t offset, std::string_view bytes);
  void commit();

 private:
  [[noreturn]] void fail(int error) const;
  bool open_nameless(const std::string& folder, unsigned mode);
  void open_named(unsigned mode);
  void give_name();
  std::string path_;
  std::string temporary_;  ///< empty while the file has no name
  int file_ = -1;
};

/// Writes a file whose whole content is there. Throws as OutputFile.
void write_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace subbyte::sim
