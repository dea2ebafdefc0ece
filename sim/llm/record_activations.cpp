#include "sim/llm/record_activations.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <bit>

#include "quant/base/float16.hpp"
#include "sim/base/input_error.hpp"
#include "sim/files/safetensors.hpp"

namespace subbyte::sim {

static_assert(std::endian::native == std::endian::little, "safetensors holds little-endian values");

void ActivationRecorder::observe(const LinearLayer& layer, std::span<const float> x) {
  Recording& recording = layers_[layer.name];
  recording.cols = layer.cols;
  const std::size_t wanted = tokens_ * layer.cols - recording.bits.size();
  for (const float value : x.first(std::min(wanted, x.size()))) {
    recording.bits.push_back(quant::half_from_float(value));
    if (quant::half_is_finite(recording.bits.back())) continue;
    throw InputError("", fmt::format("layer '{}'", layer.name),
                     fmt::format("input {} overflows FP16, expected at most 65504 in magnitude", value));
  }
}

void ActivationRecorder::write(const std::string& path, const std::string& model,
                               std::span<const std::uint32_t> ids) const {
  std::vector<SafetensorsEntry> entries;
  for (const auto& [name, recording] : layers_) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(recording.bits.data());
    entries.push_back({name,
                       "F16",
                       {recording.bits.size() / recording.cols, recording.cols},
                       {bytes, recording.bits.size() * sizeof(std::uint16_t)}});
  }
  write_safetensors(path, entries,
                    {{"what", "FP16 input of each linear layer of the unquantized model, [token][input]"},
                     {"model", model},
                     {"tokens", fmt::format("{}", fmt::join(ids, " "))}});
}

}  // namespace subbyte::sim
