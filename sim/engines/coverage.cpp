#include "sim/engines/coverage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <stdexcept>
#include <tuple>

#include "sim/base/lists.hpp"
#include "sim/base/paths.hpp"
#include "sim/base/process.hpp"
#include "sim/engines/rtl_engine.hpp"
#include "sim/synthesis/rtl_sources.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

/// The fields of a key are repetitions of \1 name \2 value.
std::map<std::string, std::string> fields_of(std::string_view key) {
  std::map<std::string, std::string> fields;
  for (std::size_t at = key.find('\1'); at != std::string_view::npos;) {
    const std::size_t next = std::min(key.find('\1', at + 1), key.size());
    const std::string_view field = key.substr(at + 1, next - at - 1);
    const std::size_t middle = field.find('\2');
    if (middle != std::string_view::npos) fields[std::string(field.substr(0, middle))] = field.substr(middle + 1);
    at = next == key.size() ? std::string_view::npos : next;
  }
  return fields;
}

/// Turns "72-74,80" into 72 73 74 80.
std::vector<unsigned> lines_of(const std::string& text) {
  std::vector<unsigned> lines;
  for (const std::string& part : comma_list(text)) {
    const std::size_t dash = part.find('-');
    const unsigned first = static_cast<unsigned>(std::stoul(part));
    const unsigned last = dash == std::string::npos ? first : static_cast<unsigned>(std::stoul(part.substr(dash + 1)));
    for (unsigned line = first; line <= last; ++line) lines.push_back(line);
  }
  return lines;
}

/// Finds the paths below `rtl_dir` by file name, because a library from the cache may have been built in another
/// checkout with the same content.
std::map<std::string, std::string> sources_by_name(const fs::path& rtl_dir) {
  std::map<std::string, std::string> places;
  for (const fs::path& folder : rtl_folders(rtl_dir)) {
    if (folder.filename() == "generated") continue;  // tables have no statements of their own
    for (const auto& entry : fs::directory_iterator(folder)) {
      const fs::path name = entry.path().filename();
      if (name.extension() == ".sv") places[name.string()] = fs::relative(entry.path(), rtl_dir).string();
    }
  }
  return places;
}

bool counted(const std::string& kind, const std::string& what) {
  const std::string name = what.substr(what.rfind('.') + 1);
  return kind != "toggle" || !(name == "clk_i" || name == "rst_ni" || name.starts_with("unused_"));
}

nlohmann::ordered_json count_json(const CoverageCount& count) {
  return {{"hit", count.hit}, {"total", count.total}, {"percent", count.percent()}};
}

void add_to(CoverageCount& count, bool hit) {
  ++count.total;
  count.hit += hit ? 1 : 0;
}

}  // namespace

nlohmann::ordered_json UnitCoverage::json() const {
  nlohmann::ordered_json object{{"unit", unit},
                                {"lines", count_json(lines)},
                                {"branches", count_json(branches)},
                                {"toggles", count_json(toggles)},
                                {"missed", nlohmann::ordered_json::array()}};
  for (const CoverageMiss& miss : missed)
    object["missed"].push_back({{"file", miss.file}, {"line", miss.line}, {"kind", miss.kind}, {"what", miss.what}});
  return object;
}

void Coverage::add(std::string_view text, const fs::path& rtl_dir) {
  const auto places = sources_by_name(rtl_dir);
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t close = line.rfind("' ");
    std::uint64_t count = 0;
    if (!line.starts_with("C '") || close == std::string_view::npos || close < 3 ||
        std::from_chars(line.data() + close + 2, line.data() + line.size(), count).ptr != line.data() + line.size()) {
      throw std::runtime_error(fmt::format("line {} is no coverage point, expected C 'KEY' COUNT", number));
    }
    const std::string_view key = line.substr(3, close - 3);
    auto fields = fields_of(key);
    if (fields.count("f") == 0 || fields.count("l") == 0 || fields.count("page") == 0)
      throw std::runtime_error(fmt::format("line {} is a coverage point without file, line or page", number));
    const auto found = places.find(fs::path(fields["f"]).filename().string());
    const std::string page = fields["page"];
    if (found == places.end() || !page.starts_with("v_")) continue;
    // An else-if is a way out like an else; the block that is a whole `always` is no way out.
    const std::string kind = page.starts_with("v_toggle") ? "toggle" : fields["o"] == "block" ? "line" : "branch";
    const std::string& place = found->second;
    if (!counted(kind, fields["o"])) continue;
    sums_[std::string(key)] += count;
    Point& point = points_[fmt::format("{}:{:06}:{:0>4}:{}", place, std::stoul(fields["l"]), fields["n"], fields["o"])];
    point.file = place;
    point.kind = kind;
    point.what = fields["o"];
    point.line = static_cast<unsigned>(std::stoul(fields["l"]));
    point.lines = lines_of(fields["S"]);
    point.count = std::max(point.count, count);
  }
}

