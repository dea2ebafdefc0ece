#include "sim/engines/fst.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <utility>
#include <vector>

#include "sim/base/output_file.hpp"
#include "sim/base/process.hpp"
#include "sim/engines/rtl_engine.hpp"
#include "sim/engines/wave_filters.hpp"
#include "testbenches/harness/verilated.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;
using kernels::Field;
using kernels::FieldKind;

constexpr unsigned kHex = 0x22;  // right-justified hexadecimal; GTKWave's flag bits (analyzer.h)
constexpr unsigned kSigned = 0x420;
constexpr unsigned kBinary = 0x28;
constexpr unsigned kProcessFilter = 0x4000;
constexpr unsigned kComment = 0x200;
constexpr unsigned kGroupBegin = 0x800200;
constexpr unsigned kGroupBeginClosed = 0xC00200;
constexpr unsigned kGroupEnd = 0x1000200;
constexpr unsigned kGroupEndClosed = 0x1401200;
constexpr unsigned kRed = 1;
constexpr std::uint64_t kShownCycles = 16;
constexpr std::size_t kMostRegisters = 256;
constexpr unsigned kOpenElements = 8;  // a field with more elements is a group of its own, which starts closed

class SaveFile {
 public:
  explicit SaveFile(std::string scope) : scope_(std::move(scope)) {}

  void begin(const std::string& title, bool open = true) { mark(open ? kGroupBegin : kGroupBeginClosed, title); }
  void end(const std::string& title, bool open = true) { mark(open ? kGroupEnd : kGroupEndClosed, title); }

  void remark(const std::string& text) { mark(kComment, text); }

  void signal(const std::string& name, unsigned bits, unsigned flags, const std::string& filter = {},
              bool wrong = false) {
    text_ << '@' << std::hex << (filter.empty() ? flags : kHex | kProcessFilter) << std::dec << '\n';
    if (wrong) text_ << "[color] " << kRed << '\n';
    if (!filter.empty()) text_ << "^>" << filter_number(filter) << ' ' << filter_command(filter) << '\n';
    text_ << scope_ << name;
    if (bits > 1) text_ << '[' << bits - 1 << ":0]";
    text_ << '\n';
  }

  std::string text() const { return text_.str(); }

 private:
  void mark(unsigned flags, const std::string& title) {
    text_ << '@' << std::hex << flags << std::dec << "\n-" << title << '\n';
  }
  std::size_t filter_number(const std::string& filter) {
    for (std::size_t i = 0; i < filters_.size(); ++i)
      if (filters_[i] == filter) return i + 1;
    filters_.push_back(filter);
    return filters_.size();
  }
  std::string scope_;
  std::ostringstream text_;
  std::vector<std::string> filters_;
};

unsigned flags_of(const Field& field) {
  if (field.bits == 1) return kBinary;
  return field.kind == FieldKind::kSigned ? kSigned : kHex;
}

struct Context {
  const kernels::Parameters& parameters;
  const kernels::Stimulus& stimulus;
  const WaveOptions& options;
};

bool is_wrong(const Field& field, std::size_t index, const WaveOptions& options) {
  return field.name == options.wrong_field && index == options.wrong_index;
}

void add_fields(SaveFile& save, const kernels::BeatShape& shape, const std::string& side, const Context& context) {
  for (const auto& field : shape.fields()) {
    const auto filter = wave_filter(field, context.parameters, context.stimulus);
    const bool grouped = field.count > kOpenElements;
    const bool open = side != "in" && field.name == context.options.wrong_field;
    if (grouped) save.begin(field.name, open);
    for (unsigned i = 0; i < field.count; ++i) {
      const std::string name = side + "_" + field.name + (field.count > 1 ? "_" + std::to_string(i) : "");
      save.signal(name, field.bits, flags_of(field), filter.value_or(""),
                  side != "in" && is_wrong(field, i, context.options));
    }
    if (grouped) save.end(field.name, open);
  }
}

struct Signal {
  std::string name;
  unsigned bits = 0;
};

/// Whether a scope is the unit itself, a generate block of it, or a part: "TOP", the bench and "dut" come first.
bool is_inside(const std::vector<std::string>& scopes) { return scopes.size() >= 3 && scopes[2] == "dut"; }

