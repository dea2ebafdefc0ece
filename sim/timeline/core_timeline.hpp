// What a core does in a layer and when, as a trace that a person can open.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/config/design.hpp"
#include "sim/engines/core_spans.hpp"
#include "sim/timeline/trace_events.hpp"

namespace subbyte::sim {

/// A trace has about as many events at most, and a layer that stands step by step may have at least as many spans.
inline constexpr std::size_t kMostEvents = 100'000, kFewestSpans = 64;

/// A trace as it was written.
struct TimelineFile {
  std::string path;
  std::size_t events = 0;
  std::vector<std::string> left_out;  ///< what does not stand by itself; empty where every step does

  /// Says where it is, how to open it, and what is left out.
  std::string text() const;
  nlohmann::ordered_json json() const;
};

/// Names the tracks of a core in a process of the trace, behind the first `before` ones.
void name_core_tracks(TraceEvents& trace, unsigned process, unsigned before);

/// Adds a layer that begins in cycle `start`. Events of the array have `args.cycles`, their cycles by cause, and those
/// of a transfer its words and bytes; inside it stands an event for the time in which its words move.
void add_core_spans(TraceEvents& trace, unsigned process, unsigned before, std::uint64_t start,
                    const CoreLayerPlan& plan, const CoreSpans& spans);

/// Returns cycles by cause, without those that are 0.
nlohmann::ordered_json cycles_json(const kernels::CoreCounts& counts);

/// Returns what of a layer does not stand by itself.
std::vector<std::string> left_out_of(const std::string& layer, const CoreSpans& spans);

/// Returns what a trace says of itself, from the record of the same run: a title, the design and its clock.
nlohmann::ordered_json about_trace(const reports::Record& record, const Design& design);

/// Writes the trace of one layer. What it is stands in `about`. Throws InputError where `path` cannot be written.
TimelineFile write_core_timeline(const std::string& path, const Design& design, const std::string& layer,
                                 const CoreLayerPlan& plan, const CoreSchedule& schedule, nlohmann::ordered_json about);

/// Writes a trace, with what is left out in what it says of itself.
TimelineFile write_trace(const std::string& path, const TraceEvents& trace, nlohmann::ordered_json about,
                         std::vector<std::string> left_out);

}  // namespace subbyte::sim
