#include "sim/synthesis/composed_point.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <utility>

namespace subbyte::sim {
namespace {

bool takes(const kernels::UnitInfo& info, const kernels::Parameters& parameters) try {
  info.input_shape(kernels::resolve(info, parameters));
  return true;
} catch (const std::invalid_argument&) {
  return false;
}

std::int64_t value_of(const kernels::Parameters& parameters, const char* name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? 1 : found->second;
}

/// Rows or columns of the whole array.
std::int64_t lines(const kernels::Parameters& parameters, const char* of_a_tile, const char* tiles) {
  return value_of(parameters, of_a_tile) * value_of(parameters, tiles);
}

void set_if_taken(const kernels::UnitInfo& info, const char* name, std::int64_t value, kernels::Parameters& point) {
  const auto found = point.find(name);
  if (found == point.end() || found->second <= value) return;
  const std::int64_t before = std::exchange(found->second, value);
  if (!takes(info, point)) found->second = before;
}

}  // namespace

kernels::Parameters composed_point(const kernels::UnitInfo& info, const kernels::Parameters& parameters) {
  kernels::Parameters point = parameters;
  constexpr std::array<std::pair<const char*, std::int64_t>, 4> kLeast{
      {{"rows", 2}, {"cols", 2}, {"tile_rows", 1}, {"tile_cols", 1}}};
  for (const auto& [name, least] : kLeast) set_if_taken(info, name, least, point);
  const auto shrunk = [&](const char* name, std::int64_t now, std::int64_t before) {
    const std::int64_t kib = value_of(parameters, name);
    set_if_taken(info, name, std::max<std::int64_t>(1, (kib * now + before - 1) / before), point);
  };
  const std::int64_t rows = lines(point, "rows", "tile_rows"), all_rows = lines(parameters, "rows", "tile_rows");
  const std::int64_t cols = lines(point, "cols", "tile_cols"), all_cols = lines(parameters, "cols", "tile_cols");
  shrunk("weight_kib", cols, all_cols);
  shrunk("activation_kib", rows, all_rows);
  shrunk("output_kib", rows * cols, all_rows * all_cols);
  return point;
}

}  // namespace subbyte::sim
