#include "sim/cells/liberty_file.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "sim/base/file_roles.hpp"
#include "sim/base/gzip.hpp"
#include "sim/base/input_error.hpp"

namespace subbyte::sim {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30;

[[noreturn]] void refuse_size(const std::filesystem::path& path) {
  throw InputError(path.string(), "", "holds more than 1 GiB of text, expected a Liberty cell library");
}

}  // namespace

std::string liberty_text(const std::filesystem::path& path) {
  if (std::filesystem::is_regular_file(path) && std::filesystem::file_size(path) > kMostBytes) refuse_size(path);
  std::string bytes = text_of_input(path.string(), "a Liberty cell library (.lib or .lib.gz)");
  if (!is_gzip(bytes)) return bytes;
  try {
    return unpack_gzip(bytes, kMostBytes);
  } catch (const std::length_error&) {
    refuse_size(path);
  } catch (const std::runtime_error& error) {
    throw InputError(path.string(), "", std::string("gzip cannot unpack it: ") + error.what());
  }
}

std::string without_wire_loads(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = std::min(text.find("default_wire_load", at), text.size());
    kept.append(text, at, begin - at);
    at = std::min(text.find_first_of(";\n", begin), text.size());
    if (at < text.size() && text[at] == ';') ++at;
    const std::size_t blank = kept.find_last_not_of(" \t") + 1;
    if (at < text.size() && text[at] == '\n' && (blank == 0 || kept[blank - 1] == '\n')) {  // it stood alone
      kept.resize(blank);
      ++at;
    }
  }
  return kept;
}

}  // namespace subbyte::sim
