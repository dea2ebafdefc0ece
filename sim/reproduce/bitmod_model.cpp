#include "sim/reproduce/bitmod_model.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace subbyte::sim {
namespace {

constexpr std::size_t kBuffer = std::size_t{512} << 10U;  ///< bytes of the buffer of weights, and of that of inputs
constexpr std::size_t kDramBytesPerCycle = 32;            ///< 128 bits at two edges of the 1 GHz clock
constexpr double kDramPjPerBit = 18.75;                   ///< 1200 pJ for 64 bits
constexpr double kPlacedAndRouted = 1.5;                  ///< energy of a placed PE over that of a synthesised one
constexpr std::size_t kFp16Bytes = 2;

std::size_t quotient_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

/// `batch` products of a matrix [outputs][inputs] and `tokens` columns.
struct Product {
  std::string name;
  std::size_t count, outputs, inputs, tokens, batch;
  double bits = 16;              ///< of an element of the matrix, as the terms of its products count
  std::size_t matrix_bytes = 0;  ///< of all matrices
  std::size_t input_bytes = 0;
};

std::size_t matrix_bytes(std::size_t outputs, std::size_t inputs, double bits) {
  return static_cast<std::size_t>(std::ceil(static_cast<double>(inputs) * bits / 8)) * outputs;
}

std::size_t tokens_of(const PaperPhase& phase) { return phase.decode ? 1 : phase.context; }

Product linear(const WorkloadLayer& layer, const PaperConfiguration& configuration) {
  const std::size_t tokens = tokens_of(configuration.phase) * configuration.phase.batch;
  return {layer.name,
          layer.count,
          layer.rows,
          layer.cols,
          tokens,
          1,
          configuration.weight_bits,
          matrix_bytes(layer.rows, layer.cols, configuration.weight_bits),
          layer.cols * kFp16Bytes * tokens};
}

Product attention(const AttentionProduct& product, const PaperConfiguration& configuration) {
  const double bits = configuration.accelerator.kv_bits;
  const std::size_t batch = product.kv_heads * configuration.phase.batch;
  const std::size_t tokens = tokens_of(configuration.phase) * product.queries;
  return {product.name,
          product.count,
          product.rows,
          product.cols,
          tokens,
          batch,
          bits,
          matrix_bytes(product.rows, product.cols, bits) * batch,
          product.cols * kFp16Bytes * tokens * batch};
}

/// Returns the two products of the paper's version. In QK^T the queries of all heads are one matrix [tokens][hidden],
/// which meets the keys once per token and head; in AV the scores are a matrix [heads * tokens][context], which meets
/// the values once per token. The inputs are counted as wide as the keys and values of all heads.
std::vector<Product> swapped_attention(const ModelShape& shape, const PaperConfiguration& configuration) {
  const std::size_t tokens = tokens_of(configuration.phase), context = configuration.phase.context,
                    queries = shape.heads * tokens, kv_bytes = shape.kv_heads * shape.head_dim * kFp16Bytes;
  const double bits = configuration.weight_bits;
  return {{"attn_qk", shape.layers, tokens, shape.hidden_size, queries, 1, bits,
           matrix_bytes(tokens, shape.hidden_size, 16), kv_bytes * queries},
          {"attn_av", shape.layers, queries, context, tokens, 1, bits, matrix_bytes(queries, context, 16),
           kv_bytes * tokens}};
}

std::vector<Product> products_of(const ModelShape& shape, const PaperConfiguration& configuration) {
  std::vector<Product> products;
  for (const WorkloadLayer& layer : linear_layers(shape)) products.push_back(linear(layer, configuration));
  if (configuration.version == PaperVersion::kPaper) {
    for (Product& product : swapped_attention(shape, configuration)) products.push_back(std::move(product));
    return products;
  }
  for (const AttentionProduct& product : attention_products(shape, configuration.phase.context))
    products.push_back(attention(product, configuration));
  return products;
}

/// Moves each operand once where one of them fits its buffer, and else the one again whose repetition costs less.
void move_operands(const Product& product, PaperLayer& layer) {
  const std::size_t weights = product.matrix_bytes, inputs = product.input_bytes;
  if (weights > kBuffer && inputs > kBuffer) {
    const std::size_t inputs_again = quotient_up(weights, kBuffer), weights_again = quotient_up(inputs, kBuffer);
    if (weights_again * weights + inputs < inputs_again * inputs + weights)
      layer.weight_fetches = weights_again;
    else
      layer.input_fetches = inputs_again;
  }
  layer.dram_bytes = weights * layer.weight_fetches + inputs * layer.input_fetches +
                     product.outputs * kFp16Bytes * product.tokens * product.batch;
}

PaperArray array_of(const PaperConfiguration& configuration) {
  return configuration.phase.decode ? configuration.accelerator.decode : configuration.accelerator.prefill;
}

PaperLayer layer_of(const Product& product, const PaperConfiguration& configuration) {
  const PaperAccelerator& accelerator = configuration.accelerator;
  const PaperArray array = array_of(configuration);
  const std::size_t terms =
      accelerator.bit_serial ? quotient_up(static_cast<std::size_t>(std::floor(product.bits)), 2) : 1;
  PaperLayer layer{product.name, product.count};
  layer.compute_cycles = quotient_up(product.inputs, accelerator.products) *
                         quotient_up(product.outputs, array.outputs) * quotient_up(product.tokens, array.tokens) *
                         product.batch * terms;
  move_operands(product, layer);
  return layer;
}

}  // namespace

std::uint64_t PaperLayer::dram_cycles() const { return dram_bytes / kDramBytesPerCycle; }

std::uint64_t PaperLayer::cycles() const { return std::max(compute_cycles, dram_cycles()); }

std::vector<PaperLayer> paper_layers(const ModelShape& shape, const PaperConfiguration& configuration) {
  if (shape.experts > 1) throw std::invalid_argument("the published simulator of BitMoD has no experts");
  if (configuration.version == PaperVersion::kPaper && configuration.phase.batch != 1)
    throw std::invalid_argument("the version of the simulator behind the paper has no batch");
  std::vector<PaperLayer> layers;
  for (const Product& product : products_of(shape, configuration)) layers.push_back(layer_of(product, configuration));
  return layers;
}

std::uint64_t paper_cycles(const ModelShape& shape, const PaperConfiguration& configuration) {
  std::uint64_t cycles = 0;
  for (const PaperLayer& layer : paper_layers(shape, configuration)) cycles += layer.count * layer.cycles();
  return cycles;
}

PaperEnergy paper_energy(std::span<const PaperLayer> layers, const PaperConfiguration& configuration) {
  const PaperArray array = array_of(configuration);
  std::uint64_t cycles = 0, bytes = 0;
  for (const PaperLayer& layer : layers) {
    cycles += layer.count * layer.compute_cycles;
    bytes += layer.count * layer.dram_bytes;
  }
  return {
      configuration.accelerator.pe_pj * kPlacedAndRouted * static_cast<double>(array.outputs * array.tokens * cycles),
      kDramPjPerBit * 8 * static_cast<double>(bytes)};
}

}  // namespace subbyte::sim
