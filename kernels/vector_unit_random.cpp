#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "kernels/arithmetic/fp32_functions.hpp"
#include "kernels/parts/random_config.hpp"
#include "kernels/parts/random_values.hpp"
#include "kernels/vector_unit.hpp"
#include "quant/base/float16.hpp"

namespace subbyte::kernels {
namespace {

using Pattern = std::uint32_t;

constexpr std::uint64_t kMostWords = 5;  ///< of a drawn row

Pattern pattern(double value) { return std::bit_cast<Pattern>(static_cast<float>(value)); }

/// Draws rows of all operations one after another.
class RowsStimulus {
 public:
  RowsStimulus(const VectorParams& params, const RandomRequest& request)
      : params_(params),
        request_(request),
        random_(request.seed ^ 0x5EC7),
        layout_(params.lanes),
        beats_(layout_.in.words()) {}

  Stimulus make() {
    for (std::size_t row = 0; row < request_.cases; ++row) add_row();
    Stimulus stimulus{{}, source_of(std::move(beats_)), request_.stalls, request_.cases};
    stimulus.least_outputs = vector_unit_outputs(params_, stimulus.input);
    return stimulus;
  }

 private:
  void add_row() {
    VectorCommand command = draw_command();
    const unsigned length = draw_length(command.operation);
    draw_scalars(command, length);
    const unsigned words = (length + params_.lanes - 1) / params_.lanes;
    const std::span<const VectorPass> passes = vector_passes(command.operation);
    for (std::size_t pass = 0; pass < passes.size(); ++pass) {
      const unsigned operands = pass == 0 ? passes[0].words : passes[pass].words - 1;
      for (unsigned word = 0; operands > 0 && word < words; ++word) {
        const unsigned valid = word + 1 == words ? length - word * params_.lanes : params_.lanes;
        for (unsigned operand = 0; operand < operands; ++operand)
          add_word(command, valid, pass == 0 && operand + 1 == operands && word + 1 == words);
      }
    }
  }

  VectorCommand draw_command() {
    VectorCommand command;
    command.operation = static_cast<VectorOperation>(random_.below(kVectorOperations));
    command.activation = static_cast<VectorActivation>(random_.below(4));
    command.half_in = random_.percent(50);
    command.half_out = random_.percent(50);
    const quant::Format& format = request_.format;
    command.bits = format.alphabet.code_bits;
    // Of the two kinds of groups the format has one.
    if (command.operation == VectorOperation::kQuantizeGroup || command.operation == VectorOperation::kQuantizeRange)
      command.operation = format.scaling.zero_point ? VectorOperation::kQuantizeRange : VectorOperation::kQuantizeGroup;
    return command;
  }

  unsigned draw_length(VectorOperation operation) {
    const std::uint64_t most = std::min<std::uint64_t>(params_.row_words, kMostWords) * params_.lanes;
    const bool group = operation == VectorOperation::kQuantizeGroup || operation == VectorOperation::kQuantizeRange;
    const unsigned length =
        group ? draw_group_length(random_,
                                  static_cast<unsigned>(std::min<std::size_t>(request_.format.scaling.group, most)),
                                  params_.lanes)
              : 1 + random_.below(static_cast<unsigned>(most));
    return static_cast<unsigned>(std::min<std::uint64_t>(length, most));
  }

  void draw_scalars(VectorCommand& command, unsigned length) {
    const bool norm =
        command.operation == VectorOperation::kRmsNorm || command.operation == VectorOperation::kLayerNorm;
    command.scale =
        norm ? pattern(1.0 / length) : pattern(random_.percent(50) ? 1 : 1 / std::sqrt(static_cast<double>(length)));
    command.eps = pattern(1e-5);
    if (!request_.illegal || random_.percent(85)) return;
    command.scale = any_word(random_);
    command.eps = any_word(random_);
  }

  Pattern draw_element(bool half) {
    if (request_.illegal && random_.percent(3)) {
      static constexpr Pattern kSpecial[] = {0x7F800000, 0xFF800000, 0x7FC00001, 0xFF812345, 0x80000000, 0x00000001};
      static constexpr Pattern kHalfSpecial[] = {0x7C00, 0xFC00, 0x7E01, 0xFC01, 0x8000, 0x0001};
      return half ? kHalfSpecial[random_.below(6)] : kSpecial[random_.below(6)];
    }
    if (half) return draw_activations(random_, kind_, 1, request_.illegal).front();
    if (kind_ == ActivationKind::kAnyPattern) return any_word(random_);
    const double wide = kind_ == ActivationKind::kWideRange ? std::exp2(8 * random_.gaussian()) : 3;
    return pattern(wide * random_.gaussian());
  }

  void add_word(const VectorCommand& command, unsigned valid, bool last) {
    if (random_.percent(30)) kind_ = draw_kind(random_, request_.illegal);
    std::vector<Pattern> elements(params_.lanes);
    for (unsigned l = 0; l < params_.lanes; ++l)
      elements[l] = l < valid ? draw_element(command.half_in) : any_word(random_);
    // All lanes may be said in three ways, and in all but the last word the count means nothing.
    unsigned count = valid;
    if (request_.illegal && valid == params_.lanes && random_.percent(30)) count = random_.percent(50) ? 0 : 127;
    if (!last && request_.illegal) count = any_word(random_) & 127;
    layout_.set(beats_.append(), command, elements, count, last);
  }

  VectorParams params_;
  const RandomRequest& request_;
  Random random_;
  VectorLayout layout_;
  Beats beats_;
  ActivationKind kind_ = ActivationKind::kGaussian;
};

}  // namespace

Stimulus vector_unit_random(const Parameters& parameters, const RandomRequest& request) {
  return RowsStimulus(VectorParams::of(parameters), request).make();
}

}  // namespace subbyte::kernels
