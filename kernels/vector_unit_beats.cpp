// The Unit contract of vector_unit takes beats in and gives beats out.
#include "kernels/contract/parameter_specs.hpp"
#include "kernels/vector_unit.hpp"

namespace subbyte::kernels {
namespace {

BeatShape input_shape(unsigned lanes) {
  return BeatShape({{"value", 32, lanes, FieldKind::kFp32},
                    {"count", 7},
                    {"last", 1, 1, FieldKind::kFlag},
                    {"operation", 4},
                    {"activation", 2},
                    {"half_in", 1, 1, FieldKind::kFlag},
                    {"half_out", 1, 1, FieldKind::kFlag},
                    {"bits", 4},
                    {"scale", 32, 1, FieldKind::kFp32},
                    {"eps", 32, 1, FieldKind::kFp32}});
}

BeatShape output_shape(unsigned lanes) {
  return BeatShape({{"value", 32, lanes, FieldKind::kFp32},
                    {"count", 7},
                    {"last", 1, 1, FieldKind::kFlag},
                    {"scale", 32},
                    {"zero", 8}});
}

bool is_quantized_to(const quant::Format& format, const quant::Alphabet& alphabet, quant::ScaleRule rule) {
  return format.alphabet.kind == alphabet.kind && format.alphabet.numerators == alphabet.numerators &&
         format.rule == rule && format.alphabet.selectors() == 1;
}

/// The format says how a row of K or V is quantized: its integers, and how many elements share a scale.
std::optional<Refusal> unsupported(const Parameters&, const quant::Format& format) {
  const unsigned bits = format.alphabet.code_bits;
  const bool integers = bits >= 2 && bits <= 8 && format.divisor == 0 &&
                        format.scaling.stored == quant::ScaleFormat::kFp16 &&
                        (is_quantized_to(format, quant::symmetric_integer(bits), quant::ScaleRule::kAbsMax) ||
                         is_quantized_to(format, quant::asymmetric_integer(bits), quant::ScaleRule::kMinMax));
  if (integers) return {};
  return Refusal{
      "vector_unit quantizes rows of K and V to int2 .. int8 and int2-asym .. int8-asym with FP16 scales, and not to "
      "this format"};
}

}  // namespace

VectorLayout::VectorLayout(unsigned lanes) : in(input_shape(lanes)), out(output_shape(lanes)), lanes_(lanes) {}

VectorCommand VectorLayout::command(std::span<const std::uint64_t> beat) const {
  const auto field = [&](const char* name, unsigned bits) {
    return static_cast<std::uint32_t>(get_bits(beat, in.offset(name), bits));
  };
  VectorCommand command;
  const std::uint32_t operation = field("operation", 4);
  if (operation < kVectorOperations) command.operation = static_cast<VectorOperation>(operation);
  command.activation = static_cast<VectorActivation>(field("activation", 2));
  command.half_in = field("half_in", 1) != 0;
  command.half_out = field("half_out", 1) != 0;
  const std::uint32_t bits = field("bits", 4);
  command.bits = bits >= 2 && bits <= 8 ? bits : 8;
  command.scale = field("scale", 32);
  command.eps = field("eps", 32);
  return command;
}

unsigned VectorLayout::count(std::span<const std::uint64_t> beat) const {
  return static_cast<unsigned>(get_bits(beat, in.offset("count"), 7));
}

bool VectorLayout::last(std::span<const std::uint64_t> beat) const { return get_bits(beat, in.offset("last"), 1) != 0; }

VectorWord VectorLayout::word(std::span<const std::uint64_t> beat) const {
  VectorWord word{};
  for (unsigned l = 0; l < lanes_; ++l) word[l] = static_cast<std::uint32_t>(get_bits(beat, 32 * l, 32));
  return word;
}

void VectorLayout::set(std::span<std::uint64_t> beat, const VectorCommand& command,
                       std::span<const std::uint32_t> elements, unsigned count, bool last) const {
  for (unsigned l = 0; l < elements.size(); ++l) set_bits(beat, 32 * l, 32, elements[l]);
  set_bits(beat, in.offset("count"), 7, count);
  set_bits(beat, in.offset("last"), 1, last ? 1 : 0);
  set_bits(beat, in.offset("operation"), 4, static_cast<std::uint64_t>(command.operation));
  set_bits(beat, in.offset("activation"), 2, static_cast<std::uint64_t>(command.activation));
  set_bits(beat, in.offset("half_in"), 1, command.half_in ? 1 : 0);
  set_bits(beat, in.offset("half_out"), 1, command.half_out ? 1 : 0);
  set_bits(beat, in.offset("bits"), 4, command.bits);
  set_bits(beat, in.offset("scale"), 32, command.scale);
  set_bits(beat, in.offset("eps"), 32, command.eps);
}

void VectorLayout::set_result(std::span<std::uint64_t> beat, const VectorIssue& issue, unsigned index) const {
  const VectorStep& step = issue.step;
  for (unsigned l = 0; l < lanes_; ++l) set_bits(beat, 32 * l, 32, issue.results.at(index)[l]);
  set_bits(beat, out.offset("count"), 7, step.valid);
  set_bits(beat, out.offset("last"), 1, step.ends_pass && index + 1 == step.what().results ? 1 : 0);
  set_bits(beat, out.offset("scale"), 32, issue.scale);
  set_bits(beat, out.offset("zero"), 8, issue.zero);
}

Trace vector_unit_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  const VectorParams params = VectorParams::of(parameters);
  const VectorLayout layout(params.lanes);
  VectorWalk walk(params);
  VectorLanes lanes(params);
  Trace trace(layout.out, false, window);
  std::vector<std::uint64_t> beat(layout.in.words());
  for (std::size_t next = 0; next < stimulus.input.count || !walk.takes_word();) {
    const bool takes = walk.takes_word();
    if (takes) stimulus.input.fill(next++, beat);
    const VectorStep step = walk.next(layout.command(beat), layout.count(beat), layout.last(beat));
    if (takes) lanes.take(step, layout.word(beat));
    if (!step.issues) continue;
    const VectorIssue issue = lanes.issue(step);
    lanes.retire(issue);
    if (step.reduces() && step.ends_pass) lanes.finish(step);
    for (unsigned index = 0; index < step.what().results; ++index) {
      std::vector<std::uint64_t> out(layout.out.words());
      layout.set_result(out, issue, index);
      trace.append(out);
    }
  }
  return trace;
}

