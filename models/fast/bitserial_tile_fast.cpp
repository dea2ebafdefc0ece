#include "models/fast/bitserial_tile_fast.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include "kernels/parts/tile_beat.hpp"
#include "models/fast/tile_back_end.hpp"

namespace subbyte::models {
namespace {

using kernels::Side;
using kernels::StallPlan;

unsigned rows_per_port(unsigned rows) {
  if (rows == 0 || (rows > 8 && rows % 8 != 0)) {
    throw std::invalid_argument("tile rows are " + std::to_string(rows) + ", expected 1..8 or a multiple of 8");
  }
  return std::min(rows, 8U);
}

void check(const TileWork& work) {
  if (work.tiles == 0 || work.full_groups + (work.tail_beats > 0) == 0) {
    throw std::invalid_argument("tile work without a tile or a group has no cycles");
  }
  if (work.full_groups > 0 && work.tail_beats > work.full_beats) {
    throw std::invalid_argument("the tail group has " + std::to_string(work.tail_beats) + " beats, a full one " +
                                std::to_string(work.full_beats));
  }
}

/// Takes edges as times: the encoder and stage 1 of the PEs stand in front of the back end.
class Recurrence {
 public:
  Recurrence(unsigned drain_rows, unsigned terms, std::uint64_t config_writes, const StallPlan& stalls)
      : terms_(terms), stalls_(stalls), input_free_(config_writes), back_end_(drain_rows, stalls) {}

  void add(const TileGroup& group, std::vector<std::uint64_t>& out) {
    const std::uint64_t last_term = accept(group.beats);
    stage1_free_ = back_end_.add(last_term + 1, group.scale_bits, group.tile_last, out);
  }

 private:
  /// Returns the edge of the handshake of the group's last term. Only the first beat can find stage 1 occupied, by the
  /// last term of the group before, until that moves to the output register.
  std::uint64_t accept(std::uint64_t beats) {
    std::uint64_t first_term = 0;
    for (std::uint64_t beat = 0; beat < beats; ++beat) {
      first_term = std::max(first_free(stalls_, Side::kInput, input_free_), stage1_free_);
      input_free_ = first_term + terms_;
    }
    return input_free_ - 1;
  }

  unsigned terms_;
  const StallPlan& stalls_;
  std::uint64_t input_free_;       ///< first cycle in which the driver may present the next beat
  std::uint64_t stage1_free_ = 0;  ///< edge at which PE stage 1 can be loaded
  TileBackEnd back_end_;
};

}  // namespace

TileWork tile_work(std::uint64_t tiles, std::uint64_t inputs, std::uint64_t group, unsigned lanes) {
  TileWork work;
  work.tiles = tiles;
  work.full_groups = inputs / group;
  work.full_beats = (group + lanes - 1) / lanes;
  work.tail_beats = (inputs % group + lanes - 1) / lanes;
  return work;
}

// With T_j = terms x beats of group j, N scale bits and no stalls, the last term of group j enters at
//   a_j = max(a_{j-1} + T_j, b_{j-2} + T_j - 1) and its PE result moves at b_j = max(a_j + 2, b_{j-1} + N),
// so b of the last group is a longest path. Going to the b after group i, m steps along it and back to the a
// gains 1 + mN - (T_{i+1} + ... + T_{i+m+1}) over staying with the a, and is positive only where short groups
// (T < N) outweigh the long ones; with full groups and one tail per tile they do so in every tile or in none,
// and then staying with the b gains more. The longest path therefore runs along the a up to some group j and
// along the b from there on. Its length in j is a sum of T - N, whose sign is one for all full groups of a
// tile, and linear in the tiles: the maximum is at an end.
std::uint64_t tile_cycles(const TileWork& work) {
  check(work);
  const unsigned drain_rows = rows_per_port(work.rows);
  const std::uint64_t full = work.terms * work.full_beats;
  const std::uint64_t tail = work.terms * work.tail_beats;
  const std::uint64_t per_tile = work.full_groups + (tail > 0 ? 1 : 0);
  const std::uint64_t groups = work.tiles * per_tile;
  const auto last_term = [&](std::uint64_t j) {  // terms of groups 0..j
    const std::uint64_t tiles = (j + 1) / per_tile;
    const std::uint64_t rest = (j + 1) % per_tile;
    return tiles * (work.full_groups * full + tail) + rest * full;
  };
  const std::uint64_t first_fulls = std::max<std::uint64_t>(work.full_groups, 1) - 1;
  std::uint64_t longest = 0;
  for (const std::uint64_t j : {std::uint64_t{0}, first_fulls, groups - per_tile + first_fulls, groups - 1}) {
    longest = std::max(longest, last_term(j) + (groups - 1 - j) * work.scale_bits);
  }
  // The last term is at config + longest - 1. The PE result adds 2, the product N + 1, then come the rows, the value
  // adds 3, and there is one more for a count of cycles.
  return work.config_writes + longest - 1 + 2 + work.scale_bits + 1 + (drain_rows - 1) + 3 + 1;
}

std::vector<std::uint64_t> tile_output_cycles(unsigned rows, unsigned terms, std::uint64_t config_writes,
                                              const std::vector<TileGroup>& groups, const StallPlan& stalls) {
  std::vector<std::uint64_t> out;
  Recurrence recurrence(rows_per_port(rows), terms, config_writes, stalls);
  for (const TileGroup& group : groups) recurrence.add(group, out);
  return out;
}

std::vector<std::uint64_t> tile_output_cycles(const TileWork& work, const StallPlan& stalls) {
  check(work);
  std::vector<std::uint64_t> out;
  Recurrence recurrence(rows_per_port(work.rows), work.terms, work.config_writes, stalls);
  for (std::uint64_t tile = 0; tile < work.tiles; ++tile) {
    for (std::uint64_t g = 0; g < work.full_groups; ++g) {
      recurrence.add({work.full_beats, work.scale_bits, g + 1 == work.full_groups && work.tail_beats == 0}, out);
    }
    if (work.tail_beats > 0) recurrence.add({work.tail_beats, work.scale_bits, true}, out);
  }
  return out;
}

std::vector<std::uint64_t> tile_output_cycles(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                              const kernels::Stimulus& stimulus) {
  const auto params = kernels::TileParams::of(kernels::resolve(unit, parameters));
  const kernels::TileBeatLayout layout(params);
  std::vector<std::uint64_t> beat(layout.shape.words());
  std::vector<TileGroup> groups;
  std::uint64_t beats = 0;
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    stimulus.input.fill(i, beat);
    ++beats;
    if (kernels::get_bits(beat, layout.group_last, 1) == 0) continue;
    const bool scale_u8 = kernels::get_bits(beat, layout.scale_u8, 1) != 0;
    groups.push_back(
        {beats, kernels::scale_significand(0, scale_u8).bits, kernels::get_bits(beat, layout.tile_last, 1) != 0});
    beats = 0;
  }
  const unsigned terms = kernels::table_of(params.encoder, stimulus.config).terms;
  return tile_output_cycles(params.rows, terms, stimulus.config.size(), groups, stimulus.stalls);
}

}  // namespace subbyte::models
