#include "sim/workload/model_shape_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "quant/base/suggestion.hpp"
#include "sim/base/file_roles.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/paths.hpp"
#include "sim/config/config.hpp"
#include "sim/config/config_paths.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostParameters = 1'000'000'000'000'000;

constexpr std::string_view kWorkloads = "workloads";  ///< their folder in configs/

fs::path directory() { return source_folder() / "configs" / kWorkloads; }

std::size_t count(ConfigNode& root, Key key, std::size_t most) {
  return static_cast<std::size_t>(root.integer(key, 1, static_cast<std::int64_t>(most)));
}

std::size_t count_or(ConfigNode& root, Key key, std::size_t fallback, std::size_t least, std::size_t most) {
  return static_cast<std::size_t>(root.integer_or(key, static_cast<std::int64_t>(fallback),
                                                  static_cast<std::int64_t>(least), static_cast<std::int64_t>(most)));
}

void read_widths(ConfigNode& root, ModelShape& shape) {
  shape.layers = count(root, {"layers", "The number of decoder blocks."}, kMostLayers);
  shape.hidden_size = count(root, {"hidden_size", "The width of the values between blocks."}, kMostWidth);
  shape.heads = count(root, {"heads", "The number of query heads in each block."}, kMostHeads);
  shape.kv_heads =
      count(root, {"kv_heads", "The number of key and value heads in each block, a divisor of heads."}, kMostHeads);
  shape.head_dim = count(root, {"head_dim", "The width of a query, a key and a value of one head."}, kMostHeadDim);
  shape.intermediate_size =
      count(root, {"intermediate_size", "The width inside the MLP, or inside each of its experts."}, kMostIntermediate);
  shape.vocab_size = count(root, {"vocab_size", "The rows of the embedding and of the head."}, kMostVocabulary);
  shape.tied_head =
      root.boolean({"tied_head", "Whether the head is the matrix of the embedding, which then counts once."});
}

void read_rest(ConfigNode& root, ModelShape& shape) {
  shape.experts = count_or(root, {"experts", "The number of MLPs in each block, among which a router chooses."}, 1, 1,
                           kMostExperts);
  shape.experts_per_token =
      count_or(root, {"experts_per_token", "The number of experts that each token goes through."}, 1, 1, kMostExperts);
  shape.learned_positions = count_or(root,
                                     {"learned_positions",
                                      "The rows of a learned embedding of positions, of an "
                                      "architecture that has one."},
                                     0, 0, kMostVocabulary);
  shape.rotary_dim = count_or(root,
                              {"rotary_dim",
                               "The elements of a query and of a key that RoPE turns. Left out, all of head_dim; none "
                               "with learned positions."},
                              shape.learned_positions > 0 ? 0 : shape.head_dim, 0, kMostHeadDim);
  const bool known = std::ranges::count(architecture_names(), shape.architecture) > 0;
  shape.activation = root.choice_or(
      {"activation", "The function inside the MLP. Left out, that of the architecture: silu, or another one."},
      known ? usual_activation(shape.architecture) : known_activations().front(), known_activations());
  if (!root.has("biases")) return;
  const std::vector<std::string> allowed{"qkv", "output", "mlp", "head"};
  const std::vector<std::string> biases = root.choices(
      {"biases",
       "The linear layers that add a bias: qkv are the query, key and value projections, output is that of attention, "
       "mlp are all of the MLP, and head is the last one. Left out, none does."},
      allowed);
  const auto among = [&](const std::string& word) { return std::ranges::find(biases, word) != biases.end(); };
  shape.biases = {among("qkv"), among("output"), among("mlp"), among("head")};
}

/// Records what single keys cannot show.
void check_together(ConfigNode& root, const ModelShape& shape, std::int64_t parameters) {
  if (shape.heads % shape.kv_heads != 0)
    root.problem("kv_heads", fmt::format("is {}, expected a divisor of heads {}", shape.kv_heads, shape.heads));
  if (has_experts(shape.architecture) != root.has("experts"))
    root.problem("experts", root.has("experts")
                                ? fmt::format("stands in a file of {}, which has none", shape.architecture)
                                : fmt::format("is missing, expected how many experts this {} has", shape.architecture));
  if (shape.experts_per_token > shape.experts)
    root.problem("experts_per_token",
                 fmt::format("is {}, expected at most the {} experts", shape.experts_per_token, shape.experts));
  if (has_learned_positions(shape.architecture) != (shape.learned_positions > 0))
    root.problem("learned_positions",
                 fmt::format("is {}, expected {} of {}", shape.learned_positions,
                             shape.learned_positions > 0 ? "none" : "at least 1", shape.architecture));
  if (shape.rotary_dim > shape.head_dim || shape.rotary_dim % 2 != 0)
    root.problem("rotary_dim",
                 fmt::format("is {}, expected an even number up to head_dim {}", shape.rotary_dim, shape.head_dim));
  const std::uint64_t counted = parameter_count(shape);
  if (parameters > 0 && static_cast<std::uint64_t>(parameters) != counted)
    root.problem("parameters", fmt::format("is {}, but this shape has {}: one of its numbers is another model's, or "
                                           "something is counted that is not a decoder's",
                                           parameters, counted));
}

ModelShape read_shape(const Config& config) {
  ConfigNode root = config.root();
  ModelShape shape;
  shape.name = root.text({"name", "What results call the model."});
  shape.source = root.text({"source", "Where the figures were published: the model's config.json."});
  shape.architecture = root.choice(
      {"architecture",
       "The architecture, as a config.json calls it (model_type). It says the names of the linear layers, whether the "
       "MLP is gated, and which norms there are; query, key and value are three layers, and nothing is fused."},
      architecture_names());
  read_widths(root, shape);
  read_rest(root, shape);
  std::int64_t parameters = 0;
  if (root.has("parameters"))
    parameters =
        root.integer({"parameters", "The published number of parameters, which is compared with that of the shape."}, 1,
                     kMostParameters);
  config.finish();
  check_together(root, shape, parameters);
  config.stop_at_problems();
  return shape;
}

ModelShapeFile read_folder(const fs::path& folder) {
  note_input_folder(folder.string());
  return read_hf_model_shape(FileBytes::map(folder / "config.json"));
}

}  // namespace

std::vector<KeyEntry> workload_keys() {
  return described_keys([](const Config& config) { read_shape(config); });
}

std::vector<std::string> model_shape_names() {
  std::vector<std::string> names = config_names(kWorkloads);
  for (const auto& entry : fs::directory_iterator(directory()))
    if (fs::exists(entry.path() / "config.json")) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

ModelShape parse_model_shape(const std::string& text, const std::string& origin) {
  return read_shape(Config::parse(text, origin));
}

ModelShapeFile read_model_shape(const std::string& name_or_path) {
  const std::vector<std::string> names = model_shape_names();
  if (std::ranges::find(names, name_or_path) != names.end()) {
    const fs::path file = config_file(kWorkloads, name_or_path);
    return fs::exists(file) ? ModelShapeFile{read_shape(Config::read(file))} : read_folder(directory() / name_or_path);
  }
  if (name_or_path.ends_with(".json")) return read_hf_model_shape(FileBytes::map(name_or_path));
  if (fs::is_directory(name_or_path)) return read_folder(name_or_path);
  if (is_path(name_or_path, FileKind::kYaml)) return {read_shape(Config::read(name_or_path))};
  throw InputError("", "workload",
                   fmt::format("'{}' is no model shape, {}", name_or_path,
                               quant::expectation(name_or_path, names,
                                                  "the path of a YAML file, of a config.json or of its folder")));
}

}  // namespace subbyte::sim
