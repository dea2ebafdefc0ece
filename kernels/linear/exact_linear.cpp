#include "kernels/linear/exact_linear.hpp"

#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/arithmetic/fp32.hpp"
#include "kernels/linear/exact_linear_simd.hpp"
#include "quant/rules/group_kernels.hpp"

namespace subbyte::kernels {
namespace {

constexpr std::size_t kPanelRows = 48;     // rows of one task, a multiple of every tile's rows
constexpr std::size_t kBlockTokens = 64;   // tokens per pass over the weights
constexpr std::size_t kBlockDepth = 512;   // inputs per pass: two tiles' operands stay in the first-level cache
constexpr std::size_t kTokenStride = 520;  // doubles; rows of a power of two would share their cache sets
constexpr std::size_t kMaxInputs = std::size_t{1} << 30;
constexpr int kLowestProduct = -298;  // exponent of the square of the smallest subnormal

struct Significand {
  std::uint32_t magnitude;
  int exponent;
  bool negative;
};

Significand significand_of(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t field = bits >> 23 & 0xFF;
  const std::uint32_t fraction = bits & 0x7FFFFF;
  const bool negative = bits >> 31 != 0;
  if (field == 0) return {fraction, -149, negative};
  return {fraction | 0x800000, static_cast<int>(field) - 150, negative};
}

/// Bins of 32 bits, each a signed sum of less than 2^31 digits, over the whole range of products and their sums.
class FixedPointSum {
 public:
  void add_product(float x, float w) {
    const Significand a = significand_of(x);
    const Significand b = significand_of(w);
    const auto position = static_cast<unsigned>(a.exponent + b.exponent - kLowestProduct);
    UInt128 product = static_cast<UInt128>(static_cast<std::uint64_t>(a.magnitude) * b.magnitude) << position % 32;
    for (std::size_t bin = position / 32; product != 0; ++bin, product >>= 32) {
      const auto digit = static_cast<std::int64_t>(static_cast<std::uint32_t>(product));
      bins_[bin] += a.negative != b.negative ? -digit : digit;
    }
  }

  float rounded() {
    const bool negative = carry() < 0;
    if (negative) {
      for (auto& bin : bins_) bin = -bin;
      carry();
    }
    std::size_t top = bins_.size() - 1;
    while (top > 0 && bins_[top] == 0) --top;
    // The three highest digits and whether anything lies below them.
    UInt128 magnitude = 0;
    for (std::size_t i = 0; i < 3; ++i)
      magnitude = magnitude << 32 | static_cast<UInt128>(i <= top ? bins_[top - i] : 0);
    const bool rest = top > 3 - 1 && std::any_of(bins_.begin(), bins_.begin() + static_cast<std::ptrdiff_t>(top - 2),
                                                 [](std::int64_t bin) { return bin != 0; });
    const int exponent = kLowestProduct + 32 * (static_cast<int>(top) - 2) - 1;
    return std::bit_cast<float>(fp32_round(negative, magnitude << 1 | (rest ? 1 : 0), exponent));
  }

 private:
  /// Leaves digits 0 .. 2^32 - 1, but for the highest, which carries the sign and is returned.
  std::int64_t carry() {
    for (std::size_t i = 0; i + 1 < bins_.size(); ++i) {
      bins_[i + 1] += bins_[i] >> 32;
      bins_[i] &= 0xFFFFFFFF;
    }
    return bins_.back();
  }

  std::array<std::int64_t, 20> bins_{};
};

float fixed_point_dot(const float* x, const float* w, std::size_t size) {
  FixedPointSum sum;
  for (std::size_t i = 0; i < size; ++i) sum.add_product(x[i], w[i]);
  return sum.rounded();
}

/// Returns the exponent of the lowest bit set in any of them, or a large one when all are 0.
int lowest_exponent(const float* values, std::size_t size) {
  int lowest = 1000;
  for (std::size_t i = 0; i < size; ++i) {
    const Significand value = significand_of(values[i]);
    if (value.magnitude != 0) lowest = std::min(lowest, value.exponent + std::countr_zero(value.magnitude));
  }
  return lowest;
}

double sum_of_magnitudes(const float* values, std::size_t size) {
  std::array<double, 8> sums{};
  for (std::size_t i = 0; i < size; ++i) sums[i % 8] += std::fabs(static_cast<double>(values[i]));
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum;
}

/// Returns rows [first, first + count) of the weights, `in` apart; it may use the buffer.
using RowSource = std::function<const float*(std::size_t first, std::size_t count, std::vector<float>& buffer)>;

struct Layer {
  std::span<const float> x;
  std::size_t tokens;
  std::size_t out;
  std::size_t in;
  std::span<float> y;
  RowSource rows;
  std::vector<double> magnitudes;  ///< sum |x| of each token

