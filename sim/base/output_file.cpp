#include "sim/base/output_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "sim/base/input_error.hpp"

namespace subbyte::sim {

namespace {

namespace fs = std::filesystem;

/// Where a file without a name is found by its descriptor.
constexpr const char* kHandles = "/proc/self/fd";

/// The permissions that any new file gets.
unsigned new_file_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666U & ~mask;
}

void make_folder(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  if (folder.empty()) return;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw InputError(path, "", "cannot be written: the folder " + folder.string() + ": " + error.message());
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  struct stat status {};
  if (::stat(path_.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    throw InputError(path_, "", "cannot be written: exists and is not a regular file");
  }
  make_folder(path_);
  const std::string folder = fs::path(path_).parent_path().string();
  const unsigned mode = new_file_mode();
  if (!open_nameless(folder.empty() ? "." : folder, mode)) open_named(mode);
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
  // These say that the file system or the kernel has no such files; anything else that it cannot be written.
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) fail(errno);
  return false;
}

void OutputFile::open_named(unsigned mode) {
  temporary_ = path_ + ".tmp-XXXXXX";
  file_ = ::mkostemp(temporary_.data(), O_CLOEXEC);
  if (file_ < 0) fail(errno);
  if (::fchmod(file_, mode) == 0) return;
  const int error = errno;
  ::close(file_);
  ::unlink(temporary_.c_str());
  fail(error);
}

/// A link cannot replace a file, so the name given first is a temporary one.
void OutputFile::give_name() {
  const std::string handle = fmt::format("{}/{}", kHandles, file_);
  for (unsigned attempt = 0;; ++attempt) {
    const std::string name = fmt::format("{}.tmp-{}-{}", path_, ::getpid(), attempt);
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

void OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
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
  if (::fsync(file_) != 0) fail(errno);
  if (temporary_.empty()) give_name();
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail(errno);
  ::close(file_);
  file_ = -1;
}

void write_atomically(const std::filesystem::path& path, std::string_view content) {
  OutputFile file(path.string());
  file.write(content);
  file.commit();
}

}  // namespace subbyte::sim
