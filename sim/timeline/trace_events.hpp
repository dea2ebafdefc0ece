// A trace in the Trace Event Format (its JSON object form), which Perfetto and chrome://tracing open: complete events
// on the threads of processes, in cycles of a clock.
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace subbyte::sim {

/// Cycles on a thread of a process. Events of a thread either lie inside each other or do not touch.
struct TraceEvent {
  unsigned process = 1, thread = 1;
  std::uint64_t first = 0, cycles = 0;
  std::string name;
  nlohmann::ordered_json args = nlohmann::ordered_json::object();
};

class TraceEvents {
 public:
  explicit TraceEvents(double clock_mhz) : clock_mhz_(clock_mhz) {}

  /// Names a process, or one of its threads. They are shown in the order of their numbers.
  void name(unsigned process, const std::string& name);
  void name(unsigned process, unsigned thread, const std::string& name);
  /// Events of one thread are added in the order of time, an outer one before those inside it.
  void add(const TraceEvent& event);
  std::size_t size() const { return events_; }  ///< names are not counted
  /// Returns the text of the file, an event per line. `about` is said of the whole ("otherData"). Times are
  /// microseconds, rounded to picoseconds so that what begins at the end of another event does so to the digit.
  std::string json(const nlohmann::ordered_json& about) const;

 private:
  void line(const std::string& event);
  std::uint64_t picoseconds(std::uint64_t cycle) const;

  double clock_mhz_;
  std::string lines_;
  std::size_t events_ = 0;
};

}  // namespace subbyte::sim