std::map<std::string, std::map<unsigned, std::uint64_t>> Coverage::executed() const {
  std::map<std::string, std::map<unsigned, std::uint64_t>> executed;
  for (const auto& [key, point] : points_) {
    for (const unsigned line : point.lines) {
      auto& count = executed[point.file][line];
      count = std::max(count, point.count);
    }
  }
  return executed;
}

UnitCoverage Coverage::summary(const std::string& unit) const {
  UnitCoverage result;
  result.unit = unit;
  for (const auto& [file, lines] : executed()) {
    for (const auto& [line, count] : lines) {
      add_to(result.lines, count > 0);
      if (count == 0) result.missed.push_back({file, line, "line", ""});
    }
  }
  for (const auto& [key, point] : points_) {
    if (point.kind == "line") continue;
    add_to(point.kind == "toggle" ? result.toggles : result.branches, point.hit());
    if (!point.hit()) result.missed.push_back({point.file, point.line, point.kind, point.what});
  }
  std::ranges::stable_sort(result.missed, [](const CoverageMiss& a, const CoverageMiss& b) {
    return std::tie(a.file, a.line) < std::tie(b.file, b.line);
  });
  return result;
}

std::string Coverage::data() const {
  std::string text = "# SystemC::Coverage-3\n";
  for (const auto& [key, count] : sums_) text += fmt::format("C '{}' {}\n", key, count);
  return text;
}

std::map<std::string, std::string> Coverage::listings(const fs::path& rtl_dir) const {
  const auto lines = executed();
  std::map<std::string, std::map<unsigned, CoverageCount>> bits, branches;
  for (const auto& [key, point] : points_) {
    if (point.kind == "toggle") add_to(bits[point.file][point.line], point.hit());
    if (point.kind == "branch") add_to(branches[point.file][point.line], point.hit());
  }
  std::set<std::string> files;
  for (const auto& [key, point] : points_) files.insert(point.file);
  std::map<std::string, std::string> listings;
  for (const std::string& file : files) {
    std::istringstream source(read_text(rtl_dir / file));
    std::string text = "  executed  toggled    source (% marks what was missed)\n";
    unsigned number = 0;
    for (std::string line; std::getline(source, line);) {
      ++number;
      std::string runs, toggled;
      bool missed = false;
      if (const auto of = lines.find(file); of != lines.end() && of->second.count(number) != 0) {
        runs = std::to_string(of->second.at(number));
        missed = of->second.at(number) == 0;
      }
      if (const auto& of = bits[file]; of.count(number) != 0) {
        toggled = fmt::format("{}/{}", of.at(number).hit, of.at(number).total);
        missed |= of.at(number).hit != of.at(number).total;
      }
      if (const auto& of = branches[file]; of.count(number) != 0) missed |= of.at(number).hit != of.at(number).total;
      text += fmt::format("{}{:>9} {:>9} {:>5} {}\n", missed ? '%' : ' ', runs, toggled, number, line);
    }
    listings[file] = text;
  }
  return listings;
}

fs::path rtl_folder(const EngineOptions& options) {
  return options.rtl_dir.empty() ? source_folder() / "rtl" : options.rtl_dir;
}

void cover(const kernels::UnitInfo& unit, const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
           const EngineOptions& options, Coverage& coverage) {
  const ScratchFolder scratch(temporary_folder());
  RtlOptions with_counters{.rtl_dir = options.rtl_dir};
  with_counters.bench.coverage_path = (scratch.path() / "coverage.dat").string();
  run_rtl(unit, parameters, stimulus, {}, with_counters);
  coverage.add(read_text(with_counters.bench.coverage_path), rtl_folder(options));
}

}  // namespace subbyte::sim
