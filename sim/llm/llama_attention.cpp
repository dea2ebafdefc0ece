#include "sim/llm/llama_attention.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace subbyte::sim {
namespace {

/// Transposes to [head_dim][count], so that the scores of all positions are computed side by side and each sums in
/// index order.
std::vector<double> transposed(const AttentionShape& shape, std::size_t kv_head, std::size_t count,
                               std::span<const float> k) {
  const std::size_t width = shape.kv_heads * shape.head_dim;
  std::vector<double> columns(shape.head_dim * count);
  for (std::size_t t = 0; t < count; ++t)
    for (std::size_t d = 0; d < shape.head_dim; ++d)
      columns[d * count + t] = k[t * width + kv_head * shape.head_dim + d];
  return columns;
}

/// Computes scores[j] += q[d] * columns[d][j], for four d at a time, in index order.
void score(std::span<const float> q, const double* columns, std::size_t stride, std::size_t count, double* scores) {
  std::fill_n(scores, count, 0.0);
  std::size_t d = 0;
  for (; d + 4 <= q.size(); d += 4) {
    const double q0 = q[d], q1 = q[d + 1], q2 = q[d + 2], q3 = q[d + 3];
    const double* c = columns + d * stride;
    for (std::size_t j = 0; j < count; ++j)
      scores[j] = (((scores[j] + q0 * c[j]) + q1 * c[stride + j]) + q2 * c[2 * stride + j]) + q3 * c[3 * stride + j];
  }
  for (; d < q.size(); ++d)
    for (std::size_t j = 0; j < count; ++j) scores[j] += double{q[d]} * columns[d * stride + j];
}

/// Turns scores into weights and returns the sum of the weights.
double softmax_weights(double scale, std::size_t count, double* scores) {
  const double top = *std::max_element(scores, scores + count) * scale;
  double sum = 0;
  for (std::size_t j = 0; j < count; ++j) {
    scores[j] = std::exp(scores[j] * scale - top);
    sum += scores[j];
  }
  return sum;
}

}  // namespace

void attend_head(const AttentionShape& shape, std::size_t head, std::size_t count, std::span<const float> q,
                 std::span<const float> k, std::span<const float> v, std::span<float> out) {
  const std::size_t size = shape.head_dim;
  const std::size_t kv_head = head * shape.kv_heads / shape.heads;
  const std::size_t kv_width = shape.kv_heads * size;
  const double scale = 1 / std::sqrt(static_cast<double>(size));
  const std::vector<double> columns = transposed(shape, kv_head, count, k);
  std::vector<double> weights(count);
  std::vector<double> mix(size);
  for (std::size_t t = 0; t < count; ++t) {
    const std::size_t place = (t * shape.heads + head) * size;
    score(q.subspan(place, size), columns.data(), count, t + 1, weights.data());
    const double sum = softmax_weights(scale, t + 1, weights.data());
    std::ranges::fill(mix, 0.0);
    for (std::size_t j = 0; j <= t; ++j) {
      const float* value = v.data() + j * kv_width + kv_head * size;
      for (std::size_t d = 0; d < size; ++d) mix[d] += weights[j] * double{value[d]};
    }
    for (std::size_t d = 0; d < size; ++d) out[place + d] = static_cast<float>(mix[d] / sum);
  }
}

}  // namespace subbyte::sim
