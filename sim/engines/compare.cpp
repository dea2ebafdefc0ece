#include "sim/engines/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>

#include "quant/base/float16.hpp"

namespace subbyte::sim {
namespace {

using kernels::BeatPart;
using kernels::FieldKind;
using kernels::Trace;

constexpr const char* kMissing = "no such beat";

std::string meaning(const kernels::Field& field, std::uint64_t bits) {
  switch (field.kind) {
    case FieldKind::kFp16:
      return fmt::format("{}", quant::half_to_float(static_cast<std::uint16_t>(bits)));
    case FieldKind::kFp32:
      return fmt::format("{}", std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    case FieldKind::kSigned: {
      const unsigned spare = 64 - field.bits;
      return fmt::format("{}", static_cast<std::int64_t>(bits << spare) >> spare);
    }
    case FieldKind::kTerm: {
      const unsigned shift_width = field.bits - 2;
      if ((bits >> shift_width & 1) == 0) return "0";
      return fmt::format("{}2^{}", (bits >> (shift_width + 1) & 1) != 0 ? "-" : "",
                         bits & ((std::uint64_t{1} << shift_width) - 1));
    }
    default:
      return fmt::format("{}", bits);
  }
}

std::string cycle_text(const std::optional<std::uint64_t>& cycle) {
  return cycle ? std::to_string(*cycle) : std::string("-");
}

bool kept(const Trace& trace, std::uint64_t beat) {
  return beat >= trace.window().first && beat < std::min(trace.window().last, trace.size());
}

bool both_kept(const Trace& a, const Trace& b, std::uint64_t beat) { return kept(a, beat) && kept(b, beat); }

// The words are compared element by element, so that the report names the first value that is wrong and not a pile of
// hexadecimal words.
void name_field(const kernels::BeatShape& shape, std::span<const std::uint64_t> a, std::span<const std::uint64_t> b,
                Mismatch& mismatch) {
  unsigned offset = 0;
  for (const kernels::Field& field : shape.fields()) {
    if ((field.kind == FieldKind::kCycles) == mismatch.in_bits) {
      offset += field.bits * field.count;
      continue;
    }
    for (std::size_t i = 0; i < field.count; ++i, offset += field.bits) {
      bool same = true;
      for (unsigned bit = 0; bit < field.bits; bit += 64) {
        const unsigned width = std::min(64U, field.bits - bit);
        same = same && kernels::get_bits(a, offset + bit, width) == kernels::get_bits(b, offset + bit, width);
      }
      if (same) continue;
      mismatch.field = field.name;
      mismatch.index = i;
      mismatch.value_a = field_text(field, a, offset);
      mismatch.value_b = field_text(field, b, offset);
      return;
    }
  }
}

Mismatch describe(const kernels::BeatShape& shape, const Trace& a, const Trace& b, std::uint64_t beat, bool in_bits) {
  Mismatch mismatch;
  mismatch.in_bits = in_bits;
  mismatch.beat = beat;
  if (a.timed() && kept(a, beat)) mismatch.cycle_a = a.cycle(beat);
  if (b.timed() && kept(b, beat)) mismatch.cycle_b = b.cycle(beat);
  if (kept(a, beat) && kept(b, beat)) {
    name_field(shape, a.beat(beat), b.beat(beat), mismatch);
  } else {
    mismatch.value_a = kept(a, beat) ? "a beat" : kMissing;
    mismatch.value_b = kept(b, beat) ? "a beat" : kMissing;
  }
  return mismatch;
}

std::optional<std::size_t> first_difference(const std::vector<Trace::Checkpoint>& a,
                                            const std::vector<Trace::Checkpoint>& b,
                                            std::uint64_t Trace::Checkpoint::*hash) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i)
    if (a[i].*hash != b[i].*hash) return i;
  return a.size() == b.size() ? std::nullopt : std::optional(common);
}

}  // namespace

