#include "sim/checkpoint/llama2c.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace subbyte::sim {
namespace {

constexpr std::array<std::string_view, 7> kFields{"dim",        "hidden_dim", "n_layers", "n_heads",
                                                  "n_kv_heads", "vocab_size", "seq_len"};
constexpr std::uint64_t kHeaderBytes = 4 * kFields.size();
constexpr std::uint32_t kLaterMagic = 0x616B3432;  // "ak42" begins versions 1 and 2

struct Shape {
  std::uint64_t dim, hidden, layers, heads, kv_heads, vocab, length;
  bool shared_classifier;
};

std::array<std::int32_t, 7> read_fields(const FileBytes& file) {
  std::array<std::int32_t, 7> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = file.read<std::int32_t>(4 * i, fmt::format("the header field {}", kFields[i]));
  }
  return values;
}

Shape read_shape(const FileBytes& file) {
  if (file.size() >= 4 && file.read<std::uint32_t>(0, "the header") == kLaterMagic) {
    file.fail(0, "a llama2.c checkpoint of version 1 or later, expected version 0 (export.py --version 0)");
  }
  const auto fields = read_fields(file);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool vocabulary = i == 5;
    if (fields[i] <= 0 && !(vocabulary && fields[i] < 0 && fields[i] != INT32_MIN)) {
      file.fail(4 * i, fmt::format("{} is {}, expected a {} integer", kFields[i], fields[i],
                                   vocabulary ? "nonzero" : "positive"));
    }
  }
  const auto size = [&](std::size_t i) { return static_cast<std::uint64_t>(fields[i]); };
  const auto vocab = static_cast<std::uint64_t>(fields[5] < 0 ? -fields[5] : fields[5]);
  const Shape shape{size(0), size(1), size(2), size(3), size(4), vocab, size(6), fields[5] > 0};
  if (shape.dim % shape.heads != 0 || shape.heads % shape.kv_heads != 0) {
    file.fail(12, fmt::format("n_heads is {} and n_kv_heads {}, expected n_heads to divide dim {} and n_kv_heads to "
                              "divide n_heads",
                              shape.heads, shape.kv_heads, shape.dim));
  }
  return shape;
}

/// Walks the file in order; every size is checked against the file before it is added.
class Walker {
 public:
  explicit Walker(const FileBytes& file) : file_(file) {}

  void skip(std::string_view what, std::initializer_list<std::uint64_t> shape) { at_ += bytes(what, shape); }
  /// Adds a tensor that is no linear layer and returns its index.
  std::size_t tensor(const std::string& name, std::vector<std::uint64_t> shape) {
    const std::uint64_t size = bytes(name, shape);
    StoredTensor stored{name, DataType::kF32, "FP32", {shape.begin(), shape.end()}, at_, false};
    contents_.tensors.push_back({file_, std::move(stored), name + ".weight"});
    at_ += size;
    return contents_.tensors.size() - 1;
  }
  /// Adds `layers` vectors one after the other, named by `pattern` with the layer's number.
  void vectors(std::string_view pattern, std::uint64_t layers, std::uint64_t size) {
    bytes(pattern, {layers, size});
    for (std::uint64_t i = 0; i < layers; ++i) tensor(fmt::format(fmt::runtime(pattern), i), {size});
  }
  /// Does the same for linear layers.
  void matrices(std::string_view pattern, std::uint64_t layers, std::uint64_t rows, std::uint64_t cols) {
    bytes(pattern, {layers, rows, cols});
    for (std::uint64_t i = 0; i < layers; ++i) {
      const std::string name = fmt::format(fmt::runtime(pattern), i);
      layer(name, tensor(name, {rows, cols}));
    }
  }
  void layer(std::string name, std::size_t tensor) {
    const auto& shape = contents_.tensors[tensor].stored.shape;
    contents_.layers.push_back({std::move(name), shape[0], shape[1]});
    contents_.sources.push_back(tensor);
  }
  Checkpoint finish(const LlamaConfig& config) {
    if (at_ != file_.size()) {
      file_.fail(at_, fmt::format("{} bytes after the last tensor, expected none for this header", file_.size() - at_));
    }
    contents_.path = file_.name();
    contents_.llama.config = config;
    return Checkpoint(std::move(contents_));
  }

 private:
  std::uint64_t bytes(std::string_view what, const std::vector<std::uint64_t>& shape) {
    const auto needed = checked_bytes(shape, sizeof(float));
    if (!needed || *needed > file_.size() - at_) {
      file_.fail(
          at_, fmt::format("truncated: the tensors '{}' [{}] need {} bytes, {} are left", what, fmt::join(shape, ", "),
                           needed ? std::to_string(*needed) : "more than 2^63", file_.size() - at_));
    }
    return *needed;
  }

  const FileBytes& file_;
  std::uint64_t at_ = kHeaderBytes;
  CheckpointContents contents_;
};

LlamaConfig configuration(const Shape& s) {
  // As in run.c, eps is 1e-5, theta is 1e4, and the rotation is of adjacent pairs.
  return {s.dim, s.hidden, s.layers, s.heads, s.kv_heads, s.dim / s.heads, s.vocab, s.length, 1e-5F, 1e4F, true};
}

}  // namespace

bool looks_like_llama2c(const FileBytes& file) {
  if (file.size() < kHeaderBytes) return false;
  const auto fields = read_fields(file);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i] == 0 || (fields[i] < 0 && i != 5)) return false;
  }
  return true;
}

Checkpoint open_llama2c(const FileBytes& file) {
  const Shape s = read_shape(file);
  const std::uint64_t kv = s.dim / s.heads * s.kv_heads;
  Walker walker(file);
  const std::size_t embedding = walker.tensor("model.embed_tokens", {s.vocab, s.dim});
  walker.vectors("model.layers.{}.input_layernorm", s.layers, s.dim);
  walker.matrices("model.layers.{}.self_attn.q_proj", s.layers, s.dim, s.dim);
  walker.matrices("model.layers.{}.self_attn.k_proj", s.layers, kv, s.dim);
  walker.matrices("model.layers.{}.self_attn.v_proj", s.layers, kv, s.dim);
  walker.matrices("model.layers.{}.self_attn.o_proj", s.layers, s.dim, s.dim);
  walker.vectors("model.layers.{}.post_attention_layernorm", s.layers, s.dim);
  walker.matrices("model.layers.{}.mlp.gate_proj", s.layers, s.hidden, s.dim);
  walker.matrices("model.layers.{}.mlp.down_proj", s.layers, s.dim, s.hidden);
  walker.matrices("model.layers.{}.mlp.up_proj", s.layers, s.hidden, s.dim);
  walker.tensor("model.norm", {s.dim});
  // These are freq_cis_real and freq_cis_imag, which run.c skips too.
  walker.skip("rotary tables", {2, s.length, s.dim / s.heads / 2});
  if (s.shared_classifier) {
    walker.layer("lm_head", embedding);
  } else {
    walker.matrices("lm_head", 1, s.vocab, s.dim);
  }
  return walker.finish(configuration(s));
}

}  // namespace subbyte::sim
