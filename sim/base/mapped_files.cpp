#include "sim/base/mapped_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <string_view>

namespace subbyte::sim {
namespace {

constexpr int kStatus = 2;  ///< the exit status of wrong input
constexpr std::string_view kProblem =
    "a page of this file is missing: it became shorter while it was used, or its disk is full";

bool json_as_well = false;

// The handler calls only what a signal handler may, so that it reads and writes with system calls and its own buffers.

char lines[1U << 16U];  ///< text of /proc/self/maps, from its start or from the start of a line

void print(std::string_view text, int descriptor = STDERR_FILENO) {
  if (::write(descriptor, text.data(), text.size()) < 0) ::_exit(kStatus);
}

/// The content of a JSON string; what JSON or UTF-8 may not take becomes a question mark.
void print_json_text(std::string_view text) {
  for (const char c : text) {
    const bool quoted = c == '"' || c == '\\';
    const bool plain = c >= ' ' && c <= '~';
    if (quoted) print("\\", STDOUT_FILENO);
    print(plain ? std::string_view(&c, 1) : "?", STDOUT_FILENO);
  }
}

void print_object(std::string_view path) {
  print(R"({"error":{"status":2,"text":")", STDOUT_FILENO);
  print_json_text(path);
  print(path.empty() ? "" : ": ", STDOUT_FILENO);
  print(kProblem, STDOUT_FILENO);
  print(R"(","problems":[{"file":")", STDOUT_FILENO);
  print_json_text(path);
  print(R"(","place":"","text":")", STDOUT_FILENO);
  print(kProblem, STDOUT_FILENO);
  print("\"}]}}\n", STDOUT_FILENO);
}

/// Reads a hexadecimal number and takes it from `text`.
std::uint64_t take_number(std::string_view& text) {
  std::uint64_t number = 0;
  while (!text.empty()) {
    const char c = text.front();
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) break;
    number = number * 16 + static_cast<std::uint64_t>(digit);
    text.remove_prefix(1);
  }
  return number;
}

/// Returns the path of the line "FIRST-LAST MODE OFFSET DEVICE INODE PATH" when `address` is in it.
std::string_view path_if_inside(std::string_view line, std::uint64_t address) {
  std::string_view rest = line;
  const std::uint64_t first = take_number(rest);
  if (rest.empty()) return {};
  rest.remove_prefix(1);
  const std::uint64_t last = take_number(rest);
  const std::size_t path = line.find('/');
  return address < first || address >= last || path == std::string_view::npos ? std::string_view() : line.substr(path);
}

/// The path of the mapping that holds `address`, if it has one.
std::string_view file_of(std::uint64_t address) {
  const int maps = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  std::size_t kept = 0;
  for (ssize_t got = 0; maps >= 0 && (got = ::read(maps, lines + kept, sizeof lines - kept)) > 0;) {
    std::string_view text(lines, kept + static_cast<std::size_t>(got));
    for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
      const std::string_view path = path_if_inside(text.substr(0, end), address);
      if (!path.empty()) return path;
    }
    kept = text.size() < sizeof lines ? text.size() : 0;
    for (std::size_t i = 0; i < kept; ++i) lines[i] = text[i];
  }
  return {};
}

void handle(int /*signal*/, siginfo_t* info, void* /*context*/) {
  const std::string_view path = file_of(reinterpret_cast<std::uintptr_t>(info->si_addr));
  print("subbyte: ");
  print(path);
  print(path.empty() ? "" : ": ");
  print(kProblem);
  print("\n");
  if (json_as_well) print_object(path);
  ::_exit(kStatus);
}

}  // namespace

void explain_mapped_files(bool json) {
  json_as_well = json;
  struct sigaction action {};
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &action, nullptr);
}

}  // namespace subbyte::sim
