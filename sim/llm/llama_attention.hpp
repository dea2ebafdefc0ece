// Causal attention of one head over one sequence; the arithmetic is in sim/llm/llama_forward.hpp.
#pragma once

#include <cstddef>
#include <span>

namespace subbyte::sim {

struct AttentionShape {
  std::size_t heads = 0;
  std::size_t kv_heads = 0;  ///< a divisor of heads; query head h reads key and value head h * kv_heads / heads
  std::size_t head_dim = 0;
};

/// Computes one head. The shapes are `q` and `out` [count][heads * head_dim], and `k` and `v` [count][kv_heads *
/// head_dim], which are rotated already. Writes only the part of `head` in `out`.
void attend_head(const AttentionShape& shape, std::size_t head, std::size_t count, std::span<const float> q,
                 std::span<const float> k, std::span<const float> v, std::span<float> out);

}  // namespace subbyte::sim
