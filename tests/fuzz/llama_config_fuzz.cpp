// libFuzzer target that reads any bytes as a config.json.
#include "sim/checkpoint/llama_config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto file = subbyte::sim::FileBytes::own({data, data + size}, "fuzz");
    subbyte::sim::read_hf_config(file);
    subbyte::sim::read_hf_tied(file);
  } catch (const subbyte::sim::InputError&) {
    return 0;
  }
  return 0;
}
