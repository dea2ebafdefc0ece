#include "sim/packed/decoded_file.hpp"

#include "sim/base/output_file.hpp"
#include "sim/files/safetensors.hpp"

namespace subbyte::sim {

void write_decoded(const std::string& path, const PackedFile& packed, const std::vector<std::string>& layers) {
  std::vector<SafetensorsField> fields;
  std::size_t bytes = 0;
  for (const std::string& name : layers) {
    const PackedFile::Layer& layer = packed.layer(name);
    fields.push_back({name + ".weight", "F32", {layer.rows, layer.cols}, layer.rows * layer.cols * sizeof(float)});
    bytes += fields.back().bytes;
  }
  const std::string header = safetensors_header(fields, {{"format", "pt"}});
  OutputFile out(path);
  out.reserve(header.size() + bytes);
  out.write(header);
  for (const std::string& name : layers) {
    const std::vector<float> values = packed.load_values(name);
    out.write({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
  }
  out.commit();
}

}  // namespace subbyte::sim
