#include "sim/reproduce/blocks.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>

#include "quant/rules/quantize.hpp"

namespace subbyte::sim {
namespace {

constexpr std::size_t kRow = 4096;

std::vector<float> decoded(std::span<const float> weights, const quant::Format& format) {
  const std::size_t cols = weights.size() % kRow == 0 ? kRow : weights.size();
  const quant::PackedTensor packed = quant::quantize({weights, weights.size() / cols, cols}, format);
  std::vector<float> values(weights.size());
  for (std::size_t row = 0; row < packed.rows; ++row) {
    packed.decode_row(row, std::span(values).subspan(row * cols, cols));
  }
  return values;
}

struct Energies {
  double signal = 0;
  double error = 0;
};

Energies energies(std::span<const float> weights, std::span<const float> values) {
  Energies sum;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double difference = static_cast<double>(weights[i]) - values[i];
    sum.signal += static_cast<double>(weights[i]) * weights[i];
    sum.error += difference * difference;
  }
  return sum;
}

/// Fills `body` with a direction whose elements stay below `limit` once their squares add up to `energy`.
void draw_body(std::span<double> body, double energy, double limit, Normal& normal) {
  for (bool accepted = false; !accepted;) {
    double sum = 0;
    double largest = 0;
    for (double& value : body) {
      value = normal.next();
      sum += value * value;
      largest = std::max(largest, std::abs(value));
    }
    const double factor = std::sqrt(energy / sum);
    accepted = largest * factor <= limit;
    for (double& value : body) value *= factor;
  }
}

}  // namespace

double Normal::uniform() {
  state_ += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  z ^= z >> 31U;
  return static_cast<double>(z >> 11U) * 0x1p-53;
}

double Normal::next() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  const double angle = 2 * std::numbers::pi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

std::vector<float> gaussian(std::size_t count, std::uint64_t seed) {
  Normal normal(seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(normal.next());
  return values;
}

std::vector<float> blocks_of_crest(std::size_t blocks, std::size_t block, double crest, std::uint64_t seed) {
  const auto size = static_cast<double>(block);
  if (!(crest > 1) || !(crest * crest < size)) throw std::invalid_argument("crest factor outside 1..sqrt(block)");
  Normal normal(seed);
  std::vector<float> values;
  values.reserve(blocks * block);
  std::vector<double> body(block - 1);
  for (std::size_t i = 0; i < blocks; ++i) {
    const double largest = std::exp2((static_cast<double>(i) + 0.5) / static_cast<double>(blocks));
    draw_body(body, largest * largest * (size - crest * crest) / (crest * crest), largest, normal);
    const auto place = static_cast<std::size_t>(normal.uniform() * size);
    const double sign = normal.uniform() < 0.5 ? -1 : 1;
    for (std::size_t j = 0; j < block; ++j) {
      const double value = j == place ? sign * largest : body[j < place ? j : j - 1];
      values.push_back(static_cast<float>(value));
    }
  }
  return values;
}

double relative_error(std::span<const float> weights, const quant::Format& format) {
  const Energies sum = energies(weights, decoded(weights, format));
  return sum.error / sum.signal;
}

double mean_block_error(std::span<const float> weights, std::size_t block, const quant::Format& format) {
  const std::vector<float> values = decoded(weights, format);
  double total = 0;
  for (std::size_t at = 0; at < weights.size(); at += block) {
    const Energies sum = energies(weights.subspan(at, block), std::span(values).subspan(at, block));
    total += sum.error / sum.signal;
  }
  return total * static_cast<double>(block) / static_cast<double>(weights.size());
}

}  // namespace subbyte::sim
