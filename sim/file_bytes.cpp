#include "sim/file_bytes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace subbyte::sim {
namespace {

/// Closes on every path out of map().
struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

[[noreturn]] void fail_to_open(const std::string& path) {
  throw InputError(path, "", std::string("cannot be opened: ") + std::strerror(errno));
}

}  // namespace

FileBytes FileBytes::map(const std::string& path) {
  // Non-blocking, so that a FIFO without a writer is refused instead of waited for.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat status {};
  if (file.value < 0 || ::fstat(file.value, &status) != 0) fail_to_open(path);
  if (!S_ISREG(status.st_mode)) {
    throw InputError(path, "",
                     S_ISDIR(status.st_mode) ? "is a directory, expected a file" : "is not a regular file");
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return own({}, path);
  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.value, 0);
  if (start == MAP_FAILED) fail_to_open(path);
  std::shared_ptr<const void> owner(start, [size](const void* p) { ::munmap(const_cast<void*>(p), size); });
  return {std::move(owner), {static_cast<const std::uint8_t*>(start), size}, path};
}

FileBytes FileBytes::own(std::vector<std::uint8_t> bytes, std::string name) {
  const auto owner = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
  return {owner, *owner, std::move(name)};
}

std::span<const std::uint8_t> FileBytes::slice(std::uint64_t offset, std::uint64_t count,
                                               std::string_view what) const {
  const std::uint64_t left = offset > size() ? 0 : size() - offset;
  if (count > left) {
    fail(std::min(offset, size()),
         fmt::format("truncated: {} needs {} bytes, {} are left", what, count, left));
  }
  return bytes_.subspan(offset, count);
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
