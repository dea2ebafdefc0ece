// What a layer's simulation is given: packed weights of one layer, and activations from the best source there
// is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quant/formats/packed_tensor.hpp"
#include "sim/workload/activations.hpp"
#include "sim/workload/workload.hpp"

namespace subbyte::sim {

class Checkpoint;
struct LinearLayer;
class PackedFile;
class Policy;

/// Runs a model on its own text and gives the inputs that a layer sees, [tokens][in]. Gives nothing for a model that
/// cannot be run, or that has no text beside it. (sim/llm/record_activations.hpp has one; this wing knows no forward
/// pass.)
using RecordActivations =
    std::function<std::optional<Activations>(const Checkpoint& model, const LinearLayer& layer, std::size_t tokens)>;

/// The inputs that a layer gets. Without a file they are those of the model that the weights are of, recorded by
/// `record` or, for the embedded model, kept beside it; where there are none they are Gaussian. They are never those of
/// another model, though names and widths may agree.
struct ActivationQuery {
  std::string file = {};                   ///< a file of them; empty: as above
  std::string model = {};                  ///< of a packed file, the model that it was packed from; empty: not told
  RecordActivations record = {};           ///< may be empty
  std::optional<std::size_t> tokens = {};  ///< default: all of the file's, or 16
  std::uint64_t seed = 1;                  ///< of Gaussian activations
};

struct LayerInputs {
  std::string layer;
  std::size_t layers = 0;  ///< in the file or model
  quant::PackedTensor weights;
  Activations activations;
  std::string model;   ///< the path of the model that the weights are of; empty where it is not known
  bool drawn = false;  ///< whether the activations were drawn from the seed
  std::string origin;  ///< of the activations, for results; says why nothing recorded was used
};

/// The packed file, or the model with its policy, opened once for all its layers.
class LayerSource {
 public:
  explicit LayerSource(PackedFile file);
  /// `origin` is the name that the model was asked for by, for texts. Throws as Policy::check().
  LayerSource(Policy policy, std::shared_ptr<const Checkpoint> model, std::string origin);
  LayerSource(LayerSource&&) noexcept;
  ~LayerSource();
  std::span<const WorkloadLayer> layers() const { return layers_; }
  /// The name of the file or of the policy, for error texts.
  std::string text() const;
  /// The name of the file or of the model.
  const std::string& origin() const { return origin_; }
  /// The layer of that name, as the file or the model tells it; an empty name means the first quantized one. Throws
  /// InputError for a name that is not there, naming the nearest, and where no layer is quantized.
  const WorkloadLayer& layer(std::string_view name) const;
  /// Loads one of layers(). Throws InputError as the readers do, for a number of tokens that is not there, and for a
  /// layer that the packed file or the policy left unquantized.
  LayerInputs load(const WorkloadLayer& layer, const ActivationQuery& activations = {}) const;

 private:
  struct Opened;
  std::unique_ptr<Opened> opened_;
  std::string origin_;
  std::vector<WorkloadLayer> layers_;
};

/// Reads the names of a command: the packed file `weights`, or where that is empty `format` (parse_policy) of `model`.
/// Throws as the readers, parse_policy() and Policy::check().
LayerSource open_layers(const std::string& weights, const std::string& format, const std::string& model);
/// The model's layers in each of the formats; the model is opened once. Throws as open_checkpoint().
std::vector<std::shared_ptr<const LayerSource>> open_layers(std::span<const quant::Format> formats,
                                                            const std::string& model);

/// Standard normal numbers rounded to FP16. They depend on the seed alone, on every host.
Activations gaussian_activations(std::size_t tokens, std::size_t cols, std::uint64_t seed);

}  // namespace subbyte::sim