  const float* token(std::size_t t) const { return x.data() + t * in; }
};

/// The buffers of one thread.
class PanelWorker {
 public:
  explicit PanelWorker(const Layer& layer)
      : layer_(layer),
        widened_(std::min(layer.tokens, kBlockTokens) * kTokenStride),
        sums_(std::min(layer.tokens, kBlockTokens) * kPanelRows),
        token_exponents_(layer.tokens) {
    std::size_t roundings = 0;
    for (std::size_t i = 0; i < layer.in; i += kBlockDepth) roundings += 1;
    roundings += dot_roundings(std::min(layer.in, kBlockDepth));
    // Sixteen more are for the bound's own arithmetic and for the ends of the interval.
    error_factor_ = static_cast<double>(roundings + 16) * 0x1p-53;
  }

  void run(std::size_t first) {
    first_ = first;
    count_ = std::min(kPanelRows, layer_.out - first);
    weights_ = layer_.rows(first, count_, buffer_);
    row_exponents_.fill(std::nullopt);
    for (std::size_t r = 0; r < count_; ++r) {
      largest_[r] = layer_.in == 0 ? 0 : quant::simd_kernels().max_magnitude({row(r), layer_.in});
    }
    for (std::size_t t = 0; t < layer_.tokens; t += kBlockTokens) {
      run_tokens(t, std::min(kBlockTokens, layer_.tokens - t));
    }
  }

 private:
  const float* row(std::size_t r) const { return weights_ + r * layer_.in; }

  void run_tokens(std::size_t token, std::size_t tokens) {
    std::ranges::fill(sums_, 0.0);
    for (std::size_t i = 0; i < layer_.in; i += kBlockDepth) {
      const std::size_t depth = std::min(kBlockDepth, layer_.in - i);
      for (std::size_t t = 0; t < tokens; ++t) {
        simd_widen({layer_.token(token + t) + i, depth}, widened_.data() + t * kTokenStride);
      }
      simd_dot_block(
          {widened_.data(), kTokenStride, tokens, weights_ + i, layer_.in, count_, depth, sums_.data(), kPanelRows});
    }
    for (std::size_t t = 0; t < tokens; ++t) {
      for (std::size_t r = 0; r < count_; ++r) {
        layer_.y[(token + t) * layer_.out + first_ + r] = rounded(token + t, r, sums_[t * kPanelRows + r]);
      }
    }
  }

  float rounded(std::size_t token, std::size_t r, double sum) {
    // Products of finite numbers do not overflow in double, so only a NaN or an Inf that was there leads here.
    if (std::isnan(sum)) return std::bit_cast<float>(kFp32Nan);
    if (std::isinf(sum)) return static_cast<float>(sum);
    const double bound = static_cast<double>(largest_[r]) * layer_.magnitudes[token];
    const double error = bound * error_factor_;
    const auto low = static_cast<float>(sum - error);
    const auto high = static_cast<float>(sum + error);
    if (std::bit_cast<std::uint32_t>(low) == std::bit_cast<std::uint32_t>(high)) return low;
    if (exact_in_double(token, r, bound)) return static_cast<float>(sum);
    return fixed_point_dot(layer_.token(token), row(r), layer_.in);
  }

