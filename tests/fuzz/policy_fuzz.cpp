// libFuzzer target that reads any bytes as a policy file.
#include <string>

#include "sim/config/policy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto policy = subbyte::sim::parse_policy_file(text, "fuzz.yaml");
    policy.format_of("model.layers.0.mlp.up_proj");
    policy.check(std::vector<std::string>{"model.layers.0.mlp.up_proj", "lm_head"});
  } catch (const subbyte::sim::ConfigError&) {
    return 0;
  }
  return 0;
}
