// Reads sweep files.
#pragma once

#include <filesystem>
#include <vector>

#include "sim/config/config_keys.hpp"
#include "sim/sweep/plan.hpp"

namespace subbyte::sim {

/// Reads a sweep file, whose keys sweep_keys() lists. Paths in it are relative to it. `settings` are values of every
/// design, as in read_design(). Throws ConfigError with every problem of the file, InputError for a setting that every
/// variant states.
SweepPlan read_sweep(const std::filesystem::path& path, const std::vector<Setting>& settings = {});
std::vector<KeyEntry> sweep_keys();

}  // namespace subbyte::sim
