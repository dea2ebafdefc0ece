// bitserial_tile: rows x cols PEs with one term encoder, group dequantizers and column accumulators.
// Numbers: kernels/ARITHMETIC.md. Interface and cycles: kernels/TIMING.md.
#pragma once

#include <cstdint>

#include "kernels/bitserial_pe.hpp"
#include "kernels/column_accumulator.hpp"
#include "kernels/group_dequant.hpp"
#include "kernels/term_encoder.hpp"
#include "kernels/unit.hpp"

namespace subbyte::kernels {

struct TileParams {
  unsigned rows = 8;
  unsigned cols = 8;
  unsigned lanes = 4;
  EncoderParams encoder;
  PeParams pe;

  /// From parameters that resolve() completed. Throws std::invalid_argument for more than 8 rows not a
  /// multiple of 8.
  static TileParams of(const Parameters& parameters);
  unsigned ports() const { return (rows + 7) / 8; }
  unsigned rows_per_port() const { return rows / ports(); }
};

Trace bitserial_tile_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window);
Stimulus bitserial_tile_random(const Parameters& parameters, const RandomRequest& request);
UnitInfo bitserial_tile_info();

}  // namespace subbyte::kernels
