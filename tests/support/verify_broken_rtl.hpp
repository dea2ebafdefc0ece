// Makes a copy of rtl/ with one change in one file, as a designer's mistake looks to the engines.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "tests/support/paths.hpp"

namespace subbyte::test {

class BrokenRtl {
 public:
  /// Replaces the first `from` in `file` by `to`. Throws when it is not there, so that no test passes by breaking
  /// nothing.
  BrokenRtl(const std::string& file, const std::string& from, const std::string& to)
      : directory_(std::filesystem::temp_directory_path() /
                   ("subbyte-rtl-" + std::to_string(getpid()) + "-" + std::to_string(from.size() * 31 + to.size()))) {
    std::filesystem::remove_all(directory_);
    std::filesystem::copy(tested_source() / "rtl", directory_, std::filesystem::copy_options::recursive);
    std::ostringstream text;
    text << std::ifstream(directory_ / file).rdbuf();
    std::string source = text.str();
    const std::size_t at = source.find(from);
    if (at == std::string::npos) throw std::runtime_error(file + " holds no '" + from + "' to break");
    std::ofstream(directory_ / file) << source.replace(at, from.size(), to);
  }
  BrokenRtl(const BrokenRtl&) = delete;
  BrokenRtl& operator=(const BrokenRtl&) = delete;
  ~BrokenRtl() { std::filesystem::remove_all(directory_); }
  const std::filesystem::path& directory() const { return directory_; }

 private:
  std::filesystem::path directory_;
};

}  // namespace subbyte::test
