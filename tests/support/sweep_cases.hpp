// What the tests of sweeps share: a folder for sweep files, a plan, and the inputs of a layer of four weights.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "sim/sweep/sweep.hpp"

namespace subbyte::sim {

/// A folder of this process that goes with the object.
class SweepFolder {
 public:
  SweepFolder() : path_(std::filesystem::temp_directory_path() / ("subbyte-sweep-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~SweepFolder() { std::filesystem::remove_all(path_); }
  SweepFolder(const SweepFolder&) = delete;
  SweepFolder& operator=(const SweepFolder&) = delete;
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline constexpr const char* kSweepPlan =
    "name: t\ndesign: bitmod-8x8\nworkload: {layer: l, tokens: 2}\nformats: [int8, bitmod-fp4:g64]\n"
    "vary: [{rows: 4, cols: 4}, {rows: 8, cols: 8}]\n";

inline SweepInputs sweep_inputs() {
  return {{{{"l", std::nullopt, 2, 2}}, 2}, {1, 2, 3, 4}, {0x3c00, 0, 0, 0x3c00}, "test"};
}

}  // namespace subbyte::sim
