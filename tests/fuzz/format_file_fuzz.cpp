// libFuzzer target that reads any bytes as the definition of a format. One that is accepted quantizes, and its
// description reads back.
#include <cstdlib>
#include <string>
#include <vector>

#include "quant/rules/quantize.hpp"
#include "sim/config/format_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace subbyte;
  quant::Format format;
  try {
    format = sim::parse_format_definition(std::string(reinterpret_cast<const char*>(data), size), "fuzz.yaml");
  } catch (const sim::ConfigError&) {
    return 0;
  }
  const std::vector<float> weights{0.5F, -0.25F, 0, 3, -1e-3F, 1e-40F, 7, -8, 0.1F};
  const auto tensor = quant::quantize({weights, 1, weights.size()}, format);
  quant::validate(tensor);
  std::vector<float> decoded(weights.size());
  tensor.decode_row(0, decoded);
  const std::string text = sim::describe(format);
  if (sim::describe(sim::parse_description(text)) != text) std::abort();
  return 0;
}
