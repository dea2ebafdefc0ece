// The bytes of a Liberty file, plain or gzip.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "sim/base/input_error.hpp"
#include "sim/base/process.hpp"
#include "sim/cells/liberty.hpp"

namespace subbyte::sim {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30;

[[noreturn]] void refuse_size(const std::filesystem::path& path) {
  throw InputError(path.string(), "", "holds more than 1 GiB of text, expected a Liberty cell library");
}

}  // namespace

std::string library_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path)) {
    throw InputError(path.string(), "", "cannot be read, expected a Liberty cell library (.lib or .lib.gz)");
  }
  if (std::filesystem::is_regular_file(path) && std::filesystem::file_size(path) > kMostBytes) refuse_size(path);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.substr(0, 2) != "\x1f\x8b") return text;
  // A small gzip file can hold any amount of text; with pipefail the status is gzip's unless head closed the pipe.
  const ProgramOutcome unpacked =
      run_program({"bash", "-c", "set -o pipefail; gzip -dc -- \"$0\" | head -c \"$1\"",
                   std::filesystem::absolute(path).string(), std::to_string(kMostBytes + 1)});
  if (unpacked.output.size() > kMostBytes) refuse_size(path);
  if (unpacked.status != 0) throw InputError(path.string(), "", "gzip cannot unpack it: " + unpacked.error);
  return unpacked.output;
}

std::string library_text(const std::filesystem::path& path) {
  const std::string text = library_file(path);
  std::string kept;
  kept.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = std::min(text.find("default_wire_load", at), text.size());
    kept.append(text, at, begin - at);
    at = std::min(text.find_first_of(";\n", begin), text.size());
    if (at < text.size() && text[at] == ';') ++at;
    const std::size_t blank = kept.find_last_not_of(" \t") + 1;
    if (at < text.size() && text[at] == '\n' && (blank == 0 || kept[blank - 1] == '\n')) {  // nothing else on the line
      kept.resize(blank);
      ++at;
    }
  }
  return kept;
}

}  // namespace subbyte::sim
