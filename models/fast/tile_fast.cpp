#include "models/fast/tile_fast.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "kernels/parts/row_tile.hpp"
#include "models/fast/tile_back_end.hpp"

namespace subbyte::models {
namespace {

using kernels::Parameters;
using kernels::Side;
using kernels::StallPlan;
using kernels::Stimulus;
using kernels::UnitInfo;
using Cycles = std::vector<std::uint64_t>;

/// Reads one-bit fields of the beats of a stimulus.
class Flags {
 public:
  Flags(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus)
      : input_(stimulus.input), shape_(unit.input_shape(parameters)), words_(shape_.words()) {}
  void read(std::size_t beat) { input_.fill(beat, words_); }
  bool flag(unsigned offset) const { return kernels::get_bits(words_, offset, 1) != 0; }
  unsigned offset(std::string_view field) const { return shape_.offset(field); }

 private:
  const kernels::BeatSource& input_;
  kernels::BeatShape shape_;
  std::vector<std::uint64_t> words_;
};

/// Times fp16_mac_tile, and dequant_mac_tile with two more stages in front: there are `Stages` registers, and then the
/// sums, which take nothing while they drain.
template <std::size_t Stages>
Cycles mac_tile(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus) {
  const std::int64_t rows = kernels::resolve(unit, parameters).at("rows");
  Flags flags(unit, parameters, stimulus);
  const unsigned last = flags.offset("last");
  Cycles out;
  std::array<std::uint64_t, Stages + 1> enters{};  // edges at which the latest beat entered stage k, and the sums
  std::uint64_t input_free = stimulus.config.size();
  std::uint64_t sums_free = 0;
  for (std::size_t beat = 0; beat < stimulus.input.count; ++beat) {
    flags.read(beat);
    // A stage is left when the next one is entered.
    enters[0] = std::max(first_free(stimulus.stalls, Side::kInput, input_free), enters[1]);
    for (std::size_t k = 1; k < Stages; ++k) enters[k] = std::max(enters[k - 1] + 1, enters[k + 1]);
    enters[Stages] = std::max(enters[Stages - 1] + 1, sums_free);
    input_free = enters[0] + 1;
    if (!flags.flag(last)) continue;
    std::uint64_t row_out = enters[Stages];
    for (std::int64_t row = 0; row < rows; ++row) {
      row_out = first_free(stimulus.stalls, Side::kOutput, row_out + 1);
      out.push_back(row_out);
    }
    sums_free = row_out + 1;
  }
  return out;
}

/// Times the tiles with integers inside: stage 0, stage 1, and the back end. `planes` beats make one content of stage
/// 1.
Cycles row_tile(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus, unsigned planes) {
  const std::int64_t rows = kernels::resolve(unit, parameters).at("rows");
  Flags flags(unit, parameters, stimulus);
  const unsigned group_last = flags.offset("group_last");
  const unsigned tile_last = flags.offset("tile_last");
  const unsigned scale_u8 = flags.offset("scale_u8");
  Cycles out;
  TileBackEnd back_end(static_cast<unsigned>(std::min<std::int64_t>(rows, 8)), stimulus.stalls);
  std::uint64_t input_free = stimulus.config.size();
  std::uint64_t stage0_free = 0;
  std::uint64_t stage1_free = 0;
  for (std::size_t beat = 0; beat < stimulus.input.count; ++beat) {
    const std::uint64_t taken = std::max(first_free(stimulus.stalls, Side::kInput, input_free), stage0_free);
    input_free = taken + 1;
    stage0_free = std::max(taken + 1, stage1_free);  // edge that enters stage 1
    if (beat % planes + 1 != planes) continue;
    stage1_free = stage0_free + 1;
    flags.read(beat);
    if (!flags.flag(group_last)) continue;
    stage1_free = back_end.add(stage1_free, flags.flag(scale_u8) ? 8 : 11, flags.flag(tile_last), out);
  }
  return out;
}

Cycles bitserial(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus) {
  return tile_output_cycles(unit, parameters, stimulus);
}

Cycles whole_weights(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus) {
  return row_tile(unit, parameters, stimulus, 1);
}

Cycles plane_weights(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus) {
  return row_tile(unit, parameters, stimulus, kernels::configured_planes(stimulus.config));
}

// A tile's beats come first and then its rows; the next tile's first beat enters the sums behind the last row.
template <std::uint64_t Stages>
std::uint64_t mac_cycles(const TileWork& work) {
  const std::uint64_t beats = work.full_groups * work.full_beats + work.tail_beats;
  return work.config_writes + work.tiles * (beats + work.rows) + Stages;
}

// Stage 0 comes before what a bit-serial PE has, and nothing else differs: the T beats of a group are T terms.
std::uint64_t row_cycles(const TileWork& work) { return tile_cycles(work) + 1; }

struct Row {
  std::string_view unit;
  Cycles (*recurrence)(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus);
  std::uint64_t (*closed_form)(const TileWork& work);
};

constexpr std::array kRows{
    Row{"bitserial_tile", bitserial, tile_cycles},        Row{"fp16_mac_tile", mac_tile<2>, mac_cycles<2>},
    Row{"dequant_mac_tile", mac_tile<4>, mac_cycles<4>},  Row{"int8_mac_tile", whole_weights, row_cycles},
    Row{"fp16_int8_mac_tile", whole_weights, row_cycles}, Row{"ternary_tile", whole_weights, row_cycles},
    Row{"plane_tile", plane_weights, row_cycles},
};

const Row& row_of(const UnitInfo& unit) {
  const auto row = std::ranges::find(kRows, unit.name, &Row::unit);
  if (row == kRows.end()) throw std::invalid_argument("no recurrence for unit " + unit.name);
  return *row;
}

}  // namespace

std::vector<std::string_view> fast_units() {
  std::vector<std::string_view> names;
  for (const Row& row : kRows) names.push_back(row.unit);
  return names;
}

Cycles fast_output_cycles(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus) {
  return row_of(unit).recurrence(unit, parameters, stimulus);
}

std::uint64_t fast_cycles(const UnitInfo& unit, const TileWork& work) { return row_of(unit).closed_form(work); }

}  // namespace subbyte::models