std::size_t vector_unit_outputs(const VectorParams& params, const BeatSource& input) {
  const VectorLayout layout(params.lanes);
  VectorWalk walk(params);
  std::vector<std::uint64_t> beat(layout.in.words());
  std::size_t outputs = 0;
  for (std::size_t next = 0; next < input.count || !walk.takes_word();) {
    if (walk.takes_word()) input.fill(next++, beat);
    const VectorStep step = walk.next(layout.command(beat), layout.count(beat), layout.last(beat));
    if (step.issues) outputs += step.what().results;
  }
  return outputs;
}

UnitInfo vector_unit_info() {
  UnitInfo info;
  info.name = "vector_unit";
  info.summary = "softmax, norms, RoPE, SwiGLU and quantization of rows, in FP32 lanes; it has no RTL yet";
  info.case_is = "one row";
  info.parameters = {spec("lanes", 8, 1, kMostVectorLanes, "elements side by side"),
                     spec("latency", 8, 2, 64, "registers of a lane's pipeline"),
                     spec("row_words", 64, 1, 65536,
                          "words of the row buffer, which is the longest row of softmax, "
                          "norms and quantization")};
  info.points = {resolve(info, {}), resolve(info, {{"lanes", 1}, {"latency", 2}, {"row_words", 16}}),
                 resolve(info, {{"lanes", 5}, {"latency", 3}}),
                 resolve(info, {{"lanes", 64}, {"latency", 24}, {"row_words", 8}})};
  info.small_point = {{"lanes", 1}, {"latency", 2}, {"row_words", 2}};
  info.memories = true;
  info.rtl = false;
  info.input_shape = [](const Parameters& p) { return input_shape(VectorParams::of(p).lanes); };
  info.output_shape = [](const Parameters& p) { return output_shape(VectorParams::of(p).lanes); };
  info.golden = vector_unit_golden;
  info.random = vector_unit_random;
  info.unsupported = unsupported;
  return info;
}

}  // namespace subbyte::kernels
