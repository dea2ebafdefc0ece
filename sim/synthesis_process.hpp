// Running the tools of the synthesis flow (yosys, sta, gzip) and the scratch folders they work in.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace subbyte::sim {

struct ProgramOutcome {
  int status = 0;  ///< exit status; 127 when the program could not be started, 128 + n when signal n ended it
  std::string output;
  std::string error;
};

/// Runs a program found on PATH with no standard input and waits for it. Throws std::runtime_error when no
/// process or pipe can be made.
ProgramOutcome run_program(const std::vector<std::string>& words);

/// A new folder below `parent` (made if needed) that is removed with everything in it at the end of its life.
class ScratchFolder {
 public:
  explicit ScratchFolder(const std::filesystem::path& parent);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The whole file. Throws std::runtime_error.
std::string read_text(const std::filesystem::path& path);

}  // namespace subbyte::sim
