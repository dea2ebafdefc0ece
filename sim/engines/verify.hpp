// `verify` runs seeded random stimuli through every engine and compares the answers beat by beat.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/contract/unit.hpp"
#include "quant/formats/format.hpp"
#include "sim/engines/compare.hpp"
#include "sim/engines/engine.hpp"

namespace subbyte::sim {

struct VerifyRequest {
  std::vector<const kernels::UnitInfo*> units;
  std::vector<quant::Format> formats;
  bool skip_unsupported = false;  ///< a format that a unit can run at no point is recorded and left out, not refused
  /// Asks for one point instead of the unit's verified points or, with engine netlist, instead of netlist_point().
  std::optional<kernels::Parameters> parameters;
  std::vector<OpenEngine> engines;
  std::vector<unsigned> stall_percents{0, 30, 60};  ///< on both sides
  std::size_t cases = 0;  ///< at least this many per unit and format, split evenly over points and stalls
  std::uint64_t seed = 0;
  EngineOptions options;  ///< the options that the engines were opened with
};

/// What a pair of engines agreed on.
struct PairCount {
  std::string a, b;
  std::uint64_t cases = 0;
  std::uint64_t beats = 0;
  std::uint64_t bit_mismatches = 0;
  std::uint64_t cycle_mismatches = 0;
  bool bits_compared = false;
  bool cycles_compared = false;
  std::uint64_t runs = 1;
  std::uint64_t runs_differing = 0;  ///< with a bit or a cycle mismatch
};

/// One unit, format, parameter point and stall percentage.
struct VerifyRun {
  const kernels::UnitInfo* unit = nullptr;
  std::string format;
  kernels::Parameters parameters;
  unsigned stall_percent = 0;
  std::uint64_t seed = 0;  ///< the seed of the request
  std::size_t cases = 0;
  std::vector<PairCount> pairs;
  std::optional<Mismatch> first;      ///< the first mismatch of the first pair that differs
  std::vector<std::string> failures;  ///< engines that did not finish, and why: their beats count as missing
  std::string description{};          ///< that of sim/config/format_file, where `format` does not say everything
  std::string engines{};              ///< by name, separated by commas
  EngineOptions options{};            ///< that they were opened with

  bool equal() const { return !first && failures.empty(); }
  /// Returns the command that runs exactly this stimulus again, in the same engines and with the same RTL.
  std::string again() const;
  kernels::Stimulus stimulus() const;
};

/// A parameter point that cannot run a format, and why.
struct Skipped {
  std::string unit;
  std::string format;
  kernels::Parameters parameters;
  std::string why;
};

struct VerifyResult {
  std::vector<VerifyRun> runs;
  std::vector<Skipped> skipped;
  bool equal() const;
  /// Returns the runs added up, with one entry per pair of engines.
  std::vector<PairCount> pairs() const;
  nlohmann::ordered_json json() const;
};

/// The shortest run that still differs as `run` does: without stalls where that is enough, and with the fewest cases
/// among the powers of two and its own number. `run` itself where nothing shorter differs.
VerifyRun shrunk(const VerifyRequest& request, const VerifyRun& run);

/// Every stimulus is a function of (seed, unit, format, parameters, stalls, cases) alone. The RTL runs beside the
/// others, and the runs of a unit and format beside each other; results stand in the order of points and stalls.
/// `done` is called with the runs of a unit and format when they are finished. Throws std::invalid_argument for
/// parameters that the unit does not have, and when a unit can run a format at no point (with the reason; with
/// skip_unsupported it throws only when nothing at all can run).
VerifyResult verify(const VerifyRequest& request, const std::function<void(std::span<const VerifyRun>)>& done = {});

}  // namespace subbyte::sim