  /// Returns whether every partial sum is a multiple of a unit and below 2^52 of it, as for quantized weights and
  /// activations.
  bool exact_in_double(std::size_t token, std::size_t r, double bound) {
    if (!token_exponents_[token]) token_exponents_[token] = lowest_exponent(layer_.token(token), layer_.in);
    if (!row_exponents_[r]) row_exponents_[r] = lowest_exponent(row(r), layer_.in);
    return bound < std::ldexp(1.0, *token_exponents_[token] + *row_exponents_[r] + 52);
  }

  const Layer& layer_;
  std::vector<float> buffer_;
  std::vector<double> widened_;
  std::vector<double> sums_;
  std::vector<std::optional<int>> token_exponents_;
  std::array<std::optional<int>, kPanelRows> row_exponents_{};
  std::array<float, kPanelRows> largest_{};
  double error_factor_ = 0;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  const float* weights_ = nullptr;
};

void run_layer(const Layer& layer, unsigned threads) {
  const std::size_t panels = (layer.out + kPanelRows - 1) / kPanelRows;
  // More threads than cores would be asked for in vain, which the library says on standard error.
  const auto cores = static_cast<unsigned>(std::max(1, tbb::info::default_concurrency()));
  const std::size_t most = std::min<std::size_t>(panels, std::min(threads, cores));
  const auto workers = static_cast<int>(std::max<std::size_t>(1, most));
  std::atomic<std::size_t> next{0};
  const auto work = [&](int) {
    PanelWorker worker(layer);
    for (std::size_t panel = next++; panel < panels; panel = next++) worker.run(panel * kPanelRows);
  };
  if (workers == 1) return work(0);
  // The arena is its own, so that a thread that waits in it finds no task of another loop to take.
  tbb::task_arena arena(workers);
  arena.execute([&] { tbb::parallel_for(0, workers, work, tbb::simple_partitioner()); });
}

void check_size(const char* what, std::size_t size, std::size_t rows, std::size_t cols) {
  std::size_t expected = 0;
  if (!__builtin_mul_overflow(rows, cols, &expected) && size == expected) return;
  throw std::invalid_argument("exact_linear: " + std::string(what) + " has " + std::to_string(size) +
                              " elements, expected " + std::to_string(rows) + " x " + std::to_string(cols));
}

void check_inputs(std::size_t in) {
  if (in < kMaxInputs) return;
  throw std::invalid_argument("exact_linear: " + std::to_string(in) + " inputs, expected less than 2^30");
}

void run(std::span<const float> x, std::size_t tokens, std::size_t out, std::size_t in, std::span<float> y,
         unsigned threads, RowSource rows) {
  check_inputs(in);
  check_size("x", x.size(), tokens, in);
  check_size("y", y.size(), tokens, out);
  if (tokens == 0) return;
  Layer layer{x, tokens, out, in, y, std::move(rows), {}};
  for (std::size_t t = 0; t < tokens; ++t) layer.magnitudes.push_back(sum_of_magnitudes(layer.token(t), in));
  run_layer(layer, threads);
}

}  // namespace

void exact_linear(std::span<const float> x, std::size_t tokens, std::span<const float> w, std::size_t out,
                  std::size_t in, std::span<float> y, unsigned threads) {
  check_size("w", w.size(), out, in);
  run(x, tokens, out, in, y, threads,
      [&](std::size_t first, std::size_t, std::vector<float>&) { return w.data() + first * in; });
}

void exact_linear(const quant::PackedTensor& w, std::span<const float> x, std::size_t tokens, std::span<float> y,
                  unsigned threads) {
  run(x, tokens, w.rows, w.cols, y, threads,
      [&](std::size_t first, std::size_t count, std::vector<float>& buffer) -> const float* {
        buffer.resize(count * w.cols);
        for (std::size_t r = 0; r < count; ++r) {
          w.decode_row(first + r, std::span(buffer).subspan(r * w.cols, w.cols));
        }
        return buffer.data();
      });
}

float exact_dot(std::span<const float> x, std::span<const float> w) {
  check_inputs(x.size());
  check_size("w", w.size(), 1, x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isfinite(x[i]) && std::isfinite(w[i])) continue;
    throw std::invalid_argument("exact_dot: element " + std::to_string(i) + " is not finite");
  }
  return fixed_point_dot(x.data(), w.data(), x.size());
}

}  // namespace subbyte::kernels
