#include "sim/base/file_roles.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <mutex>
#include <vector>

#include "sim/base/input_error.hpp"
#include "sim/base/named_pipe.hpp"
#include "sim/base/output_path.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostStreamed = std::size_t{1} << 28;  ///< bytes of what may never end

/// Identifies a file by what the system calls it: its device and inode where it exists, and else its absolute path.
struct Identity {
  bool exists = false;
  dev_t device = 0;
  ino_t inode = 0;
  std::string absolute;

  bool operator==(const Identity& other) const {
    if (exists != other.exists) return false;
    return exists ? device == other.device && inode == other.inode : absolute == other.absolute;
  }
};

struct File {
  Identity identity;
  std::string path, option;
  bool updated = false;
};

struct Roles {
  std::mutex mutex;
  std::vector<File> inputs, outputs;
  std::vector<std::pair<fs::path, std::string>> folders;  ///< that are inputs: resolved, and as they were named
  int text = -1;                                          ///< what was standard output before an output took its place
};

Roles& roles() {
  static Roles instance;
  return instance;
}

Identity identity_of(const OutputPath& path) {
  if (path.kind != OutputPath::Kind::kNew) return {true, path.device, path.inode, ""};
  std::error_code error;
  const fs::path absolute = fs::absolute(path.path);
  const fs::path canonical = fs::weakly_canonical(absolute, error);
  // Behind a folder that is not there yet, `..` can lead to a file that is: "new/../old".
  struct stat status {};
  if (!error && ::stat(canonical.c_str(), &status) == 0) return {true, status.st_dev, status.st_ino, ""};
  return {false, 0, 0, error ? absolute.string() : canonical.string()};
}

const File* same_file(const std::vector<File>& files, const Identity& identity) {
  for (const File& file : files)
    if (file.identity == identity) return &file;
  return nullptr;
}

/// Moves the text that the program prints to standard error; the descriptor of the old standard output stays open.
void move_text_away(Roles& all) {
  std::cout.flush();
  all.text = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
}

/// Throws where an output would replace a file that stands in an input's folder.
void check_folders(const Roles& all, const File& output) {
  if (!output.identity.exists) return;
  std::error_code error;
  const fs::path file = fs::canonical(output.path, error);
  for (const auto& [folder, name] : all.folders)
    if (std::ranges::mismatch(folder, file).in1 == folder.end())
      throw InputError(output.path, output.option,
                       fmt::format("is a file in {}, a folder that this command reads: what is there is not replaced, "
                                   "expected a new name or another folder",
                                   name));
}

bool is_standard_output(const Identity& identity) {
  struct stat status {};
  return ::fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode) && identity.exists &&
         status.st_dev == identity.device && status.st_ino == identity.inode;
}

}  // namespace

void start_file_roles() {
  Roles& all = roles();
  const std::scoped_lock lock(all.mutex);
  all.inputs.clear();
  all.folders.clear();
  all.outputs.clear();
}

void plan_output(const std::string& path, const std::string& option, bool updated) {
  const OutputPath resolved = resolve_output(path);
  Roles& all = roles();
  const std::scoped_lock lock(all.mutex);
  const bool open = resolved.kind == OutputPath::Kind::kDescriptor;
  if (open && resolved.descriptor == STDOUT_FILENO) {
    if (all.text >= 0) throw InputError(path, option, "is standard output, which another output takes already");
    move_text_away(all);
  }
  if (resolved.kind == OutputPath::Kind::kStream || resolved.kind == OutputPath::Kind::kFolder) return;
  if (open && !S_ISREG(resolved.mode)) return;  // it is a pipe or a terminal
  const Identity identity = identity_of(resolved);
  if (const File* input = same_file(all.inputs, identity))
    throw InputError(path, option,
                     fmt::format("is the file that this command reads as {}, expected another file", input->path));
  if (const File* output = same_file(all.outputs, identity))
    throw InputError(path, option, fmt::format("is also written by {}, expected two files", output->option));
  if (!open && is_standard_output(identity))
    throw InputError(path, option, "is the file that standard output goes to, expected another file");
  all.outputs.push_back({identity, path, option, updated});
  check_folders(all, all.outputs.back());
}

void note_input_folder(const std::string& path) {
  std::error_code error;
  const fs::path folder = fs::canonical(path, error);
  if (error) return;
  Roles& all = roles();
  const std::scoped_lock lock(all.mutex);
  all.folders.emplace_back(folder, path);
  for (const File& output : all.outputs) check_folders(all, output);
}

void note_input(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  const Identity identity{true, status.st_dev, status.st_ino, ""};
  Roles& all = roles();
  const std::scoped_lock lock(all.mutex);
  const File* output = same_file(all.outputs, identity);
  if (output != nullptr && !output->updated)
    throw InputError(path, output->option,
                     fmt::format("names {}, which this command also reads, expected another file", output->path));
  if (same_file(all.inputs, identity) == nullptr) all.inputs.push_back({identity, path, ""});
}

bool text_moved() { return output_descriptor(STDOUT_FILENO) != STDOUT_FILENO; }

std::string text_of_input(const std::string& path, const std::string& expected) {
  const auto refuse = [&](const std::string& why) { throw InputError(path, "", why + ", expected " + expected); };
  note_input(path);
  const int file = open_to_read(path);
  if (file < 0) refuse(std::string("cannot be read: ") + std::strerror(errno));
  const std::shared_ptr<const int> closing(&file, [](const int* open) { ::close(*open); });
  struct stat status {};
  if (::fstat(file, &status) == 0 && S_ISDIR(status.st_mode)) refuse("is a directory");
  std::string text;
  std::vector<char> part(std::size_t{1} << 16);
  for (ssize_t got = 1; got != 0;) {
    got = ::read(file, part.data(), part.size());
    if (got < 0 && errno != EINTR) refuse(std::string("cannot be read: ") + std::strerror(errno));
    if (got > 0) text.append(part.data(), static_cast<std::size_t>(got));
    if (!S_ISREG(status.st_mode) && text.size() > kMostStreamed) refuse("is no file and gives more than 256 MiB");
  }
  return text;
}

int output_descriptor(int descriptor) {
  Roles& all = roles();
  const std::scoped_lock lock(all.mutex);
  return descriptor == STDOUT_FILENO && all.text >= 0 ? all.text : descriptor;
}

}  // namespace subbyte::sim
