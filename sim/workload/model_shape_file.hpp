// Reads model shapes: by their names in configs/workloads, from a YAML file of one's own, or from the config.json of a
// model on Hugging Face.
#pragma once

#include <string>
#include <vector>

#include "sim/base/file_bytes.hpp"
#include "sim/config/config_keys.hpp"
#include "sim/workload/model_shape.hpp"

namespace subbyte::sim {

struct ModelShapeFile {
  ModelShape shape;
  /// keys of a config.json that this reader does not know, in alphabetical order; it cannot say that they change
  /// nothing. A YAML file has none, because there an unknown key is an error.
  std::vector<std::string> unread = {};
};

/// Returns the names in configs/workloads, sorted: files NAME.yaml, and folders that hold a model with its config.json.
std::vector<std::string> model_shape_names();

/// Reads a name of model_shape_names(), or else the path of a YAML file (is_path), of a config.json (.json), or of a
/// folder with a config.json. Throws InputError for anything else, with the nearest name, and as those below do.
ModelShapeFile read_model_shape(const std::string& name_or_path);

/// Reads the keys that workload_keys() lists. Throws ConfigError with every problem, among them numbers of heads or
/// experts that do not go together, and a number of parameters that is not the shape's.
ModelShape parse_model_shape(const std::string& text, const std::string& origin);

/// Reads a config.json of one of architecture_names(); the shape's name is that of its folder, or of the file. Throws
/// InputError for bytes that are not a JSON object, for a key that is missing or out of range, and for whatever asks
/// for other layers than the architecture's, by the name of the key.
/// Sources: configuration_opt.py, configuration_phi.py and so on of transformers, which also say what holds where a key
/// is left out.
ModelShapeFile read_hf_model_shape(const FileBytes& file);

/// The keys of a file in configs/workloads.
std::vector<KeyEntry> workload_keys();

}  // namespace subbyte::sim
