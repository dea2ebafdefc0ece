#include "sim/engines/waves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "sim/base/file_roles.hpp"
#include "sim/base/output_path.hpp"
#include "sim/base/process.hpp"
#include "sim/engines/fst.hpp"
#include "testbenches/harness/verilated.hpp"

namespace subbyte::sim {
namespace {

constexpr std::uint64_t kCyclesWithoutMismatch = 2000;

// Returns the cycle of the first wrong beat: the RTL's own stamp where it gave the beat.
std::uint64_t wrong_cycle(const Mismatch& mismatch) {
  if (mismatch.engine_b == "rtl" && mismatch.cycle_b) return *mismatch.cycle_b;
  if (mismatch.engine_a == "rtl" && mismatch.cycle_a) return *mismatch.cycle_a;
  return std::max(mismatch.cycle_a.value_or(0), mismatch.cycle_b.value_or(0));
}

/// The number of lines that fit beside the names of signals.
std::vector<std::string> remarks(const Mismatch& mismatch) {
  std::vector<std::string> lines{fmt::format("first wrong beat: {}", mismatch.beat)};
  if (!mismatch.in_bits) {
    const auto cycle = [](const auto& at) { return at ? std::to_string(*at) : std::string("none"); };
    lines.emplace_back("equal bits, another cycle:");
    lines.push_back(fmt::format("{}: cycle {}", mismatch.engine_a, cycle(mismatch.cycle_a)));
    lines.push_back(fmt::format("{}: cycle {}", mismatch.engine_b, cycle(mismatch.cycle_b)));
    return lines;
  }
  if (!mismatch.field.empty()) lines.push_back(fmt::format("{}[{}] is", mismatch.field, mismatch.index));
  lines.push_back(fmt::format("{}: {}", mismatch.engine_a, mismatch.value_a));
  lines.push_back(fmt::format("{}: {}", mismatch.engine_b, mismatch.value_b));
  return lines;
}

}  // namespace

std::string WaveFiles::text() const {
  std::string text;
  if (!note.empty()) text += "waveform: " + note + "\n";
  if (save.empty()) return text;
  text += fmt::format("waveform: gtkwave {}\n", shell_quoted(save));
  if (!what.empty()) text += "  It is " + what + ".\n";
  text += fmt::format(
      "  The marker stands at cycle {} (time {}), {}.\n", cycle, testbenches::wave_time(cycle),
      at_mismatch ? "the first wrong beat; what is wrong stands above the signals" : "the first of the run");
  text += "  The groups of signals are: clock and handshake, output, expected, input, registers.\n";
  text += fmt::format("  The waveform itself is {}; the two files can be taken elsewhere together.\n", fst);
  return again.empty() ? text : text + "  again: " + again + "\n";
}

nlohmann::ordered_json WaveFiles::json() const {
  nlohmann::ordered_json object{{"fst", fst}, {"save", save}, {"note", note}};
  if (!again.empty()) object["again"] = again;
  if (mismatch) object["first_mismatch"] = mismatch->json();
  return object;
}

WaveFiles write_engine_waves(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                             const kernels::Stimulus& stimulus, const EngineOptions& options,
                             const std::filesystem::path& base, const std::optional<Mismatch>& mismatch) {
  if (base.has_parent_path()) std::filesystem::create_directories(base.parent_path());
  WaveOptions wave;
  wave.fst_path = base.string() + ".fst";
  wave.save_path = base.string() + ".gtkw";
  for (std::string* path : {&wave.fst_path, &wave.save_path}) {
    plan_output(*path, "--waves");
    *path = resolve_output(*path).path;
  }
  wave.rtl_dir = options.rtl_dir;
  if (mismatch) {
    wave.cycle = wrong_cycle(*mismatch);
    wave.remarks = remarks(*mismatch);
    wave.beat = mismatch->beat;
    wave.wrong_field = mismatch->field;
    wave.wrong_index = mismatch->index;
  } else {
    wave.after = kCyclesWithoutMismatch;
  }
  WaveFiles files{wave.fst_path, wave.save_path, "", wave.cycle, mismatch.has_value()};
  files.mismatch = mismatch;
  try {
    write_waves(unit, parameters, stimulus, wave);
  } catch (const kernels::RunFailure& error) {
    // An RTL that deadlocks or asserts leaves its waveform.
    files.note = error.what();
    if (!std::filesystem::exists(wave.fst_path)) return {"", "", files.note, 0, false};
  }
  return files;
}

std::string file_stem(std::string name) {
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '-' && c != '_'; }, '-');
  return name;
}

}  // namespace subbyte::sim
