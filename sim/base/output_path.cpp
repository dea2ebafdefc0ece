#include "sim/base/output_path.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "sim/base/input_error.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;  ///< the limit of the kernel itself

[[noreturn]] void fail(const std::string& path, int error) {
  throw InputError(path, "", std::string("cannot be written: ") + std::strerror(error));
}

/// Returns the number of a descriptor of this process, where `path` is its name in the kernel's folder of
/// descriptors.
std::optional<int> descriptor_of(const fs::path& path) {
  std::error_code error;
  const fs::path folder = fs::canonical(path.parent_path(), error);
  const fs::path own = fs::canonical("/proc/self/fd", error);
  if (error || folder != own) return std::nullopt;
  const std::string name = path.filename().string();
  int number = -1;
  const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), number);
  return failure == std::errc() && end == name.data() + name.size() ? std::optional(number) : std::nullopt;
}

void describe(OutputPath& found, const struct stat& status) {
  found.device = status.st_dev;
  found.inode = status.st_ino;
  found.mode = status.st_mode;
  found.owner = status.st_uid;
  found.group = status.st_gid;
}

}  // namespace

OutputPath resolve_output(const std::string& path) {
  if (path.empty()) throw InputError("", "output", "has an empty name, expected the path of a file");
  if (path.ends_with('/')) throw InputError(path, "", "names a folder, expected a file");
  OutputPath found{.path = path};
  struct stat status {};
  for (int links = 0;; ++links) {
    if (const auto descriptor = descriptor_of(found.path)) {
      if (::fstat(*descriptor, &status) != 0) fail(path, errno);
      describe(found, status);
      found.kind = OutputPath::Kind::kDescriptor;
      found.descriptor = *descriptor;
      return found;
    }
    if (::lstat(found.path.c_str(), &status) != 0) {
      if (errno != ENOENT && errno != ENOTDIR) fail(path, errno);  // whoever makes the folder will say why that fails
      return found;
    }
    if (!S_ISLNK(status.st_mode)) break;
    if (links == kMostLinks) fail(path, ELOOP);
    const fs::path target = fs::read_symlink(found.path);
    found.path = (target.is_absolute() ? target : fs::path(found.path).parent_path() / target).string();
  }
  describe(found, status);
  if (S_ISDIR(status.st_mode))
    found.kind = OutputPath::Kind::kFolder;
  else
    found.kind = S_ISREG(status.st_mode) ? OutputPath::Kind::kFile : OutputPath::Kind::kStream;
  return found;
}

void check_output_folder(const std::string& folder) {
  if (folder.empty()) throw InputError("", "output", "has an empty name, expected the path of a folder");
  std::error_code error;
  fs::path there = fs::absolute(folder).lexically_normal();
  while (!fs::exists(there, error) && there.has_relative_path()) there = there.parent_path();
  if (!fs::is_directory(there, error)) fail(folder, ENOTDIR);
  if (::access(there.c_str(), W_OK | X_OK) != 0) fail(folder, errno);
}

}  // namespace subbyte::sim
