// libFuzzer target that reads any bytes as the config.json of some architecture.
#include <string_view>

#include "tests/fuzz/model_shape_reader_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  subbyte::sim::read_any_config(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