/// Returns the registers (names ending in _q) of the unit and of its parts with their widths, from the waveform's
/// header, those of the unit itself first. The list is empty where fst2vcd (which comes with GTKWave) is missing,
/// because the groups of fields do not need it.
std::vector<Signal> registers(const std::string& fst_path) {
  const std::string text = run_program({"fst2vcd", "-f", fst_path}).output;
  std::vector<std::pair<std::size_t, Signal>> found;  // with the depth
  std::vector<std::string> scopes;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string keyword, kind, bits, id, name;
    words >> keyword >> kind;
    if (keyword == "$enddefinitions") break;
    if (keyword == "$scope" && words >> name) scopes.push_back(name);
    if (keyword == "$upscope" && !scopes.empty()) scopes.pop_back();
    if (keyword != "$var" || !is_inside(scopes) || !(words >> bits >> id >> name) || !name.ends_with("_q")) continue;
    const std::string path = fmt::format("{}.{}", fmt::join(scopes.begin() + 2, scopes.end(), "."), name);
    found.push_back({scopes.size(), {path, static_cast<unsigned>(std::stoul(bits))}});
  }
  std::ranges::stable_sort(found, {}, [](const auto& each) { return each.first; });
  found.resize(std::min(found.size(), kMostRegisters));
  std::vector<Signal> signals;
  for (auto& [depth, signal] : found) signals.push_back(std::move(signal));
  return signals;
}

std::string header(const WaveOptions& options) {
  // The view begins half a window before the marker or, near the start of the run, before cycle 0, so that the marker
  // is seen.
  const std::uint64_t marker = testbenches::wave_time(options.cycle);
  const std::uint64_t lead = testbenches::wave_time(kShownCycles / 2) - testbenches::wave_time(0);
  std::ostringstream text;
  // Zoom -4.8 gives a cycle about 70 pixels, which is enough for a value: kShownCycles cycles fit beside the names.
  text << "[*] Opens at cycle " << options.cycle << ": the marker stands just before its rising edge.\n[dumpfile] \""
       << fs::absolute(options.fst_path).string() << "\"\n[savefile] \"" << fs::absolute(options.save_path).string()
       << "\"\n[timestart] " << (marker > lead ? marker - lead : 0) << "\n[size] 1600 900\n[pos] -1 -1\n*-4.8 "
       << marker;
  for (int i = 0; i < 26; ++i) text << " -1";
  text << "\n[sst_width] 40\n[signals_width] 330\n[sst_expanded] 0\n";
  return text.str();
}

void write_save_file(const kernels::UnitInfo& info, const Context& context) {
  SaveFile save("TOP." + info.name + "_bench.");
  for (const std::string& remark : context.options.remarks) save.remark(remark);
  save.begin("clock and handshake");
  for (const auto* name : {"clk_i", "rst_ni", "in_valid_i", "in_ready_o", "out_valid_o", "out_ready_i"})
    save.signal(name, 1, kBinary);
  save.end("clock and handshake");
  const kernels::BeatShape output = info.output_shape(context.parameters);
  save.begin("output");
  save.signal("mismatch", 1, kBinary);
  add_fields(save, output, "out", context);
  save.end("output");
  save.begin("expected");
  add_fields(save, output, "expected", context);
  save.end("expected");
  save.begin("input");
  add_fields(save, info.input_shape(context.parameters), "in", context);
  save.end("input");
  save.begin("registers");
  for (const auto& signal : registers(context.options.fst_path))
    save.signal(signal.name, signal.bits, signal.bits == 1 ? kBinary : kHex);
  save.end("registers");
  write_atomically(context.options.save_path, header(context.options) + save.text());
}

}  // namespace

void write_waves(const kernels::UnitInfo& unit, const kernels::Parameters& given, const kernels::Stimulus& stimulus,
                 const WaveOptions& options) {
  const auto parameters = kernels::resolve(unit, given);
  RtlOptions rtl{.rtl_dir = options.rtl_dir};
  rtl.bench.fst_path = options.fst_path;
  rtl.bench.fst_first = options.cycle > options.before ? options.cycle - options.before : 0;
  rtl.bench.fst_last = options.cycle + options.after;
  // The beats around the wrong one are kept, more than the window of cycles can show.
  const std::uint64_t first = options.beat > options.before ? options.beat - options.before : 0;
  const kernels::Trace expected = unit.golden(parameters, stimulus, {first, options.beat + options.before});
  rtl.bench.expected = &expected;
  const Context context{parameters, stimulus, options};
  try {
    run_rtl(unit, parameters, stimulus, {0, 0}, rtl);
  } catch (const kernels::RunFailure&) {
    // An assertion or a deadlock ends the run, and the waveform up to there is what the reader wants to see.
    if (fs::exists(options.fst_path)) write_save_file(unit, context);
    throw;
  }
  write_save_file(unit, context);
}

}  // namespace subbyte::sim
