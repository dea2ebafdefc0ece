// The bytes of a Liberty file, plain or gzip.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "sim/input_error.hpp"
#include "sim/liberty.hpp"
#include "sim/synthesis_process.hpp"

namespace subbyte::sim {

std::string library_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path)) {
    throw InputError(path.string(), "", "cannot be read, expected a Liberty cell library (.lib or .lib.gz)");
  }
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.substr(0, 2) != "\x1f\x8b") return text;
  const ProgramOutcome unpacked = run_program({"gzip", "-dc", std::filesystem::absolute(path).string()});
  if (unpacked.status != 0) throw InputError(path.string(), "", "gzip cannot unpack it: " + unpacked.error);
  return unpacked.output;
}

std::string library_text(const std::filesystem::path& path) {
  const std::string text = library_file(path);
  std::string kept;
  kept.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string_view line(text.data() + at, end - at);
    if (line.find("default_wire_load") == std::string_view::npos) kept += line;
    at = end;
  }
  return kept;
}

}  // namespace subbyte::sim
