#include "sim/base/named_pipe.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <iostream>
#include <thread>

namespace subbyte::sim {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 2s;  ///< before a line says what is waited for
constexpr auto kBetween = 20ms;

/// Whether an open file is a pipe with a name. The others (`|`, `<(...)`) have had their writer from the start.
bool is_named_pipe(int file) {
  constexpr long kPipes = 0x50495045;  // PIPEFS_MAGIC of linux/magic.h
  struct stat status {};
  struct statfs system {};
  return ::fstat(file, &status) == 0 && S_ISFIFO(status.st_mode) && ::fstatfs(file, &system) == 0 &&
         system.f_type != kPipes;
}

void let_block(int file) { ::fcntl(file, F_SETFL, ::fcntl(file, F_GETFL) & ~O_NONBLOCK); }

}  // namespace

std::function<void(const std::string&)>& waiting_line() {
  static std::function<void(const std::string&)> line = [](const std::string& text) { std::cerr << text + "\n"; };
  return line;
}

int open_to_read(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file < 0) return file;
  if (is_named_pipe(file)) {
    pollfd waiting{file, POLLIN, 0};
    constexpr int kMilliseconds = std::chrono::milliseconds(kPatience).count();
    int ready = ::poll(&waiting, 1, kMilliseconds);
    if (ready == 0) waiting_line()(fmt::format("{} is a named pipe: waiting for a program that writes into it", path));
    while (ready <= 0) ready = ::poll(&waiting, 1, -1);
  }
  let_block(file);
  return file;
}

int open_to_write(const std::string& path) {
  const auto start = std::chrono::steady_clock::now();
  bool told = false;
  for (;;) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (file >= 0) return let_block(file), file;
    const int error = errno;
    struct stat status {};
    const bool pipe = error == ENXIO && ::stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
    errno = error;
    if (!pipe) return file;
    if (!told && std::chrono::steady_clock::now() - start > kPatience) {
      waiting_line()(fmt::format("{} is a named pipe: waiting for a program that reads it", path));
      told = true;
    }
    std::this_thread::sleep_for(kBetween);
  }
}

}  // namespace subbyte::sim
