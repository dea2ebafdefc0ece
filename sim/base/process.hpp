// Running other programs (yosys, sta, verilator, GTKWave) and the scratch folders they work in.
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

/// Runs a program found on PATH with no standard input, in `folder` where one is given, and waits for it. No shell
/// reads the words, so that they may hold blanks and quotes. Throws std::runtime_error when no process can be made.
ProgramOutcome run_program(const std::vector<std::string>& words, const std::filesystem::path& folder = {});

/// Where tools work whose scripts cannot quote a blank (yosys, abc, sta): the system's folder for temporary files, or
/// /tmp where that has one in its path.
std::filesystem::path tool_folder();

/// How such a script names `path`: as it is, or where it holds a blank by `link`, a symbolic link that is made to it.
/// `link` itself must hold no blank: it stands in a folder below tool_folder().
std::string tool_path(const std::filesystem::path& path, const std::filesystem::path& link);

/// `text` as one word of a shell's command line: in quotes where it needs them.
std::string shell_quoted(const std::string& text);

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
