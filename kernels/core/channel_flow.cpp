#include "kernels/core/channel_flow.hpp"

namespace subbyte::kernels {
namespace {

class ChannelFlow : public Flow {
 public:
  ChannelFlow(const CoreParams& core, const ChannelParams& channel) : commands_(core), channel_(channel) {}

  bool offers(std::uint64_t cycle) override {
    if (!channel_.has_words() || channel_.word_from() > cycle) return false;
    channel_.take_words();  // the core takes a word that it asked for in the cycle in which it is offered
    return true;
  }
  bool takes(std::uint64_t cycle) override { return !channel_.expects_data() || channel_.data_from() <= cycle; }
  void taken(std::span<const std::uint64_t> beat, std::uint64_t cycle) override {
    const auto kind = static_cast<CoreCommand>(get_bits(beat, 0, 2));
    if (kind == CoreCommand::kData) return channel_.data(cycle);
    if (kind == CoreCommand::kReport) return;
    channel_.request(kind,
                     {static_cast<std::uint32_t>(get_bits(beat, commands_.address, 32)),
                      static_cast<std::uint32_t>(get_bits(beat, commands_.words, 24))},
                     cycle);
  }

 private:
  CoreCommandLayout commands_;
  Channel channel_;
};

}  // namespace

std::function<std::unique_ptr<Flow>()> channel_flow(const CoreParams& core, const ChannelParams& channel) {
  return [core, channel] { return std::make_unique<ChannelFlow>(core, channel); };
}

}  // namespace subbyte::kernels
