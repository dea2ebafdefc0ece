#include "sim/timeline/core_timeline.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/text.hpp"
#include "sim/base/output_file.hpp"

namespace subbyte::sim {
namespace {

/// In the order of CoreTrack.
constexpr const char* kTracks[kCoreTrackCount] = {
    "array, by cause",           "memory: activations",       "memory: weights",       "memory: results",
    "activation buffer, half 0", "activation buffer, half 1", "weight buffer, half 0", "weight buffer, half 1",
    "output buffer, half 0",     "output buffer, half 1"};

/// Adds the time in which the words of a read move: up to its last cycle they follow one another.
void add_words(TraceEvents& trace, TraceEvent transfer, const CoreSpan& span, const CoreLayerPlan& plan) {
  const std::uint64_t moving = kernels::quotient_up(span.words * plan.channel.word_ticks, plan.channel.cycle_ticks);
  if (moving >= span.cycles) return;
  transfer.first += span.cycles - moving;
  transfer.cycles = moving;
  transfer.name = "words";
  transfer.args.clear();
  trace.add(transfer);
}

}  // namespace

std::vector<std::string> left_out_of(const std::string& layer, const CoreSpans& spans) {
  std::vector<std::string> left_out;
  if (spans.shown < spans.steps)
    left_out.push_back(
        fmt::format("{}: steps {} to {} of its loop nest are one event", layer, spans.shown, spans.steps - 1));
  if (spans.merged > 0)
    left_out.push_back(fmt::format("{}: in {} steps the gaps between chunks are in one event with the work around them",
                                   layer, spans.merged));
  return left_out;
}

nlohmann::ordered_json about_trace(const reports::Record& record, const Design& design) {
  nlohmann::ordered_json about{{"title", record.title},
                               {"engine", "fast"},
                               {"design", design.name},
                               {"design_hash", design.hash},
                               {"clock_mhz", design.clock_mhz}};
  if (record.provenance.contains("clock")) about["clock"] = record.provenance["clock"];
  return about;
}

std::string TimelineFile::text() const {
  const auto line = [](const std::string& text) { return reports::wrapped_text(text); };
  std::string text =
      line(fmt::format("timeline: {} events in {}, for chrome://tracing or https://ui.perfetto.dev", events, path));
  for (const std::string& what : left_out) text += line("left out of it: " + what);
  return text;
}

nlohmann::ordered_json TimelineFile::json() const {
  return {{"file", path}, {"events", events}, {"left_out", left_out}};
}

void name_core_tracks(TraceEvents& trace, unsigned process, unsigned before) {
  for (unsigned track = 0; track < kCoreTrackCount; ++track) trace.name(process, before + track + 1, kTracks[track]);
}

nlohmann::ordered_json cycles_json(const kernels::CoreCounts& counts) {
  nlohmann::ordered_json cycles = nlohmann::ordered_json::object();
  for (unsigned cause = 0; cause < kernels::kCoreCauseCount; ++cause)
    if (counts[cause] > 0) cycles[kernels::kCoreCauses[cause]] = counts[cause];
  return cycles;
}

void add_core_spans(TraceEvents& trace, unsigned process, unsigned before, std::uint64_t start,
                    const CoreLayerPlan& plan, const CoreSpans& spans) {
  for (const CoreSpan& span : spans.spans) {
    TraceEvent event{process, before + static_cast<unsigned>(span.track) + 1, start + span.first, span.cycles,
                     span.name};
    event.args["step"] = span.step;
    if (span.track == CoreTrack::kArray) event.args["cycles"] = cycles_json(span.counts);
    if (span.words > 0) event.args["bytes"] = span.words * plan.core.bus_bytes;
    trace.add(event);
    if (span.words > 0) add_words(trace, event, span, plan);
  }
}

TimelineFile write_trace(const std::string& path, const TraceEvents& trace, nlohmann::ordered_json about,
                         std::vector<std::string> left_out) {
  about["left_out"] = left_out;
  write_atomically(path, trace.json(about));
  return {path, trace.size(), std::move(left_out)};
}

TimelineFile write_core_timeline(const std::string& path, const Design& design, const std::string& layer,
                                 const CoreLayerPlan& plan, const CoreSchedule& schedule,
                                 nlohmann::ordered_json about) {
  TraceEvents trace(design.clock_mhz);
  trace.name(1, fmt::format("{} on {}", layer, design.name));
  trace.name(1, 1, "layer");
  name_core_tracks(trace, 1, 1);
  trace.add({1, 1, 0, schedule.cycles(), layer, {{"cycles", cycles_json(schedule.counts)}}});
  about["cycles"] = schedule.cycles();
  const CoreSpans spans = core_spans(plan, schedule, kMostEvents - 2);
  add_core_spans(trace, 1, 1, 0, plan, spans);
  return write_trace(path, trace, std::move(about), left_out_of(layer, spans));
}

}  // namespace subbyte::sim
