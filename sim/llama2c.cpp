#include "sim/llama2c.hpp"

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
constexpr std::uint32_t kLaterMagic = 0x616B3432;  // "ak42": versions 1 and 2

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
    file.fail(12, fmt::format(
                      "n_heads is {} and n_kv_heads {}, expected n_heads to divide dim {} and n_kv_heads to "
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
  /// `layers` matrices one after the other, named by `pattern` with the layer's number.
  void matrices(std::string_view pattern, std::uint64_t layers, std::uint64_t rows, std::uint64_t cols) {
    const std::uint64_t each = bytes(pattern, {layers, rows, cols}) / layers;
    for (std::uint64_t i = 0; i < layers; ++i) {
      add(fmt::format(fmt::runtime(pattern), i), at_, rows, cols);
      at_ += each;
    }
  }
  void add(std::string name, std::uint64_t offset, std::uint64_t rows, std::uint64_t cols) {
    tensors_.push_back({name, DataType::kF32, "FP32", {rows, cols}, offset, false});
    names_.push_back(std::move(name));
  }
  std::uint64_t at() const { return at_; }
  Model finish() {
    if (at_ != file_.size()) {
      file_.fail(at_, fmt::format("{} bytes after the last tensor, expected none for this header",
                                  file_.size() - at_));
    }
    return Model(file_, std::move(tensors_), std::move(names_));
  }

 private:
  std::uint64_t bytes(std::string_view what, std::initializer_list<std::uint64_t> shape) {
    const auto needed = checked_bytes({shape.begin(), shape.size()}, sizeof(float));
    if (!needed || *needed > file_.size() - at_) {
      file_.fail(at_, fmt::format("truncated: the tensors '{}' [{}] need {} bytes, {} are left", what,
                                  fmt::join(shape, ", "), needed ? std::to_string(*needed) : "more than 2^63",
                                  file_.size() - at_));
    }
    return *needed;
  }

  const FileBytes& file_;
  std::uint64_t at_ = kHeaderBytes;
  std::vector<StoredTensor> tensors_;
  std::vector<std::string> names_;
};

}  // namespace

bool looks_like_llama2c(const FileBytes& file) {
  if (file.size() < kHeaderBytes) return false;
  const auto fields = read_fields(file);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i] == 0 || (fields[i] < 0 && i != 5)) return false;
  }
  return true;
}

Model open_llama2c(const FileBytes& file) {
  const Shape s = read_shape(file);
  const std::uint64_t kv = s.dim / s.heads * s.kv_heads;
  Walker walker(file);
  const std::uint64_t embedding = walker.at();
  walker.skip("model.embed_tokens", {s.vocab, s.dim});
  walker.skip("model.layers.{}.input_layernorm", {s.layers, s.dim});
  walker.matrices("model.layers.{}.self_attn.q_proj", s.layers, s.dim, s.dim);
  walker.matrices("model.layers.{}.self_attn.k_proj", s.layers, kv, s.dim);
  walker.matrices("model.layers.{}.self_attn.v_proj", s.layers, kv, s.dim);
  walker.matrices("model.layers.{}.self_attn.o_proj", s.layers, s.dim, s.dim);
  walker.skip("model.layers.{}.post_attention_layernorm", {s.layers, s.dim});
  walker.matrices("model.layers.{}.mlp.gate_proj", s.layers, s.hidden, s.dim);
  walker.matrices("model.layers.{}.mlp.down_proj", s.layers, s.dim, s.hidden);
  walker.matrices("model.layers.{}.mlp.up_proj", s.layers, s.hidden, s.dim);
  walker.skip("model.norm", {s.dim});
  // freq_cis_real and freq_cis_imag, which run.c skips too.
  walker.skip("rotary tables", {2, s.length, s.dim / s.heads / 2});
  if (s.shared_classifier) {
    walker.add("lm_head", embedding, s.vocab, s.dim);
  } else {
    walker.matrices("lm_head", 1, s.vocab, s.dim);
  }
  return walker.finish();
}

}  // namespace subbyte::sim
