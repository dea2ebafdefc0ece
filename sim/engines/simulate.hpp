// `simulate` runs one layer through engines that run alone, and compares them by their traces.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quant/formats/packed_tensor.hpp"
#include "sim/config/design.hpp"
#include "sim/engines/compare.hpp"
#include "sim/engines/engine.hpp"
#include "sim/mapping/mapping.hpp"

namespace subbyte::sim {

/// What simulate is asked. It owns neither the tensor nor the activations, which must outlive the call.
struct SimulateRequest {
  const Design& design;
  const quant::PackedTensor& weights;
  ActivationView activations;
  std::vector<OpenEngine> engines;
  EngineOptions options;  ///< the options that the engines were opened with
  kernels::StallPlan stalls;
};

struct EngineRun {
  std::string engine;
  bool timed = false;
  std::uint64_t beats = 0;
  double wall_s = 0;    ///< host time of the run alone
  double build_s = 0;   ///< host time before it: finding or building what the engine runs (Verilated RTL, a netlist)
  std::string failure;  ///< why it did not finish; empty when it did
};

/// What an engine answered, and how the run went.
struct EngineAnswer {
  EngineRun run;
  kernels::Trace trace;
};
/// Prepares an engine and runs it. What the circuit or its model did wrong (kernels::RunFailure) is the run's failure,
/// and the trace then has no beats; what else goes wrong is thrown.
EngineAnswer ask_engine(const OpenEngine& engine, const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                        const kernels::Stimulus& stimulus, kernels::TraceWindow window);

/// The first wrong value of a layer.
struct LayerMismatch {
  Mismatch mismatch;
  OutputPlace place;
  std::size_t row = 0;  ///< row in the tile
  std::size_t column = 0;
  /// Returns the mismatch with its tile, row, column, token and output. It names no cycle unless only cycles differ.
  std::string text() const;
  nlohmann::ordered_json json() const;
};

/// Values and cycles exist only when every pair of engines agrees, because a cycle count beside wrong values means
/// nothing.
struct SimulateResult {
  TileLoop loop;
  std::vector<EngineRun> engines;
  std::optional<LayerMismatch> first;
  std::vector<float> y;                 ///< [tokens][out]; empty when the engines differ or none has bits
  std::optional<std::uint64_t> cycles;  ///< set when they agree and one of them has cycles
  std::string cycle_source;             ///< "rtl" or "model"
  bool equal() const;
};

/// Every trace but one is a running hash with checkpoints, so that memory stays flat; that one is kept for Y. The first
/// checkpoint that differs is replayed to find the beat. Throws as map_layer() does.
SimulateResult simulate_layer(const SimulateRequest& request);

}  // namespace subbyte::sim
