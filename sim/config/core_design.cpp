#include "sim/config/core_design.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

#include "kernels/catalogue.hpp"
#include "kernels/core/core_tile.hpp"

namespace subbyte::sim {
namespace {

constexpr std::int64_t kMostKib = 4096;

constexpr const char* kLanes = "parameters.lanes";
constexpr const char* kRows = "parameters.rows";
constexpr const char* kCols = "parameters.cols";

void check_rest(const CoreSurroundings& around) {
  for (const auto& [name, kib] : {std::pair("memory.weight_buffer_kib", around.weight_buffer_kib),
                                  std::pair("memory.activation_buffer_kib", around.activation_buffer_kib)})
    if (kib < 1 || kib > kMostKib)
      throw CoreMisfit({name},
                       fmt::format("is {}, expected 1..{}: a core has this buffer, in two halves", kib, kMostKib));
  if (!around.fp32_to_dram)
    throw CoreMisfit({"output.bits", "output.to"},
                     "does not go with a core, which writes FP32 to the DRAM: expected "
                     "bits: 32 and to: dram");
}

/// What the array and its buffers need, in the words of a design.
void check_array(const CoreKeys& keys, const kernels::Parameters& core) {
  const auto at = [&](const char* name) { return static_cast<std::uint64_t>(core.at(name)); };
  const std::uint64_t cols = at("cols") * at("tile_cols"), rows = at("rows") * at("tile_rows");
  const std::string columns = fmt::format("{} columns ({} of a tile x {} tiles)", cols, at("cols"), at("tile_cols"));
  if (!std::has_single_bit(at("lanes")))
    throw CoreMisfit({kLanes}, fmt::format("is {}, expected a power of two on a core", at("lanes")));
  if (!std::has_single_bit(cols))
    throw CoreMisfit({"core.tile_cols", kCols}, fmt::format("gives an array of {}, expected a power of two", columns));
  if (!std::has_single_bit(at("bus_bytes")))
    throw CoreMisfit({"core.bus_bytes"}, fmt::format("is {}, expected a power of two", at("bus_bytes")));
  if (at("bus_bytes") > 4 * cols)
    throw CoreMisfit({"core.bus_bytes", "core.tile_cols", kCols},
                     fmt::format("gives a bus of {} bytes to an array of {}, expected at most 4 bytes per column",
                                 at("bus_bytes"), columns));
  const std::uint64_t least = (rows * cols * 4 * 2 + 1023) / 1024;
  if (at("output_kib") < least)
    throw CoreMisfit({"core.output_buffer_kib", "core.tile_rows", "core.tile_cols", kRows, kCols},
                     fmt::format("gives {} KiB for the results of {} x {} units, expected at least {} KiB, of which "
                                 "half holds one result of each",
                                 keys.output_buffer_kib, rows, cols, least));
  const std::uint64_t words = (rows * at("bus_bytes") * 2 + 1023) / 1024;
  if (at("activation_kib") < words)
    throw CoreMisfit({"memory.activation_buffer_kib", "core.tile_rows", kRows},
                     fmt::format("gives {} KiB for the activations of {} rows, expected at least {} KiB, of which half "
                                 "holds a word of the bus for each",
                                 at("activation_kib"), rows, words));
}

/// The bus moves no more per cycle than the memory gives.
void check_bus(const CoreKeys& keys, const CoreSurroundings& around) {
  const double bytes = around.bytes_per_second / (around.clock_mhz * 1e6);
  if (bytes <= static_cast<double>(keys.bus_bytes) * (1 + 1e-9)) return;
  throw CoreMisfit(
      {"memory.bandwidth_gb_per_s", "clock_mhz", "core.bus_bytes"},
      fmt::format("makes the memory give {:.1f} bytes per cycle to a bus of {} bytes, which moves no more: "
                  "expected a wider bus_bytes, a faster clock or less bandwidth",
                  std::ceil(bytes * 10) / 10, keys.bus_bytes));
}

/// Returns the value of the core's parameter `tile`.
std::int64_t socket_of(const kernels::UnitInfo& unit) {
  std::vector<std::string> tiles;
  for (unsigned kind = 0; kind < kernels::kCoreTileKinds; ++kind) {
    tiles.emplace_back(kernels::core_tile_unit(static_cast<kernels::CoreTileKind>(kind)));
    if (unit.name == tiles.back()) return kind;
  }
  throw CoreMisfit({"unit"},
                   fmt::format("is {}, which is no tile: expected one of {}", unit.name, fmt::join(tiles, ", ")));
}

std::uint32_t cycles_of(double ns, double clock_mhz) {
  return static_cast<std::uint32_t>(std::ceil(ns * clock_mhz * 1e-3 * (1 - 1e-12)));
}

std::optional<VectorKeys> read_vector(ConfigNode& core) {
  if (!core.has("vector")) return std::nullopt;
  ConfigNode node =
      core.child({"vector",
                  "The vector unit beside the array, which does what stands between the matrix layers. Without it "
                  "a model's phases are its matrix layers alone."});
  VectorKeys vector;
  vector.lanes = node.integer({"lanes", "FP32 elements side by side."}, 1, kernels::kMostVectorLanes);
  vector.latency = node.integer({"latency", "Registers of a lane's pipeline."}, 2, 64);
  vector.row_buffer_kib = node.integer(
      {"row_buffer_kib", "The buffer of a row in KiB, in FP32: of a softmax a token's context, of a norm the width."},
      1, kMostKib);
  std::vector<std::string> names;
  const std::vector<ArithmeticEntry> entries = read_arithmetic_table();
  for (const ArithmeticEntry& entry : entries) names.push_back(entry.technology);
  const std::string name =
      node.choice({"arithmetic", "Energies of FP32 operations: an entry of configs/arithmetic/operations.csv."}, names);
  const auto entry = std::ranges::find(entries, name, &ArithmeticEntry::technology);
  if (entry != entries.end()) vector.arithmetic = *entry;  // else it is a problem of the design
  return vector;
}

/// The row buffer has whole words of `lanes` elements.
kernels::VectorParams vector_params(const VectorKeys& keys) {
  const std::int64_t words = keys.row_buffer_kib * 1024 / (4 * keys.lanes);
  kernels::Parameters parameters{{"lanes", keys.lanes}, {"latency", keys.latency}, {"row_words", words}};
  try {
    return kernels::VectorParams::of(kernels::resolve(kernels::unit("vector_unit"), parameters));
  } catch (const std::invalid_argument& error) {
    throw CoreMisfit(
        {"core.vector.row_buffer_kib", "core.vector.lanes"},
        fmt::format("holds {} words of {} lanes in {} KiB: {}", words, keys.lanes, keys.row_buffer_kib, error.what()));
  }
}

}  // namespace

std::optional<CoreKeys> read_core(ConfigNode& root) {
  if (!root.has("core")) return std::nullopt;
  ConfigNode node =
      root.child({"core",
                  "The machine around the tile: an array of tiles, the memory's bus, and buffers in two "
                  "halves each. Without it the tile is fed ideally, and memory is a roofline beside it."});
  CoreKeys core{node};
  core.tile_rows = node.integer({"tile_rows", "Tiles side by side with tokens of their own."}, 1, 8);
  core.tile_cols = node.integer({"tile_cols", "Tiles side by side with outputs of their own."}, 1, 8);
  core.bus_bytes =
      node.integer({"bus_bytes",
                    "Bytes of a word of the memory's bus: a power of two, at most 4 per column of the array, and no "
                    "fewer than the bandwidth gives per cycle."},
                   4, 64);
  core.output_buffer_kib =
      node.integer({"output_buffer_kib", "Both halves of the buffer of results in KiB."}, 1, kMostKib);
  core.burst_bytes = node.integer(
      {"burst_bytes", "Bytes that the memory moves at once: a multiple of bus_bytes. Less is moved as much."}, 4, 4096);
  core.latency_ns =
      node.real({"latency_ns", "From a request that the memory took to the start of its first burst, in ns."}, 0, 1e5);
  core.turnaround_ns =
      node.real({"turnaround_ns", "What a turn of the bus from reads to writes or back costs, in ns."}, 0, 1e5);
  core.vector = read_vector(node);
  if (!node.faulty("burst_bytes") && !node.faulty("bus_bytes") && core.burst_bytes % core.bus_bytes != 0)
    node.problem("burst_bytes",
                 fmt::format("is {}, expected a multiple of bus_bytes, {}", core.burst_bytes, core.bus_bytes));
  return core;
}

CoreDesign make_core(const CoreKeys& keys, const CoreSurroundings& around) {
  check_rest(around);
  CoreDesign core;
  core.parameters = around.parameters;
  core.parameters["tile"] = socket_of(around.unit);
  core.parameters.try_emplace("lanes", 1);  // of a tile with one product per unit and cycle
  core.parameters["tile_rows"] = keys.tile_rows;
  core.parameters["tile_cols"] = keys.tile_cols;
  core.parameters["bus_bytes"] = keys.bus_bytes;
  core.parameters["weight_kib"] = around.weight_buffer_kib;
  core.parameters["activation_kib"] = around.activation_buffer_kib;
  core.parameters["output_kib"] = keys.output_buffer_kib;
  check_array(keys, core.parameters);
  check_bus(keys, around);
  core.parameters = kernels::resolve(kernels::unit("core"), core.parameters);
  kernels::CoreParams::of(core.parameters);
  core.channel =
      kernels::ChannelParams::of(around.clock_mhz, around.bytes_per_second, static_cast<unsigned>(keys.bus_bytes));
  core.channel.burst_words = static_cast<std::uint32_t>(keys.burst_bytes / keys.bus_bytes);
  core.channel.latency = cycles_of(keys.latency_ns, around.clock_mhz);
  core.channel.turnaround = cycles_of(keys.turnaround_ns, around.clock_mhz);
  if (keys.vector)
    core.vector = VectorDesign{vector_params(*keys.vector), keys.vector->row_buffer_kib, keys.vector->arithmetic};
  return core;
}

}  // namespace subbyte::sim
