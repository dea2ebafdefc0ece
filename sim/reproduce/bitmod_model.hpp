// The analytic simulator that BitMoD's authors published (HPCA'25; abdelfattah-lab/BitMoD-HPCA-25), written anew as a
// function of a model's shape: cycles of each layer are those of its products or of its bytes, whichever are more.
//
// It has no pipeline, no latency, no on-chip bandwidth and no cost of what is neither a linear layer nor attention. Our
// own cycles (sim/mapping, sim/cost) do not rest on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/workload/model_shape.hpp"

namespace subbyte::sim {

/// Processing elements (PEs), as many as output channels times tokens are computed at once.
struct PaperArray {
  std::size_t outputs = 0, tokens = 0;
};

struct PaperAccelerator {
  std::string_view name;
  PaperArray prefill, decode;
  std::size_t products = 1;  ///< products per PE and cycle
  bool bit_serial = false;   ///< whether a product takes a cycle per term, of which a weight has one per two bits
  double kv_bits = 16;       ///< bits of a key and a value in the cache
  double pe_pj = 0;          ///< energy of a PE and cycle
};

/// The accelerators of the paper, with the constants of the simulator.
inline constexpr PaperAccelerator kPaperFp16{"FP16", {32, 24}, {64, 12}, 1, false, 16, 0.77};
inline constexpr PaperAccelerator kPaperBitmod{"BitMoD", {32, 32}, {64, 16}, 4, true, 8, 0.56};
inline constexpr PaperAccelerator kPaperAnt{"ANT", {32, 32}, {64, 16}, 1, false, 16, 0.56};
inline constexpr PaperAccelerator kPaperOlive{"OliVe", {36, 32}, {72, 16}, 1, false, 16, 0.613};

/// All tokens of a context at once, or one step of one token with a context in the cache.
struct PaperPhase {
  bool decode = false;
  std::size_t context = 256;
  std::size_t batch = 1;
};

/// kHead is the public code since July 2025. kPaper is the code before, which made the paper's figures: its operands of
/// attention are swapped, its heads are collapsed into one matrix, its cache has 16 bits, and its terms are those of
/// the weights. We know that version by its cycles alone, from which we found the shapes of its attention.
enum class PaperVersion { kHead, kPaper };

struct PaperConfiguration {
  PaperAccelerator accelerator;
  double weight_bits = 16;  ///< per weight in the DRAM, with its part of the scales
  PaperPhase phase = {};
  PaperVersion version = PaperVersion::kHead;
};

struct PaperLayer {
  std::string name;       ///< as linear_layers() and attention_products() say
  std::size_t count = 1;  ///< layers of this shape
  // The rest is of one layer.
  std::uint64_t compute_cycles = 0;
  std::uint64_t dram_bytes = 0;  ///< weights, inputs and outputs as often as they are moved
  std::size_t weight_fetches = 1, input_fetches = 1;

  std::uint64_t dram_cycles() const;  ///< 32 bytes in each
  std::uint64_t cycles() const;
};

/// Returns what the simulator says of every layer. Throws std::invalid_argument for a model with experts, and for a
/// batch in the paper's version, neither of which the simulator has.
std::vector<PaperLayer> paper_layers(const ModelShape& shape, const PaperConfiguration& configuration);
/// Returns the cycles of all layers, one after the other.
std::uint64_t paper_cycles(const ModelShape& shape, const PaperConfiguration& configuration);

/// Energies in pJ that follow from the simulator's constants. Those of the buffers are CACTI's, and are not here.
struct PaperEnergy {
  double compute_pj = 0;  ///< every PE of the array, in each compute cycle
  double dram_pj = 0;     ///< 18.75 pJ per bit
};
PaperEnergy paper_energy(std::span<const PaperLayer> layers, const PaperConfiguration& configuration);

}  // namespace subbyte::sim
