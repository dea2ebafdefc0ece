#include "models/fast/memory_times.hpp"

#include <algorithm>
#include <vector>

#include "kernels/contract/flow.hpp"

namespace subbyte::models {
namespace {

using kernels::CoreCommand;
using kernels::CoreTransfer;

/// Memory as the flow of a stimulus plays it.
class PlayedMemory : public MemoryTimes {
 public:
  PlayedMemory(const kernels::CoreCommandLayout& commands, const kernels::Stimulus& stimulus)
      : commands_(commands),
        flow_(kernels::flow_of(stimulus)),
        beat_(commands.shape.words()),
        input_free_(stimulus.config.size()) {}

  std::uint64_t command(CoreCommand kind, const CoreTransfer& transfer, std::uint64_t from) override {
    while (!flow_->takes(from)) ++from;
    std::ranges::fill(beat_, 0);
    commands_.set(beat_, kind, transfer);
    flow_->taken(beat_, from);
    return from;
  }
  std::uint64_t receive(std::uint32_t words, std::uint64_t from) override {
    std::uint64_t taken = 0;
    for (std::uint32_t w = 0; w < words; ++w) {
      while (!flow_->offers(input_free_)) ++input_free_;
      taken = std::max(input_free_, from);
      input_free_ = taken + 1;
    }
    return taken;
  }

 private:
  const kernels::CoreCommandLayout& commands_;
  std::unique_ptr<kernels::Flow> flow_;
  std::vector<std::uint64_t> beat_;
  std::uint64_t input_free_;
};

}  // namespace

std::uint64_t MemoryTimes::data(std::uint32_t words, std::uint64_t from) {
  for (std::uint32_t w = 0; w < words; ++w) from = command(CoreCommand::kData, {}, from) + 1;
  return from - 1;
}

std::uint64_t ChannelTimes::command(CoreCommand kind, const CoreTransfer& transfer, std::uint64_t from) {
  if (kind == CoreCommand::kData) return data(1, from);
  if (kind != CoreCommand::kReport) channel_.request(kind, transfer, from);
  return from;
}

// Words are a cycle apart at least, so that the last one decides.
std::uint64_t ChannelTimes::receive(std::uint32_t words, std::uint64_t from) {
  const std::uint64_t last = std::max(channel_.word_from(words - 1), from + words - 1);
  channel_.take_words(words);
  return last;
}

std::uint64_t ChannelTimes::data(std::uint32_t words, std::uint64_t from) {
  const std::uint64_t last = std::max(channel_.data_from(words - 1), from + words - 1);
  channel_.data(last, words);
  return last;
}

std::unique_ptr<MemoryTimes> played_memory(const kernels::CoreCommandLayout& commands,
                                           const kernels::Stimulus& stimulus) {
  return std::make_unique<PlayedMemory>(commands, stimulus);
}

}  // namespace subbyte::models
