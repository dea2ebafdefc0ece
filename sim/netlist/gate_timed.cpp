#include "sim/netlist/gate_timed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace subbyte::sim {
namespace {

template <unsigned kInputs>
std::uint64_t value_of_sum(const std::uint64_t* coefficients, const std::uint64_t* inputs) {
  if constexpr (kInputs == 0) {
    return *coefficients;
  } else {
    return value_of_sum<kInputs - 1>(coefficients, inputs) ^
           (inputs[kInputs - 1] & value_of_sum<kInputs - 1>(coefficients + (1U << (kInputs - 1)), inputs));
  }
}

/// Looks every lane up, for the rare cells of more than six inputs.
std::uint64_t value_of_table(const std::uint64_t* table, const std::uint64_t* inputs, std::size_t count) {
  std::uint64_t value = 0;
  for (unsigned lane = 0; lane < 64; ++lane) {
    std::size_t pattern = 0;
    for (std::size_t i = 0; i < count; ++i) pattern |= (inputs[i] >> lane & 1) << i;
    value |= (table[pattern / 64] >> pattern % 64 & 1) << lane;
  }
  return value;
}

std::uint64_t value_of_any(const std::uint64_t* function, const std::uint64_t* inputs, std::size_t count) {
  static_assert(TimedNetlist::kMostInWord == 6);
  switch (count) {
    case 0:
      return value_of_sum<0>(function, inputs);
    case 1:
      return value_of_sum<1>(function, inputs);
    case 2:
      return value_of_sum<2>(function, inputs);
    case 3:
      return value_of_sum<3>(function, inputs);
    case 4:
      return value_of_sum<4>(function, inputs);
    case 5:
      return value_of_sum<5>(function, inputs);
    case 6:
      return value_of_sum<6>(function, inputs);
    default:
      return value_of_table(function, inputs, count);
  }
}

}  // namespace

TimedSimulator::TimedSimulator(const TimedNetlist& netlist, std::uint64_t lanes, std::span<const double> prices)
    : netlist_(netlist),
      lanes_(lanes),
      waveforms_(netlist.nets()),
      values_(netlist.nets(), 0),
      next_(netlist.nets(), 0),
      timed_(netlist.nets(), 0),
      settled_(netlist.nets(), 0) {
  if (prices.empty()) return;
  for (const Net net : netlist.nets_) prices_.push_back(prices[net]);
}

/// The inputs of a gate, and the changes that they come to next. With a kInputs of 0 the gate has any number of them.
template <unsigned kInputs>
struct TimedSimulator::MovingInputs {
  static constexpr std::size_t kPlaces = kInputs == 0 ? TimedNetlist::kMostInputs : kInputs;
  std::size_t count = 0;
  const std::uint64_t* function = nullptr;
  const WaveEvent* at[kPlaces];
  std::uint64_t values[kPlaces];

  std::size_t size() const { return kInputs == 0 ? count : kInputs; }
  Femtoseconds next() const {
    Femtoseconds time = kNever;
    for (std::size_t i = 0; i < size(); ++i) time = std::min(time, at[i]->time);
    return time;
  }
  void move_to(Femtoseconds time) {
    for (std::size_t i = 0; i < size(); ++i) {
      const bool moves = at[i]->time == time;
      values[i] ^= moves ? at[i]->lanes : 0;
      at[i] += moves ? 1 : 0;
    }
  }
  std::uint64_t value() const {
    if constexpr (kInputs != 0)
      return value_of_sum<kInputs>(function, values);
    else
      return value_of_any(function, values, count);
  }
};

void TimedSimulator::load(const NetValues& settled) {
  for (std::size_t slot = 0; slot < values_.size(); ++slot) next_[slot] = settled[netlist_.nets_[slot]];
  values_ = next_;
  for (std::size_t g = 0; g < netlist_.gates_.size(); ++g) {
    const TimedNetlist::Gate& gate = netlist_.gates_[g];
    std::uint64_t inputs[TimedNetlist::kMostInputs];
    for (std::uint32_t i = 0; i < gate.inputs; ++i) inputs[i] = values_[netlist_.inputs_[gate.first_input + i].slot];
    next_[netlist_.sources_ + g] = value_of_any(netlist_.functions_.data() + gate.function, inputs, gate.inputs);
  }
  check(settled);
}

