#include "sim/timeline/trace_events.hpp"

#include <fmt/format.h>

#include <cmath>

namespace subbyte::sim {
namespace {

constexpr std::uint64_t kMicrosecond = 1'000'000;  ///< picoseconds

std::string microseconds(std::uint64_t picoseconds) {
  return fmt::format("{}.{:06}", picoseconds / kMicrosecond, picoseconds % kMicrosecond);
}

/// A name as JSON text.
std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

}  // namespace

std::uint64_t TraceEvents::picoseconds(std::uint64_t cycle) const {
  return static_cast<std::uint64_t>(
      std::llround(static_cast<double>(cycle) * static_cast<double>(kMicrosecond) / clock_mhz_));
}

void TraceEvents::line(const std::string& event) { lines_ += (lines_.empty() ? "  " : ",\n  ") + event; }

void TraceEvents::name(unsigned process, const std::string& name) {
  line(fmt::format(R"({{"ph":"M","pid":{},"name":"process_name","args":{{"name":{}}}}})", process, quoted(name)));
  line(fmt::format(R"({{"ph":"M","pid":{0},"name":"process_sort_index","args":{{"sort_index":{0}}}}})", process));
}

void TraceEvents::name(unsigned process, unsigned thread, const std::string& name) {
  line(fmt::format(R"({{"ph":"M","pid":{0},"tid":{1},"name":"thread_name","args":{{"name":{2}}}}})", process, thread,
                   quoted(name)));
  line(fmt::format(R"({{"ph":"M","pid":{0},"tid":{1},"name":"thread_sort_index","args":{{"sort_index":{1}}}}})",
                   process, thread));
}

void TraceEvents::add(const TraceEvent& event) {
  const std::uint64_t from = picoseconds(event.first), to = picoseconds(event.first + event.cycles);
  line(fmt::format(R"({{"ph":"X","pid":{},"tid":{},"ts":{},"dur":{},"name":{},"args":{}}})", event.process,
                   event.thread, microseconds(from), microseconds(to - from), quoted(event.name), event.args.dump()));
  ++events_;
}

std::string TraceEvents::json(const nlohmann::ordered_json& about) const {
  return fmt::format("{{\"displayTimeUnit\":\"ns\",\n\"otherData\":{},\n\"traceEvents\":[\n{}\n]}}\n", about.dump(),
                     lines_);
}

}  // namespace subbyte::sim
