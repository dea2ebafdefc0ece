// The `fast` engine of the core gives the cycle of every command and the report without data, by recurrences over the
// steps of the loop nest (kernels/CORE.md). They are equal to the cycles of the SystemC model and the RTL.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/trace.hpp"
#include "kernels/core/channel.hpp"
#include "kernels/core/core_layer.hpp"

namespace subbyte::models {

/// When memory takes commands and gives words. Calls come in the order of the commands.
class MemoryTimes {
 public:
  virtual ~MemoryTimes() = default;
  /// Returns the cycle in which a command is taken that is offered from cycle `from` on.
  virtual std::uint64_t command(kernels::CoreCommand kind, const kernels::CoreTransfer& transfer,
                                std::uint64_t from) = 0;
  /// Returns the cycle in which the last of `words` words is received, of which the first can be from cycle `from` on.
  virtual std::uint64_t receive(std::uint32_t words, std::uint64_t from) = 0;
  /// Returns the cycle in which the last of `words` words of data is taken, of which the first is offered from cycle
  /// `from` on and each next one in the cycle after its predecessor was taken.
  virtual std::uint64_t data(std::uint32_t words, std::uint64_t from);
};

/// The channel in closed form: no call takes longer for more words.
class ChannelTimes final : public MemoryTimes {
 public:
  explicit ChannelTimes(const kernels::ChannelParams& params) : channel_(params) {}
  std::uint64_t command(kernels::CoreCommand kind, const kernels::CoreTransfer& transfer, std::uint64_t from) override;
  std::uint64_t receive(std::uint32_t words, std::uint64_t from) override;
  std::uint64_t data(std::uint32_t words, std::uint64_t from) override;
  const kernels::ChannelWords& words() const { return channel_.words(); }

 private:
  kernels::Channel channel_;
};

/// What computing a step takes: cycles from the one after it begins, by cause.
struct CoreStepCycles {
  std::uint64_t fill = 0, work = 0, gap = 0, drain = 0;
  std::uint64_t total() const { return fill + work + gap + drain; }
};
/// `terms` are those of a code, as the tiles' encoder has them.
CoreStepCycles core_step_cycles(const kernels::CoreParams& params, const kernels::CoreLayer& layer, unsigned terms,
                                std::uint32_t n_tiles, std::uint32_t t_tiles);

/// The cycles of a layer by cause, in the order of kernels::kCoreCauses.
using CoreCounts = std::array<std::uint64_t, kernels::kCoreCauseCount>;

/// Runs a layer from cycle `start` on. Where `command` is not empty it is called with the cycle of every command but
/// those of the report.
CoreCounts core_cycles(const kernels::CoreParams& params, const kernels::CoreLayer& layer, unsigned terms,
                       std::uint64_t start, MemoryTimes& memory,
                       const std::function<void(std::uint64_t cycle)>& command = {});

/// Returns the trace of a stimulus of the core, whose beats are zeros but for the counts of the report.
kernels::Trace core_fast(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                         kernels::TraceWindow window);

}  // namespace subbyte::models
