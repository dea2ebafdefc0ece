// libFuzzer target that reads any bytes as a quantized checkpoint (GGUF, or safetensors of the conventions of
// compressed_tensors.hpp), which is imported layer by layer.
#include "sim/files/safetensors.hpp"
#include "sim/files/tensor_values.hpp"
#include "sim/packed/packed_import.hpp"

namespace subbyte::sim {
namespace {

std::vector<ImportedLayer> layers_of(const FileBytes& file) {
  if (file.starts_with("GGUF")) return gguf_layers(file, read_gguf(file));
  std::vector<FileTensor> tensors;
  for (StoredTensor& stored : read_safetensors(file).tensors) {
    std::string name = stored.name;
    tensors.push_back({file, std::move(stored), std::move(name)});
  }
  return compressed_layers(tensors, nullptr, {quant::TensorScale::kEncode});
}

void load(const ImportedLayer& layer) {
  if (layer.problem) return;
  try {
    if (layer.load) {
      const quant::PackedTensor tensor = layer.load();
      std::vector<float> row(tensor.cols);
      for (std::size_t r = 0; r < tensor.rows; ++r) tensor.decode_row(r, row);
    } else {
      to_floats(layer.source.file, layer.source.stored);
    }
  } catch (const InputError&) {
    return;  // A layer that is refused must not hide the others.
  }
}

}  // namespace
}  // namespace subbyte::sim

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace subbyte::sim;
  try {
    for (const ImportedLayer& layer : layers_of(FileBytes::own({data, data + size}, "fuzz"))) load(layer);
  } catch (const InputError&) {
    return 0;
  }
  return 0;
}
