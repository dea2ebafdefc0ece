#include "sim/base/output_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

#include "sim/base/file_roles.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/named_pipe.hpp"
#include "sim/base/process.hpp"

namespace subbyte::sim {

namespace {

namespace fs = std::filesystem;

/// The folder in which a file without a name is found by its descriptor.
constexpr const char* kHandles = "/proc/self/fd";
constexpr unsigned kPrivate = 0600;
constexpr unsigned kPermissions = 07777;
constexpr std::size_t kCopied = 1U << 20U;  ///< bytes that are copied to a stream at once

/// Returns the permissions that any new file gets.
unsigned new_file_mode() {
  // umask() can only be read by setting it, for all threads and children; but the kernel also tells it in a file.
  static const unsigned mode = [] {
    std::ifstream status("/proc/self/status");
    unsigned mask = 0;
    for (std::string word; status >> word;)
      if (word == "Umask:" && status >> std::oct >> mask) return 0666U & ~mask;
    return 0644U;
  }();
  return mode;
}

std::string name_of_user(uid_t user) {
  const passwd* known = ::getpwuid(user);
  return known != nullptr ? known->pw_name : std::to_string(user);
}

std::string name_of_group(gid_t group) {
  const struct group* known = ::getgrgid(group);
  return known != nullptr ? known->gr_name : std::to_string(group);
}

void make_folder(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  if (folder.empty()) return;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw InputError(path, "", "cannot be written: the folder " + folder.string() + ": " + error.message());
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)), target_(resolve_output(path_)) {
  using Kind = OutputPath::Kind;
  if (target_.kind == Kind::kFolder) throw InputError(path_, "", "cannot be written: is a folder, expected a file");
  if (target_.is_stream()) {
    // The whole content is built here, and commit() copies it.
    const std::string folder = temporary_folder().string();
    if (!open_nameless(folder, kPrivate)) open_named(folder + "/subbyte-output", kPrivate);
    return;
  }
  const bool replaces = target_.kind == Kind::kFile;
  if (replaces && ::access(target_.path.c_str(), W_OK) != 0) fail(errno);
  make_folder(target_.path);
  const std::string folder = fs::path(target_.path).parent_path().string();
  const unsigned mode = replaces ? target_.mode & kPermissions : new_file_mode();
  if (!open_nameless(folder.empty() ? "." : folder, mode)) open_named((fs::path(folder) / ".subbyte").string(), mode);
  if (replaces) keep_owner();
}

OutputFile::~OutputFile() {
  if (file_ < 0) return;
  ::close(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

bool OutputFile::open_nameless(const std::string& folder, unsigned mode) {
  if (::access(kHandles, X_OK) != 0) return false;
  file_ = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
  if (file_ >= 0) return true;
  // These errors say that the file system or the kernel has no such files; any other says that it cannot be written.
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) fail(errno);
  return false;
}

void OutputFile::open_named(const std::string& stem, unsigned mode) {
  temporary_ = stem + ".tmp-XXXXXX";
  file_ = ::mkostemp(temporary_.data(), O_CLOEXEC);
  if (file_ < 0) fail(errno);
  if (::fchmod(file_, mode) == 0) return;
  const int error = errno;
  ::close(file_);
  ::unlink(temporary_.c_str());
  fail(error);
}

/// The mode is set last, because chown() clears bits of it.
void OutputFile::keep_owner() {
  struct stat made {};
  if (::fstat(file_, &made) != 0) fail(errno);
  const bool other = made.st_uid != target_.owner || made.st_gid != target_.group;
  if (other && ::fchown(file_, target_.owner, target_.group) != 0)
    throw InputError(path_, "",
                     fmt::format("cannot be replaced: it belongs to user {} and group {}, which you cannot give to "
                                 "another file, and an output is written as a whole new file so that it is never half "
                                 "there; expected a file of your own, or a name that does not exist",
                                 name_of_user(target_.owner), name_of_group(target_.group)));
  if (::fchmod(file_, target_.mode & kPermissions) != 0) fail(errno);
}

/// A link cannot replace a file, so the name that is given first is a temporary one.
void OutputFile::give_name() {
  const std::string handle = fmt::format("{}/{}", kHandles, file_);
  for (unsigned attempt = 0;; ++attempt) {
    const std::string name =
        (fs::path(target_.path).parent_path() / fmt::format(".subbyte-{}-{}", ::getpid(), attempt)).string();
    if (::linkat(AT_FDCWD, handle.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      temporary_ = name;
      return;
    }
    if (errno != EEXIST) fail(errno);
  }
}

void OutputFile::fail(int error) const {
  throw InputError(path_, "", std::string("cannot be written: ") + std::strerror(error));
}

void OutputFile::write(std::string_view bytes) { write_all(file_, bytes); }

void OutputFile::write_all(int file, std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void OutputFile::overwrite(std::size_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::size_t>(written);
  }
}

void OutputFile::reserve(std::size_t bytes) {
  if (bytes == 0 || ::fallocate(file_, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) == 0) return;
  if (errno == ENOSPC || errno == EFBIG) fail(errno);
}

void OutputFile::commit() {
  if (target_.is_stream()) {
    copy_to_stream();
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  } else {
    if (::fsync(file_) != 0) fail(errno);
    if (temporary_.empty()) give_name();
    if (::rename(temporary_.c_str(), target_.path.c_str()) != 0) fail(errno);
  }
  ::close(file_);
  file_ = -1;
}

void OutputFile::copy_to_stream() {
  const int stream = target_.kind == OutputPath::Kind::kDescriptor
                         ? ::fcntl(output_descriptor(target_.descriptor), F_DUPFD_CLOEXEC, 0)
                         : open_to_write(target_.path);
  if (stream < 0) fail(errno);
  const std::unique_ptr<const int, void (*)(const int*)> closed(&stream, [](const int* open) { ::close(*open); });
  std::vector<char> buffer(kCopied);
  for (off_t offset = 0;;) {
    const ssize_t got = ::pread(file_, buffer.data(), buffer.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(errno);
    if (got == 0) return;
    write_all(stream, {buffer.data(), static_cast<std::size_t>(got)});
    offset += got;
  }
}

void write_atomically(const std::filesystem::path& path, std::string_view content) {
  OutputFile file(path.string());
  file.write(content);
  file.commit();
}

}  // namespace subbyte::sim
