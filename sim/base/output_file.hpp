// An output file that is written in parts and appears whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "sim/base/output_path.hpp"

namespace subbyte::sim {

/// Writes to a file without a name in the folder of `path`, which is made with its parents where it is missing.
/// commit() flushes the file to disk and gives it its name. Without commit() nothing remains, even when the process is
/// killed. (A file system without nameless files gets a temporary file, which a kill leaves behind.) Throws InputError
/// with the path and the system's reason, because a path that cannot be written is wrong input.
///
/// A link is followed: the file that it points to is replaced, and the link stays. The new file keeps the
/// permissions, owner and group of the one that it replaces; where they cannot be kept, or where the file is read-only,
/// the output is refused. A device, a pipe or an open descriptor (/dev/null, /dev/stdout) is never replaced: commit()
/// writes the bytes into it. A folder is refused.
class OutputFile {
 public:
  explicit OutputFile(std::string path);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  /// Reserves disk space for the whole file where the file system can, so that a full disk is noticed before the work.
  void reserve(std::size_t bytes);
  void write(std::string_view bytes);
  /// Writes bytes at `offset`, which may lie behind the end; the position for further writing stays as it is.
  void overwrite(std::size_t offset, std::string_view bytes);
  void commit();

 private:
  [[noreturn]] void fail(int error) const;
  bool open_nameless(const std::string& folder, unsigned mode);
  void open_named(const std::string& stem, unsigned mode);
  void keep_owner();
  void give_name();
  void copy_to_stream();
  void write_all(int file, std::string_view bytes) const;
  std::string path_;       ///< the path as it was given, for error texts
  OutputPath target_;      ///< where the path leads
  std::string temporary_;  ///< the temporary name, empty while the file has no name
  int file_ = -1;
};

/// Writes a file whose whole content is there. Throws as OutputFile does.
void write_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace subbyte::sim
