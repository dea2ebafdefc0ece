#include "kernels/core/core_cuts.hpp"

#include <optional>

namespace subbyte::kernels {
namespace {

/// Rounded up.
std::size_t divided(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

/// Nothing where the parts do not end where the group does, unless that is the only one.
std::optional<CoreShape> cut_groups(const CoreShape& shape, std::size_t parts, std::size_t lanes) {
  CoreShape cut = shape;
  cut.parts = parts;
  cut.group = divided(divided(shape.group, parts), lanes) * lanes;
  if (cut.group * parts == shape.group || (shape.groups() == 1 && cut.groups() == parts)) return cut;
  return {};
}

bool holds_a_group(const CoreParams& params, const CoreShape& shape) {
  const CoreWords words = core_words(params, core_slice(shape, 0, 1));
  return words.weight_tile <= params.weight_words() && words.activation_row <= params.activation_words();
}

constexpr std::size_t kLongGroup = 256, kPart = 128;

}  // namespace

std::vector<CoreShape> core_cuts(const CoreParams& params, const CoreShape& shape) {
  std::vector<CoreShape> cuts{shape};
  const std::size_t lanes = params.tile.lanes;
  if (shape.group > kLongGroup)
    if (const auto cut = cut_groups(shape, divided(shape.group, kPart), lanes)) cuts.push_back(*cut);
  if (holds_a_group(params, cuts.back())) return cuts;
  for (std::size_t parts = 2; parts <= shape.group / lanes; ++parts)
    if (const auto cut = cut_groups(shape, parts, lanes); cut && holds_a_group(params, *cut)) {
      cuts.push_back(*cut);
      break;
    }
  return cuts;
}

}  // namespace subbyte::kernels
