// Tiles with integers inside: int8_mac_tile, fp16_int8_mac_tile, ternary_tile and plane_tile. The activations of a row
// are made integers once per beat, for all columns (FIGNA, HPCA'24). A member of the family is a RowTileKind and says
// what a weight field stands for. The numbers are in kernels/ARITHMETIC.md, section 7; interface and cycles are in
// kernels/TIMING.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/bitserial_pe.hpp"
#include "kernels/contract/unit.hpp"
#include "kernels/parts/random_values.hpp"
#include "kernels/parts/scale_and_sum.hpp"

namespace subbyte::kernels {

enum class RowActivations : std::uint8_t { kFp16, kInt8 };

/// Says of what a random weight is drawn. `selector` and `zero` stay the same over a column's group.
struct WeightDraw {
  const quant::Format& format;
  unsigned selector = 0;
  unsigned zero = 0;
  bool illegal = false;  ///< whether fields that no mapping sends are drawn as well
};

/// UnitInfo::beside of tiles that multiply by signed bytes.
inline constexpr const char* kWidenedBeside =
    "the tile takes weights widened to 8-bit integers while buffers and DRAM carry packed bits: what widens them";

/// A member of the family at one parameter point.
struct RowTileKind {
  const char* unit = "";  ///< its name, for messages
  RowActivations activations = RowActivations::kFp16;
  Field weight;                    ///< name, bits and kind of one element of the weight field; `count` is ignored
  unsigned lanes_per_element = 1;  ///< 4 when one code holds four weights
  /// V of section 7: |w| <= 2^growth. With planes it is that of the whole weight.
  unsigned growth = 7;
  bool planes = false;  ///< a chunk comes as planes, the most significant first (plane_tile)
  /// Returns the signed integers, lanes_per_element of them, that an element stands for. Every bit pattern is legal.
  void (*integers)(unsigned element, std::int8_t* lanes) = nullptr;
  /// Draws a random element.
  unsigned (*draw)(Random& random, const WeightDraw& of) = nullptr;
};

/// Returns a kind by completed parameters (ternary_tile's depends on them).
using RowTileKindOf = RowTileKind (*)(const Parameters&);

struct RowTileParams {
  RowTileKind kind;
  ArrayShape array;
  unsigned lanes = 4;
  PeParams pe;  ///< lanes, widths and growth; `integer` with INT8 activations

  /// Reads parameters that resolve() completed and ignores names that it does not know. Throws std::invalid_argument
  /// for more than 8 rows that are no multiple of 8, and for lanes that lanes_per_element does not divide.
  static RowTileParams of(const Parameters& parameters, RowTileKindOf kind);
  unsigned activation_bits() const { return kind.activations == RowActivations::kInt8 ? 8 : 16; }
  unsigned elements() const { return lanes / kind.lanes_per_element; }  ///< elements of a column
};

/// Offsets of the input beat's fields, for whoever builds or reads beats.
struct RowTileLayout : SideLayout {
  explicit RowTileLayout(const RowTileParams& params);
  unsigned lanes, elements;  ///< per row, per column
  unsigned activation_bits, weight_bits;
  unsigned weight;  ///< activations start at bit 0

  /// Sets an activation, which is an FP16 pattern or a signed byte.
  void set_activation(std::span<std::uint64_t> beat, unsigned row, unsigned lane, std::uint16_t bits) const {
    set_bits(beat, activation_bits * (row * lanes + lane), activation_bits, bits);
  }
  /// `element` counts the column's weight fields, which are lanes, or codes of several lanes.
  void set_weight(std::span<std::uint64_t> beat, unsigned col, unsigned element, std::uint8_t bits) const {
    set_bits(beat, weight + weight_bits * (col * elements + element), weight_bits, bits);
  }
};

/// The exponent of a row's aligned activations, which are worth integer * 2^(exponent-25).
struct RowExponent {
  int exponent = 0;  ///< Lp
  bool nonfinite = false;
};
/// Stage 0 of a row turns `lanes` activation fields into as many integers.
RowExponent row_align(const RowTileParams& params, std::span<const std::uint16_t> activations,
                      std::span<std::int32_t> integers);
/// Returns S, the sum of the products of a row's integers and a column's.
std::int64_t row_dot(std::span<const std::int32_t> integers, std::span<const std::int8_t> weights);

/// An input beat taken apart.
struct RowTileBeat {
  std::vector<std::uint16_t> activations;  ///< [rows*lanes] fields
  std::vector<std::int8_t> weights;        ///< [cols*lanes] integers
  bool group_last = false;
  GroupSide side;
};
/// Overwrites `fields`; its vectors are reused.
void unpack(const RowTileParams& params, const RowTileLayout& layout, std::span<const std::uint64_t> beat,
            RowTileBeat& fields);

/// Returns the planes per chunk that a sequence of writes after reset leaves (plane_tile's port: address 0, reset 8).
unsigned configured_planes(std::span<const ConfigWrite> writes);
/// Returns what one configuration write makes of the number of planes.
unsigned configure_planes(unsigned planes, ConfigWrite write);

/// The PEs of a tile, from stage 0 to the result registers, with one method per clock edge of a stage; a model calls
/// them downstream first.
class RowPes {
 public:
  explicit RowPes(const RowTileParams& params);
  /// Stage 0 takes a beat: aligned activations (kept where `keep_activations` says that it is a later plane) and
  /// weights.
  void load(const RowTileBeat& beat, bool keep_activations);
  /// Stage 1 takes the sums of what stage 0 holds; with `shift` P = 2 P + S.
  void sum(bool shift);
  /// Stage 1 enters the accumulators. With `last` the totals go to results(), and the accumulators are cleared.
  void accumulate(bool last);
  std::span<const PeState> results() const { return results_; }  ///< [rows*cols]

 private:
  RowTileParams params_;
  std::vector<std::int32_t> integers_;  ///< stage 0, [rows*lanes]
  std::vector<RowExponent> exponents_;  ///< [rows]
  std::vector<std::int8_t> weights_;    ///< [cols*lanes]
  std::vector<PeAlign> stage1_;         ///< [rows*cols]
  std::vector<PeState> sums_, results_;
};

Trace row_tile_golden(const RowTileParams& params, const Stimulus& stimulus, TraceWindow window);
/// `config` goes in front; its planes set how many beats a chunk has where the kind has planes.
Stimulus row_tile_random(const RowTileParams& params, const RandomRequest& request,
                         std::vector<ConfigWrite> config = {});

/// Returns shapes, golden function and random stimuli of a member at `kind`. The caller adds name, summary, the
/// parameters behind rows, cols and lanes (which are there), points and unsupported. `name` must outlive the program (a
/// literal).
UnitInfo row_tile_info(const char* name, RowTileKindOf kind);

}  // namespace subbyte::kernels
