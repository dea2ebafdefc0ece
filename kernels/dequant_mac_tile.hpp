// dequant_mac_tile is fp16_mac_tile behind one fp4_dequant per column. Its arithmetic is theirs (fp4_dequantize(),
// fp16_product(), fp32_add()). The numbers are in kernels/ARITHMETIC.md, sections 8 and 9; interface and cycles are in
// kernels/TIMING.md.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/contract/unit.hpp"
#include "kernels/fp16_mac_tile.hpp"
#include "kernels/fp4_dequant.hpp"

namespace subbyte::kernels {

/// The dequantizer of a column turns one code per beat into FP16 and has no tensor scale.
Fp4DequantParams mac_tile_dequant();

/// Says where the fields of an input beat lie, and how to read and write them.
class DequantMacBeat {
 public:
  explicit DequantMacBeat(const MacTileParams& params);
  const BeatShape& shape() const { return shape_; }

  struct Weight {
    unsigned code = 0;
    unsigned scale = 0;
    unsigned selector = 0;
  };
  std::uint16_t activation(std::span<const std::uint64_t> beat, unsigned row) const;
  Weight weight(std::span<const std::uint64_t> beat, unsigned col) const;
  bool last(std::span<const std::uint64_t> beat) const;
  void set_activation(std::span<std::uint64_t> beat, unsigned row, std::uint16_t value) const;
  void set_weight(std::span<std::uint64_t> beat, unsigned col, const Weight& weight) const;
  void set_last(std::span<std::uint64_t> beat, bool last) const;

 private:
  BeatShape shape_;
  unsigned code_, scale_, selector_, last_;
};

Trace dequant_mac_tile_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window);
Stimulus dequant_mac_tile_random(const Parameters& parameters, const RandomRequest& request);
UnitInfo dequant_mac_tile_info();

}  // namespace subbyte::kernels
