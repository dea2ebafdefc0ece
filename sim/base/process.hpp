// Running other programs (yosys, sta, verilator, GTKWave) and the scratch folders they work in.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace subbyte::sim {

struct ProgramOutcome {
  int status = 0;  ///< the exit status: 127 when the program could not be started, 128 + n when signal n ended it
  std::string output;
  std::string error;
};

/// Runs a program that is found on PATH, with no standard input, in `folder` where one is given, and waits for it.
/// No shell reads the words, so that they may hold blanks and quotes. When this process dies, however that comes about,
/// the program and everything that it started are killed. (This needs Linux; setpriv of util-linux and a shell watch
/// over them.) Throws std::runtime_error when no process can be made.
ProgramOutcome run_program(const std::vector<std::string>& words, const std::filesystem::path& folder = {});

/// Returns the folder for temporary files: $TMPDIR, or else /tmp. Throws InputError where it is no folder.
std::filesystem::path temporary_folder();

/// Returns the folder for tools whose scripts cannot quote a path (yosys, abc, sta, make). It is
/// temporary_folder(), or /tmp where the path of that one holds another character than letters, digits and _ . / + -.
std::filesystem::path tool_folder();

/// Returns how such a script names `path`: as it is, or, where it holds a blank, a quote, a dollar sign or the
/// like, by `link`, a symbolic link that is made to it in a folder below tool_folder().
std::string tool_path(const std::filesystem::path& path, const std::filesystem::path& link);

/// Returns `text` as one word of a shell's command line, in quotes where it needs them.
std::string shell_quoted(const std::string& text);

/// Makes a new folder below `parent` (which is made if needed) and removes it, with everything in it, at the end of
/// its life. What a killed process left in `parent` is removed first. Throws InputError with the folder and the
/// system's reason.
class ScratchFolder {
 public:
  explicit ScratchFolder(const std::filesystem::path& parent);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int lock_ = -1;  ///< the folder, open and locked, which is how another process sees that it is in use
};

/// Returns a remark for the text of an error after a tool has failed. It is "; N bytes are left where PATH lies"
/// where the disk is nearly full, which the tool may not have been able to say, and nothing otherwise.
std::string full_disk_remark(const std::filesystem::path& path);

/// Says how many bytes are left where `path` lies, for the text of an error about a file that is not whole.
std::string space_left(const std::filesystem::path& path);

/// Returns the text of the whole file. Throws std::runtime_error.
std::string read_text(const std::filesystem::path& path);

}  // namespace subbyte::sim
