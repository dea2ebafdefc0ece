#include "kernels/core/core_cuts.hpp"

#include <optional>

namespace subbyte::kernels {
namespace {

/// Nothing where the parts do not end where the group does, unless that is the only one.
std::optional<CoreShape> cut_groups(const CoreShape& shape, std::size_t parts, std::size_t lanes) {
  CoreShape cut = shape;
  cut.parts = parts;
  cut.group = quotient_up(quotient_up(shape.group, parts), lanes) * lanes;
  if (cut.group * parts == shape.group || (shape.groups() == 1 && cut.groups() == parts)) return cut;
  return {};
}

bool holds_a_group(const CoreParams& params, const CoreShape& shape) {
  const CoreWords words = core_words(params, core_slice(shape, 0, 1));
  return words.weight_tile <= params.weight_words() && words.activation_row <= params.activation_words();
}

constexpr std::size_t kLongGroup = 256, kPart = 128;

}  // namespace

std::vector<CoreShape> core_cuts(const CoreParams& params, const CoreShape& shape, std::size_t longest) {
  std::vector<CoreShape> cuts{shape};
  const std::size_t lanes = params.tile.lanes;
  std::size_t parts = 1;
  if (shape.group > kLongGroup) {
    parts = quotient_up(shape.group, kPart);
    if (const auto cut = cut_groups(shape, parts, lanes)) cuts.push_back(*cut);
  }
  if (holds_a_group(params, cuts.back()) && cuts.back().group <= longest) return cuts;
  for (parts *= 2; parts <= quotient_up(shape.group, lanes); parts *= 2)
    if (const auto cut = cut_groups(shape, parts, lanes)) cuts.push_back(*cut);
  std::erase_if(cuts, [longest](const CoreShape& cut) { return cut.group > longest; });
  return cuts;
}

}  // namespace subbyte::kernels
