// When the memory beside the core takes commands and gives words, for the `fast` engine (kernels/CORE.md).
#pragma once

#include <cstdint>
#include <memory>

#include "kernels/contract/stimulus.hpp"
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

/// Returns memory as the flow of a stimulus plays it, cycle by cycle. Both must outlive it.
std::unique_ptr<MemoryTimes> played_memory(const kernels::CoreCommandLayout& commands,
                                           const kernels::Stimulus& stimulus);

}  // namespace subbyte::models
