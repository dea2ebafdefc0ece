#include "models/systemc/stream.hpp"

#include <mutex>
#include <stdexcept>
#include <string>

#include "kernels/contract/flow.hpp"

namespace subbyte::models {
namespace {

// The SystemC kernel keeps its state in one global object and refuses a second elaboration in it. Every run therefore
// gets a context of its own, which is destroyed after its modules (libsystemc 2.3.4 frees all of it, and LeakSanitizer
// stays silent).
class SimulationContext {
 public:
  SimulationContext()
      : previous_(sc_core::sc_curr_simcontext),
        previous_default_(sc_core::sc_default_global_context),
        own_(std::make_unique<sc_core::sc_simcontext>()) {
    sc_core::sc_curr_simcontext = own_.get();
    sc_core::sc_default_global_context = own_.get();
  }
  ~SimulationContext() {
    own_.reset();
    sc_core::sc_curr_simcontext = previous_;
    sc_core::sc_default_global_context = previous_default_;
  }
  SimulationContext(const SimulationContext&) = delete;
  SimulationContext& operator=(const SimulationContext&) = delete;

 private:
  sc_core::sc_simcontext* previous_;
  sc_core::sc_simcontext* previous_default_;
  std::unique_ptr<sc_core::sc_simcontext> own_;
};

// Driver, sink and clock stand in one process, because an activation costs 20 to 30 ns. At each edge it takes note of
// the handshakes, and then presents the next cycle.
class Bench : public sc_core::sc_module {
 public:
  Bench(sc_core::sc_module_name name, Channels& channels, const kernels::Stimulus& stimulus, kernels::Trace& trace,
        std::size_t out_words)
      : sc_module(name),
        channels_(channels),
        stimulus_(stimulus),
        flow_(kernels::flow_of(stimulus)),
        trace_(trace),
        out_words_(out_words),
        slots_(kSlots * stimulus.input.words) {
    SC_HAS_PROCESS(Bench);
    SC_METHOD(edge);
    sensitive << channels.clock;
    channels.in.data.write(slots_.data());
  }

 private:
  // The unit's stage 1 may point at the beat before the one presented, while the next one is being written.
  static constexpr std::size_t kSlots = 4;

  void edge() try {
    if (channels_.failure) return;
    if (running_) {
      sample();
      if (ended()) return;
      ++cycle_;
    }
    running_ = true;
    present();
    channels_.clock.notify(period_);
  } catch (...) {
    channels_.failure = std::current_exception();
  }

  void sample() {
    if (pending_ && channels_.in.ready.read()) {
      pending_ = false;
      last_handshake_ = cycle_;
    }
    if (channels_.out.ready.read() && channels_.out.valid.read()) {
      const std::span<const std::uint64_t> beat{channels_.out.data.read(), out_words_};
      trace_.append(beat, cycle_);
      flow_->taken(beat, cycle_);
      last_handshake_ = cycle_;
    }
  }

  bool ended() const {
    const std::uint64_t quiet = cycle_ - last_handshake_;  // wraps to cycle + 1 before the first handshake
    const bool all_accepted = next_ == stimulus_.input.count && !pending_;
    if (all_accepted && trace_.size() >= stimulus_.least_outputs)
      return quiet >= kernels::kQuietCycles && cycle_ >= stimulus_.config.size();
    if (quiet < stimulus_.deadlock_cycles) return false;
    throw kernels::RunFailure("systemc: deadlock at cycle " + std::to_string(cycle_) + ": no handshake for " +
                              std::to_string(quiet) + " cycles, " + std::to_string(next_ - pending_) + " of " +
                              std::to_string(stimulus_.input.count) + " input beats accepted, " +
                              std::to_string(trace_.size()) + " output beats given");
  }

  void present() {
    const bool configuring = cycle_ < stimulus_.config.size();
    channels_.config.write(configuring ? &stimulus_.config[cycle_] : nullptr);
    if (!pending_ && !configuring && next_ < stimulus_.input.count && flow_->offers(cycle_)) {
      const std::span<std::uint64_t> beat{slots_.data() + next_ % kSlots * stimulus_.input.words,
                                          stimulus_.input.words};
      stimulus_.input.fill(next_++, beat);
      pending_ = true;
      channels_.in.data.write(beat.data());
    }
    channels_.in.valid.write(pending_);
    channels_.out.ready.write(flow_->takes(cycle_));
  }

  Channels& channels_;
  const kernels::Stimulus& stimulus_;
  std::unique_ptr<kernels::Flow> flow_;
  kernels::Trace& trace_;
  std::size_t out_words_;
  std::vector<std::uint64_t> slots_;
  const sc_core::sc_time period_{1, sc_core::SC_NS};
  std::uint64_t cycle_ = 0;
  std::uint64_t last_handshake_ = UINT64_MAX;
  std::size_t next_ = 0;
  bool pending_ = false;
  bool running_ = false;
};

}  // namespace

kernels::Trace run_model(const kernels::BeatShape& output, const kernels::Stimulus& stimulus,
                         kernels::TraceWindow window, const BuildUnit& build) {
  static std::mutex kernel_in_use;
  const std::scoped_lock lock(kernel_in_use);
  kernels::Trace trace(output, true, window);
  const SimulationContext context;
  Channels channels;
  const std::unique_ptr<sc_core::sc_module> unit = build(channels);
  Bench bench("bench", channels, stimulus, trace, output.words());
  sc_core::sc_start();
  if (channels.failure) std::rethrow_exception(channels.failure);
  return trace;
}

}  // namespace subbyte::models
