#include "sim/base/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <sstream>
#include <stdexcept>

#include "sim/base/input_error.hpp"

extern char** environ;

namespace subbyte::sim {
namespace fs = std::filesystem;

namespace {

constexpr const char* kWatcher = "/usr/bin/setpriv";
constexpr const char* kShell = "/bin/sh";

/// Puts a shell before the words of a command. The shell leads the program's group of processes. setpriv makes the
/// kernel send SIGTERM to the shell when the process that waits for it dies, and the shell then kills its group.
std::vector<std::string> watched(const std::vector<std::string>& words) {
  if (::access(kWatcher, X_OK) != 0) return words;
  std::vector<std::string> all{kWatcher, "--pdeathsig", "TERM", kShell, "-c", "trap 'kill -9 0' TERM; \"$@\" & wait $!",
                               "subbyte"};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

/// Holds the attributes of a new process, which is in a group of its own and ignores or blocks no signal.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

/// Returns the exit status of a child as a shell gives it. Throws std::runtime_error.
int wait_for(pid_t child, const std::string& name) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) throw std::runtime_error(name + ": cannot be waited for: " + std::strerror(errno));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool on_path(const std::string& program) {
  if (program.find('/') != std::string::npos) return ::access(program.c_str(), X_OK) == 0;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/bin:/usr/bin");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (::access(((folder.empty() ? "." : folder) + "/" + program).c_str(), X_OK) == 0) return true;
  return false;
}

}  // namespace

ProgramOutcome run_program(const std::vector<std::string>& words, const fs::path& folder) {
  if (!on_path(words[0])) return {127, "", words[0] + ": not found"};
  // The output goes to files instead of pipes, so that no reader has to keep up with two streams at once.
  const ScratchFolder scratch(temporary_folder());
  const std::string out = (scratch.path() / "out").string();
  const std::string err = (scratch.path() / "err").string();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (!folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  const std::vector<std::string> all = watched(words);
  std::vector<char*> argv;
  for (const std::string& word : all) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_t child = 0;
  const SpawnAttributes attributes;
  const int failure = posix_spawnp(&child, argv[0], &actions, attributes.get(), argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) throw std::runtime_error(words[0] + ": cannot be started: " + std::strerror(failure));
  const int status = wait_for(child, words[0]);
  return {status, read_text(out), read_text(err)};
}

namespace {

/// Tells whether a path has no character that yosys, abc, Tcl, make or a shell reads as anything else.
bool is_plain(const fs::path& path) {
  return std::ranges::all_of(path.string(), [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("_./+-").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

}  // namespace

fs::path temporary_folder() {
  std::error_code error;
  const fs::path folder = fs::temp_directory_path(error);
  if (!error) return folder;
  const char* named = std::getenv("TMPDIR");
  throw InputError(named != nullptr ? named : "/tmp", "TMPDIR",
                   "is not a folder, expected one for temporary files: " + error.message());
}

fs::path tool_folder() {
  const fs::path folder = temporary_folder();
  return is_plain(folder) ? folder : fs::path("/tmp");
}

std::string tool_path(const fs::path& path, const fs::path& link) {
  if (is_plain(path)) return path.string();
  fs::create_symlink(fs::absolute(path), link);
  return link.string();
}

std::string shell_quoted(const std::string& text) {
  if (text.find_first_of(" \t\n'\"\\$`&|;<>()[]{}*?!#~") == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

namespace {

constexpr std::string_view kScratch = "subbyte-scratch-";
constexpr std::chrono::minutes kYoung{1};  ///< a folder that was made a moment ago may not be locked yet

/// Opens and locks the folder for this process; returns -1 where another process has it.
int lock_folder(const fs::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0 || ::flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  ::close(file);
  return -1;
}

bool is_own(const fs::path& folder) {
  struct stat status {};
  return ::lstat(folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == ::geteuid();
}

/// Removes the scratch folders that no living process holds.
void remove_abandoned(const fs::path& parent) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(parent, ignored)) {
    if (!entry.path().filename().string().starts_with(kScratch) || !is_own(entry.path())) continue;
    const auto made = fs::last_write_time(entry.path(), ignored);
    if (ignored || fs::file_time_type::clock::now() - made < kYoung) continue;
    const int lock = lock_folder(entry.path());
    if (lock < 0) continue;
    fs::remove_all(entry.path(), ignored);
    ::close(lock);
  }
}

/// Tidies each folder once per process.
void tidy(const fs::path& parent) {
  static std::mutex mutex;
  static std::set<fs::path> tidied;
  const std::scoped_lock lock(mutex);
  if (tidied.insert(parent).second) remove_abandoned(parent);
}

}  // namespace

ScratchFolder::ScratchFolder(const fs::path& parent) {
  std::error_code error;
  fs::create_directories(parent, error);
  if (error) throw InputError(parent.string(), "", "the folder cannot be made: " + error.message());
  tidy(parent);
  std::string pattern = (parent / (std::string(kScratch) + "XXXXXX")).string();
  if (mkdtemp(pattern.data()) == nullptr)
    throw InputError(parent.string(), "", std::string("no folder can be made in it: ") + std::strerror(errno));
  path_ = pattern;
  lock_ = lock_folder(path_);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  if (lock_ >= 0) ::close(lock_);
}

std::string full_disk_remark(const fs::path& path) {
  constexpr std::uintmax_t kNearlyFull = std::uintmax_t{1} << 20U;
  std::error_code error;
  const fs::space_info space = fs::space(path, error);
  return !error && space.available < kNearlyFull ? "; " + space_left(path) : "";
}

std::string space_left(const fs::path& path) {
  std::error_code error;
  const fs::space_info space = fs::space(path, error);
  return error ? "its disk cannot be asked for the space that is left"
               : fmt::format("{} bytes are left where {} lies", space.available, path.string());
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(path.string() + ": cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace subbyte::sim
