#include "sim/base/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <utility>

#include "sim/base/hash.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/paths.hpp"

namespace subbyte::sim {
namespace {

constexpr double kSilent = 2;      ///< seconds in which nothing is said
constexpr double kBetween = 10;    ///< least seconds from line to line in a log
constexpr double kRarer = 0.1;     ///< the same as a share of the run so far
constexpr double kMillions = 1e7;  ///< so many pieces and more are counted in millions
constexpr double kMeasured = 0.5;  ///< seconds of a step below which its time is not kept
constexpr std::chrono::milliseconds kTick{500};

std::atomic<ProgressDisplay*> g_display{nullptr};

std::filesystem::path duration_file(const std::string& like) {
  return cache_folder("durations") / (content_hash(like) + ".txt");
}

std::optional<double> known_duration(const std::string& like) {
  std::ifstream file(duration_file(like));
  double seconds = 0;
  return file >> seconds && seconds > 0 ? std::optional(seconds) : std::nullopt;
}

void keep_duration(const std::string& like, double seconds) try {
  write_atomically(duration_file(like), fmt::format("{:.1f}\n", seconds));
} catch (const InputError&) {  // a folder that cannot be written costs an estimate alone
}

}  // namespace

std::string duration_text(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(std::max(0.0, seconds)));
  if (whole < 100) return fmt::format("{} s", whole);
  const long long minutes = (whole + 30) / 60;
  return minutes < 60 ? fmt::format("{} min", minutes) : fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

ProgressDisplay::ProgressDisplay(Settings settings) : settings_(std::move(settings)) {
  ProgressDisplay* none = nullptr;
  if (!g_display.compare_exchange_strong(none, this)) throw std::logic_error("this process shows its progress already");
  if (!settings_.thread) return;
  ticker_ = std::jthread([this](const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      wake_.wait_for(lock, stop, kTick, [] { return false; });
      if (stop.stop_requested()) return;
      lock.unlock();
      tick();
      lock.lock();
    }
  });
}

ProgressDisplay::~ProgressDisplay() {
  if (ticker_.joinable()) {
    ticker_.request_stop();
    ticker_.join();
  }
  clear_line();
  g_display = nullptr;
}

void ProgressDisplay::tick() {
  const std::scoped_lock lock(mutex_);
  if (entries_.empty() || seconds_since(*start_) < kSilent) return;
  if (!settings_.terminal && written_ && seconds_since(*written_) < std::max(kBetween, kRarer * seconds_since(*start_)))
    return;
  write(line());
}

ProgressDisplay::Place ProgressDisplay::add(Entry entry) {
  const std::scoped_lock lock(mutex_);
  entry.begin = entry.last = settings_.now();
  if (!start_) start_ = entry.begin;
  return entries_.insert(entries_.end(), std::move(entry));
}

void ProgressDisplay::remove(Place place) {
  const std::scoped_lock lock(mutex_);
  entries_.erase(place);
  if (entries_.empty()) clear_line();
}

void ProgressDisplay::clear_line() {
  if (shown_.empty()) return;
  settings_.out << "\r\x1b[K" << std::flush;
  shown_.clear();
}

void ProgressDisplay::write(const std::string& text) {
  written_ = settings_.now();
  if (!settings_.terminal) {
    settings_.out << text << std::endl;
    return;
  }
  if (text == shown_) return;
  shown_ = text.substr(0, settings_.columns - 1);
  settings_.out << "\r\x1b[K" << shown_ << std::flush;
}

std::string ProgressDisplay::text_of(const Entry& entry) const {
  if (entry.total == 0) {
    const double spent = seconds_since(entry.begin);
    const bool known = entry.expected && *entry.expected > spent;
    return fmt::format("{}, {}{}", entry.what, duration_text(spent),
                       known ? fmt::format(", about {} left", duration_text(*entry.expected - spent)) : "");
  }
  const double size = entry.total < kMillions ? 1 : 1e6;
  std::string text = fmt::format("{}: {:.0f} of {:.0f}{}{}{}", entry.what, entry.done / size, entry.total / size,
                                 size == 1 ? "" : " million", entry.unit.empty() ? "" : " ", entry.unit);
  if (entry.timed > 0 && entry.done < entry.total) {
    const double spent = std::chrono::duration<double>(entry.last - entry.begin).count();
    const double left = spent / entry.timed * (entry.total - entry.done) - seconds_since(entry.last);
    text += fmt::format(", about {} left", duration_text(std::max(1.0, left)));
  }
  return entry.at.empty() ? text : text + "; " + entry.at;
}

/// The outermost job, the innermost one where that is another, and the step that runs longest.
std::string ProgressDisplay::line() const {
  const auto is_job = [](const Entry& entry) { return entry.total != 0; };
  const auto outer = std::ranges::find_if(entries_, is_job);
  const auto inner = std::find_if(entries_.rbegin(), entries_.rend(), is_job);
  const auto step = std::ranges::find_if_not(entries_, is_job);
  std::string text;
  const auto add = [&](const Entry& entry) { text += (text.empty() ? "" : "; ") + text_of(entry); };
  if (outer != entries_.end()) add(*outer);
  if (inner != entries_.rend() && &*inner != &*outer) add(*inner);
  if (step != entries_.end()) add(*step);
  return text;
}

Job::Job(const std::string& what, double total, const std::string& unit)
    : display_(total > 0 ? g_display.load() : nullptr) {
  if (display_ != nullptr) place_ = display_->add({what, unit, "", total});
}

Job::~Job() {
  if (display_ != nullptr) display_->remove(place_);
}

void Job::advance(double pieces) {
  if (display_ == nullptr) return;
  const std::scoped_lock lock(display_->mutex_);
  place_->done += pieces;
  place_->timed += pieces;
  place_->last = display_->settings_.now();
}

void Job::skip(double pieces) {
  if (display_ == nullptr) return;
  const std::scoped_lock lock(display_->mutex_);
  place_->done += pieces;
}

void Job::at(const std::string& text) {
  if (display_ == nullptr) return;
  const std::scoped_lock lock(display_->mutex_);
  place_->at = text;
}

Step::Step(const std::string& what, const std::string& like)
    : like_(like), exceptions_(std::uncaught_exceptions()), display_(g_display.load()) {
  if (display_ == nullptr) return;
  ProgressDisplay::Entry entry{what, "", ""};
  if (!like.empty()) entry.expected = known_duration(like);
  place_ = display_->add(std::move(entry));
}

Step::~Step() {
  if (display_ == nullptr) return;
  const double took = display_->seconds_since(place_->begin);
  display_->remove(place_);
  if (!like_.empty() && took > kMeasured && std::uncaught_exceptions() == exceptions_) keep_duration(like_, took);
}

void say(const std::string& line) {
  ProgressDisplay* const display = g_display.load();
  if (display == nullptr) {
    std::cerr << line + "\n" << std::flush;
    return;
  }
  const std::scoped_lock lock(display->mutex_);
  display->clear_line();
  display->settings_.out << line << std::endl;
}

}  // namespace subbyte::sim
