// What every model shares: the clock, the two streams and the configuration port as SystemC channels, the driver and
// sink that play a Stimulus, and the module that runs a unit's registers. This is private to models/, because it
// includes SystemC.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <systemc>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/trace.hpp"
#include "kernels/contract/unit.hpp"
#include "kernels/contract/unit_port.hpp"

namespace subbyte::models {

/// A ready/valid stream. A beat crosses as a pointer to its words, which the sender keeps unchanged until the
/// clock edge after the one that moves it.
struct Stream {
  sc_core::sc_signal<bool> valid;
  sc_core::sc_signal<bool> ready;
  sc_core::sc_signal<const std::uint64_t*> data;
};

/// The wires between a unit and its surroundings.
struct Channels {
  sc_core::sc_event clock;  ///< rising edge; an event costs half of what an sc_clock does
  Stream in;
  Stream out;
  sc_core::sc_signal<const kernels::ConfigWrite*> config;  ///< nullptr: cfg_valid_i is low
  std::exception_ptr failure;  ///< thrown in a process; ends the run and leaves run_model() (SystemC would flatten it)
};

using Inputs = kernels::PortInputs;
using Outputs = kernels::PortOutputs;

/// A unit is two processes: `settle` drives ready and valid from inputs and registers, and `edge` updates the
/// registers. Registers has `Outputs settle(const Inputs&)`, `void edge(const Inputs&)` and, where the unit has a
/// configuration port, `void configure(ConfigWrite)`. settle() was called with the same inputs before edge().
template <class Registers>
class UnitModule : public sc_core::sc_module {
 public:
  UnitModule(sc_core::sc_module_name name, Channels& channels, Registers& registers)
      : sc_module(name), channels_(channels), registers_(registers) {
    SC_HAS_PROCESS(UnitModule);
    SC_METHOD(settle);
    sensitive << channels.in.valid << channels.out.ready << changed_;
    SC_METHOD(edge);
    sensitive << channels.clock;
    dont_initialize();
  }

 private:
  Inputs inputs() const { return {channels_.in.valid.read(), channels_.out.ready.read(), channels_.in.data.read()}; }

  void settle() try {
    const Outputs outputs = registers_.settle(inputs());
    channels_.in.ready.write(outputs.in_ready);
    channels_.out.valid.write(outputs.out_valid);
    channels_.out.data.write(outputs.out_data);
  } catch (...) {
    channels_.failure = std::current_exception();
  }

  void edge() try {
    if constexpr (requires(Registers & r, kernels::ConfigWrite w) { r.configure(w); }) {
      if (const kernels::ConfigWrite* write = channels_.config.read()) registers_.configure(*write);
    }
    registers_.edge(inputs());
    changed_.notify(sc_core::SC_ZERO_TIME);
  } catch (...) {
    channels_.failure = std::current_exception();
  }

  Channels& channels_;
  Registers& registers_;
  sc_core::sc_event changed_;
};

/// Elaborates what `build` returns beside the driver and sink in a fresh simulation context, runs to the end
/// (kernels/contract/stimulus.hpp) and tears everything down.
using BuildUnit = std::function<std::unique_ptr<sc_core::sc_module>(Channels&)>;
kernels::Trace run_model(const kernels::BeatShape& output, const kernels::Stimulus& stimulus,
                         kernels::TraceWindow window, const BuildUnit& build);

/// Calls run_model() for a unit whose Registers are constructed from completed parameters (and `more`).
template <class Registers, class... More>
kernels::Trace run_unit(const kernels::UnitInfo& info, const kernels::Parameters& given,
                        const kernels::Stimulus& stimulus, kernels::TraceWindow window, More... more) {
  const kernels::Parameters parameters = kernels::resolve(info, given);
  if (!info.has_config && !stimulus.config.empty()) {
    throw std::invalid_argument("unit " + info.name + " has no configuration port, the stimulus has " +
                                std::to_string(stimulus.config.size()) + " configuration writes");
  }
  Registers registers(parameters, more...);
  return run_model(info.output_shape(parameters), stimulus, window, [&](Channels& channels) {
    return std::make_unique<UnitModule<Registers>>(info.name.c_str(), channels, registers);
  });
}

/// An output register as beats. Two slots are used in turn, so that the sink may read one at the edge that fills the
/// other.
class OutputSlots {
 public:
  explicit OutputSlots(std::size_t words) : words_(words), slots_(2 * words) {}
  /// Returns zeroed words of the next beat, which becomes the current one.
  std::span<std::uint64_t> next() {
    current_ = words_ - current_;
    const std::span<std::uint64_t> slot{slots_.data() + current_, words_};
    std::ranges::fill(slot, 0);
    return slot;
  }
  const std::uint64_t* current() const { return slots_.data() + current_; }

 private:
  std::size_t words_;
  std::size_t current_ = 0;
  std::vector<std::uint64_t> slots_;
};

}  // namespace subbyte::models
