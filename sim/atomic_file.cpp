#include "sim/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

namespace subbyte::sim {
namespace {

void write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw std::runtime_error(std::strerror(errno));
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

void write_file_atomically(const std::filesystem::path& path, std::string_view content,
                           std::string_view mark) {
  const std::string temporary =
      path.string() + ".tmp-" + (mark.empty() ? std::to_string(::getpid()) : std::string(mark));
  const auto fail = [&](const std::string& reason) {
    ::unlink(temporary.c_str());
    throw std::runtime_error(path.string() + ": cannot be written: " + reason);
  };
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) fail(std::strerror(errno));
  try {
    write_all(file, content);
    if (::fsync(file) != 0) throw std::runtime_error(std::strerror(errno));
  } catch (const std::runtime_error& error) {
    ::close(file);
    fail(error.what());
  }
  if (::close(file) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) fail(std::strerror(errno));
}

}  // namespace subbyte::sim