std::string Mismatch::text(bool cycles) const {
  if (!in_bits && field.empty()) {
    return fmt::format("beat {}: equal bits, cycle {} in {}, cycle {} in {}", beat, cycle_text(cycle_a), engine_a,
                       cycle_text(cycle_b), engine_b);
  }
  if (field.empty()) return fmt::format("beat {}: {} in {}, {} in {}", beat, value_a, engine_a, value_b, engine_b);
  const std::string when =
      cycles ? fmt::format(" (cycles {}, {})", cycle_text(cycle_a), cycle_text(cycle_b)) : std::string();
  return fmt::format("beat {}: {}[{}] is {} in {}, {} in {}{}", beat, field, index, value_a, engine_a, value_b,
                     engine_b, when);
}

nlohmann::ordered_json Mismatch::json() const {
  nlohmann::ordered_json object{
      {"engines", {engine_a, engine_b}}, {"differs_in", in_bits ? "bits" : "cycles"}, {"beat", beat}};
  if (!field.empty()) {
    object["field"] = field;
    object["index"] = index;
  }
  if (in_bits || !field.empty()) object["values"] = {value_a, value_b};
  object["cycles"] = nlohmann::ordered_json::array();
  for (const auto& cycle : {cycle_a, cycle_b})
    object["cycles"].push_back(cycle ? nlohmann::ordered_json(*cycle) : nlohmann::ordered_json());
  return object;
}

std::string field_text(const kernels::Field& field, std::span<const std::uint64_t> beat, unsigned offset) {
  const unsigned digits = (std::min(field.bits, 64U) + 3) / 4;
  const std::uint64_t low = kernels::get_bits(beat, offset, std::min(field.bits, 64U));
  if (field.bits > 64) {
    const std::uint64_t high = kernels::get_bits(beat, offset + 64, field.bits - 64);
    return fmt::format("0x{:0{}x}{:016x}", high, (field.bits - 64 + 3) / 4, low);
  }
  return fmt::format("0x{:0{}x} ({})", low, digits, meaning(field, low));
}

std::optional<kernels::TraceWindow> differing_window(const Trace& a, const Trace& b, Comparison what) {
  const auto ca = a.checkpoints();
  const auto cb = b.checkpoints();
  std::optional<std::size_t> first;
  if (what.bits) first = first_difference(ca, cb, &Trace::Checkpoint::data_hash);
  // The hashes are equal over different lengths, so the last checkpoint stands for the beats after the last full one.
  if (!first && a.size() != b.size()) first = std::min(ca.size(), cb.size()) - 1;
  if (!first && what.cycles) first = first_difference(ca, cb, &Trace::Checkpoint::cycle_hash);
  if (!first) return std::nullopt;
  return kernels::TraceWindow{*first * Trace::kCheckpointBeats, (*first + 1) * Trace::kCheckpointBeats};
}

std::optional<Mismatch> first_mismatch(const kernels::BeatShape& shape, const std::string& name_a, const Trace& a,
                                       const std::string& name_b, const Trace& b, Comparison what) {
  const std::uint64_t first = std::max(a.window().first, b.window().first);
  const std::uint64_t last = std::min({a.window().last, b.window().last, std::max(a.size(), b.size())});
  std::optional<Mismatch> found;
  for (std::uint64_t beat = first; beat < last && !found; ++beat) {
    if (both_kept(a, b, beat) && (!what.bits || kernels::same_beat(a, b, beat, BeatPart::kData))) continue;
    found = describe(shape, a, b, beat, true);
  }
  for (std::uint64_t beat = first; beat < last && !found && what.cycles; ++beat)
    if (a.cycle(beat) != b.cycle(beat) || !kernels::same_beat(a, b, beat, BeatPart::kTimes))
      found = describe(shape, a, b, beat, false);
  if (found) {
    found->engine_a = name_a;
    found->engine_b = name_b;
  }
  return found;
}

}  // namespace subbyte::sim
