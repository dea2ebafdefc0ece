#include "sim/base/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

extern char** environ;

namespace subbyte::sim {
namespace fs = std::filesystem;

ProgramOutcome run_program(const std::vector<std::string>& words, const fs::path& folder) {
  // Files instead of pipes: no reader has to keep up with two streams at once.
  const ScratchFolder scratch(fs::temp_directory_path());
  const std::string out = (scratch.path() / "out").string();
  const std::string err = (scratch.path() / "err").string();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (!folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_t child = 0;
  const int failure = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure == ENOENT) return {127, "", words[0] + ": not found"};
  if (failure != 0) throw std::runtime_error(words[0] + ": cannot be started: " + std::strerror(failure));
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw std::runtime_error(words[0] + ": cannot be waited for: " + std::strerror(errno));
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read_text(out), read_text(err)};
}

namespace {

bool has_blank(const fs::path& path) { return path.string().find_first_of(" \t") != std::string::npos; }

}  // namespace

fs::path tool_folder() {
  const fs::path folder = fs::temp_directory_path();
  return has_blank(folder) ? fs::path("/tmp") : folder;
}

std::string tool_path(const fs::path& path, const fs::path& link) {
  if (!has_blank(path)) return path.string();
  fs::create_symlink(fs::absolute(path), link);
  return link.string();
}

std::string shell_quoted(const std::string& text) {
  if (text.find_first_of(" \t\n'\"\\$`&|;<>()[]{}*?!#~") == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

ScratchFolder::ScratchFolder(const fs::path& parent) {
  fs::create_directories(parent);
  std::string pattern = (parent / "subbyte-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error(parent.string() + ": cannot make a folder here: " + std::strerror(errno));
  }
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(path.string() + ": cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace subbyte::sim
