// A copy of rtl/ with one change in one file: what a designer's mistake looks like to the engines.
#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "tests/support/byte_files.hpp"
#include "tests/support/paths.hpp"

namespace subbyte {

/// The copy lasts as long as the object.
class BrokenRtl {
 public:
  /// `from` reads `to` in `file`. Throws std::logic_error unless it occurs there exactly once, so that no test passes
  /// by breaking nothing.
  BrokenRtl(const std::string& file, const std::string& from, const std::string& to) {
    std::filesystem::copy(tested_source() / "rtl", directory(), std::filesystem::copy_options::recursive);
    std::string source = tests::read_bytes(folder_ / file);
    const std::size_t at = source.find(from);
    if (at == std::string::npos || source.find(from, at + 1) != std::string::npos)
      throw std::logic_error(file + " does not hold exactly once: " + from);
    tests::write_bytes(folder_ / file, source.replace(at, from.size(), to));
  }
  const std::filesystem::path& directory() const { return folder_.path(); }

 private:
  tests::TemporaryDirectory folder_;
};

}  // namespace subbyte
