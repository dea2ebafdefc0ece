// The channel at the streams of the core, for engines that run it cycle by cycle.
#pragma once

#include <functional>
#include <memory>

#include "kernels/contract/flow.hpp"
#include "kernels/core/channel.hpp"

namespace subbyte::kernels {

/// Returns what makes a flow of such a channel, for Stimulus::flow.
std::function<std::unique_ptr<Flow>()> channel_flow(const CoreParams& core, const ChannelParams& channel);

}  // namespace subbyte::kernels