void TimedSimulator::cycle(const NetValues& settled) {
  start_sources(settled);
  for (std::size_t g = 0; g < netlist_.gates_.size(); ++g) run_gate_of(g);
  check(settled);
  std::swap(values_, next_);
}

void TimedSimulator::start_sources(const NetValues& settled) {
  for (std::size_t slot = 0; slot < netlist_.sources_; ++slot) {
    const std::uint64_t before = values_[slot], moved = (settled[netlist_.nets_[slot]] ^ before) & lanes_;
    const auto [rise, fall] = netlist_.source_delays_[slot];
    output_.start(before, 1);
    output_.want(before ^ moved, rise, fall);
    output_.finish();
    keep(slot);
  }
}

/// Counts and keeps the waveform that has been written.
void TimedSimulator::keep(std::size_t slot) {
  const std::span<const WaveEvent> waveform = output_.waveform();
  next_[slot] = output_.value();
  if (waveform.empty()) return;
  std::uint64_t count = 0;
  for (const WaveEvent& event : waveform)  // most are of one lane
    count += std::has_single_bit(event.lanes) ? 1 : static_cast<std::uint64_t>(std::popcount(event.lanes));
  timed_[slot] += count;
  settled_[slot] += static_cast<std::uint64_t>(std::popcount(values_[slot] ^ next_[slot]));
  events_ += waveform.size();
  if (!prices_.empty()) charge(slot);
  if (netlist_.read_[slot]) waveforms_[slot] = pool_.keep(waveform);
}

/// Charges the waveform that has been written to its lanes.
void TimedSimulator::charge(std::size_t slot) {
  const double price = prices_[slot];
  for (const WaveEvent& event : output_.waveform())
    for (std::uint64_t lanes = event.lanes; lanes != 0; lanes &= lanes - 1)
      energies_.timed[static_cast<std::size_t>(std::countr_zero(lanes))] += price;
  for (std::uint64_t lanes = values_[slot] ^ next_[slot]; lanes != 0; lanes &= lanes - 1)
    energies_.settled[static_cast<std::size_t>(std::countr_zero(lanes))] += price;
}

template <unsigned kInputs>
void TimedSimulator::run_gate(std::size_t g) {
  static constexpr WaveEvent kEnd{};
  const TimedNetlist::Gate& gate = netlist_.gates_[g];
  const TimedNetlist::Input* from = netlist_.inputs_.data() + gate.first_input;
  MovingInputs<kInputs> inputs;
  inputs.count = gate.inputs;
  inputs.function = netlist_.functions_.data() + gate.function;
  std::size_t most = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const WaveformPool::Waveform& waveform = waveforms_[from[i].slot];
    const bool moves = waveform.events != nullptr;
    inputs.at[i] = moves ? waveform.events : &kEnd;
    most += moves ? waveform.count : 0;
    inputs.values[i] = values_[from[i].slot];
  }
  const std::size_t slot = netlist_.sources_ + g;
  output_.start(values_[slot], most);
  for (Femtoseconds time = inputs.next(); time != kNever; time = inputs.next()) {
    output_.advance(time);  // what is due appears before the inputs of the same moment are seen
    inputs.move_to(time);
    output_.want(inputs.value(), time + gate.delay[0], time + gate.delay[1]);
  }
  output_.finish();
  evaluations_ += most;
  keep(slot);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (from[i].last) pool_.release(waveforms_[from[i].slot]);
}

void TimedSimulator::run_gate_of(std::size_t gate) {
  switch (netlist_.gates_[gate].inputs) {
    case 1:
      return run_gate<1>(gate);
    case 2:
      return run_gate<2>(gate);
    case 3:
      return run_gate<3>(gate);
    case 4:
      return run_gate<4>(gate);
    default:
      return run_gate<0>(gate);
  }
}

void TimedSimulator::check(const NetValues& settled) const {
  for (std::size_t slot = 0; slot < next_.size(); ++slot) {
    const std::uint64_t wrong = (next_[slot] ^ settled[netlist_.nets_[slot]]) & lanes_;
    if (wrong == 0) continue;
    const std::uint64_t value = next_[slot] >> std::countr_zero(wrong) & 1;
    throw std::runtime_error(
        fmt::format("netlist: net {} settles at {}, without delays at {}", netlist_.nets_[slot], value, 1 - value));
  }
}

}  // namespace subbyte::sim
