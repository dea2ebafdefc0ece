// How far a long run is, in one line on standard error: what is done, and how long the rest will take. A run of less
// than two seconds says nothing. On a terminal the line is written anew over itself; elsewhere (logs) a new line comes
// at most every ten seconds, and more rarely the longer the run.
//
// The line is the process's own: main() makes the one ProgressDisplay, and whoever works declares a Job or a Step.
// Without a display these do nothing. All functions may be called from any thread. Standard output is never written.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace subbyte::sim {

/// A time as people say it: "8 s", "4 min", "2 h 10 min".
std::string duration_text(double seconds);

class ProgressDisplay {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Settings {
    std::ostream& out;
    bool terminal = false;  ///< the line may be written over itself
    std::size_t columns = 120;
    std::function<Time()> now = std::chrono::steady_clock::now;
    bool thread = true;  ///< a thread calls tick(); false: the owner does
  };

  /// Becomes the display of this process. Throws std::logic_error where there is one.
  explicit ProgressDisplay(Settings settings);
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  /// Writes the line where it is due.
  void tick();

 private:
  friend class Job;
  friend class Step;
  friend void say(const std::string& line);

  struct Entry {
    std::string what, unit, at;
    double total = 0;  ///< 0: one piece, of a Step
    double done = 0, timed = 0;
    Time begin{}, last{};              ///< when it began, and when its last piece was done
    std::optional<double> expected{};  ///< seconds that the like took before
  };
  using Place = std::list<Entry>::iterator;

  Place add(Entry entry);
  void remove(Place place);
  void clear_line();
  void write(const std::string& text);
  std::string line() const;
  std::string text_of(const Entry& entry) const;
  double seconds_since(Time from) const { return std::chrono::duration<double>(settings_.now() - from).count(); }

  Settings settings_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::list<Entry> entries_;
  std::optional<Time> start_, written_;
  std::string shown_;  ///< on the terminal's line now
  std::jthread ticker_;
};

/// Work of many pieces, as long as this lives. The time left is told from the pieces so far.
class Job {
 public:
  /// "WHAT: 12 of TOTAL UNIT, about 34 s left"; from ten million pieces on "WHAT: 12 of 34 million UNIT"
  Job(const std::string& what, double total, const std::string& unit = "");
  ~Job();
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  /// So many more pieces are done.
  void advance(double pieces = 1);
  /// So many pieces were there already: they are done, and say nothing about the others' time.
  void skip(double pieces = 1);
  /// What is being worked at, behind the count.
  void at(const std::string& text);

 private:
  ProgressDisplay* display_;
  ProgressDisplay::Place place_{};
};

/// One piece of work that tells nothing until it ends, such as another program's run.
class Step {
 public:
  /// `like` names what takes about as long. Where an earlier step of that name was measured (in the cache's folder
  /// `durations`), the time left follows from it, and this one is measured too.
  explicit Step(const std::string& what, const std::string& like = "");
  ~Step();
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

 private:
  std::string like_;
  int exceptions_;  ///< in flight when it began: a step that fails is not measured
  ProgressDisplay* display_;
  ProgressDisplay::Place place_{};
};

/// A line of its own on standard error: a warning, or what is done differently than expected.
void say(const std::string& line);

}  // namespace subbyte::sim
