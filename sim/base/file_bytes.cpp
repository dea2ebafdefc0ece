#include "sim/base/file_bytes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "sim/base/file_roles.hpp"

namespace subbyte::sim {
namespace {

/// Owns an open file and its mapping.
struct Mapping {
  int file = -1;
  void* start = MAP_FAILED;
  std::size_t size = 0;

  Mapping() = default;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (start != MAP_FAILED) ::munmap(start, size);
    if (file >= 0) ::close(file);
  }
};

[[noreturn]] void fail_to_open(const std::string& path) {
  throw InputError(path, "", std::string("cannot be opened: ") + std::strerror(errno));
}

}  // namespace

FileBytes FileBytes::map(const std::string& path) {
  const auto mapping = std::make_shared<Mapping>();
  // The file is opened without blocking, so that a FIFO without a writer is refused instead of waited for.
  mapping->file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status {};
  if (mapping->file < 0 || ::fstat(mapping->file, &status) != 0) fail_to_open(path);
  if (!S_ISREG(status.st_mode)) {
    throw InputError(path, "", S_ISDIR(status.st_mode) ? "is a directory, expected a file" : "is not a regular file");
  }
  note_input(path);
  mapping->size = static_cast<std::size_t>(status.st_size);
  if (mapping->size == 0) return own({}, path);
  mapping->start = ::mmap(nullptr, mapping->size, PROT_READ, MAP_PRIVATE, mapping->file, 0);
  if (mapping->start == MAP_FAILED) fail_to_open(path);
  return {mapping, {static_cast<const std::uint8_t*>(mapping->start), mapping->size}, path, mapping->file};
}

FileBytes FileBytes::own(std::vector<std::uint8_t> bytes, std::string name) {
  const auto owner = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
  return {owner, *owner, std::move(name)};
}

std::span<const std::uint8_t> FileBytes::slice(std::uint64_t offset, std::uint64_t count, std::string_view what) const {
  const std::uint64_t left = offset > size() ? 0 : size() - offset;
  if (count > left) {
    fail(std::min(offset, size()), fmt::format("truncated: {} needs {} bytes, {} are left", what, count, left));
  }
  return bytes_.subspan(offset, count);
}

void FileBytes::copy(std::uint64_t offset, std::span<std::uint8_t> out, std::string_view what) const {
  const auto bytes = slice(offset, out.size(), what);
  if (file_ < 0) {
    std::ranges::copy(bytes, out.begin());
    return;
  }
  while (!out.empty()) {
    const ssize_t got = ::pread(file_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(offset, fmt::format("{} cannot be read: {}", what, std::strerror(errno)));
    if (got == 0) {
      fail(offset,
           fmt::format("truncated while it was read: {} needs {} more bytes, the file had {} bytes when it was opened",
                       what, out.size(), size()));
    }
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
}

bool FileBytes::starts_with(std::string_view magic) const {
  return bytes_.size() >= magic.size() && std::memcmp(bytes_.data(), magic.data(), magic.size()) == 0;
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  for (const char c : text.substr(0, limit)) {
    const bool plain = c >= 0x20 && c < 0x7F;
    out += plain ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return text.size() > limit ? out + "..." : out;
}

}  // namespace subbyte::sim
