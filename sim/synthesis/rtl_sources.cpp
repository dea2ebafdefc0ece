#include "sim/synthesis/rtl_sources.hpp"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <set>

#include "sim/base/hash.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/process.hpp"

namespace subbyte::sim {
namespace fs = std::filesystem;
namespace {

/// Modules by their names, and what they may read besides (with `include` or $readmemh) by the names of the files.
std::map<std::string, fs::path> files_by_stem(const fs::path& rtl) {
  std::map<std::string, fs::path> files;
  for (const fs::path& folder : rtl_folders(rtl)) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      if (!entry.is_regular_file() || !entry.path().has_extension()) continue;
      const bool module = entry.path().extension() == ".sv";
      files.emplace((module ? entry.path().stem() : entry.path().filename()).string(), entry.path());
    }
  }
  return files;
}

std::set<std::string> modules_directly_in(const fs::path& rtl) {
  std::set<std::string> modules;
  for (const fs::directory_entry& entry : fs::directory_iterator(rtl))
    if (entry.path().extension() == ".sv") modules.insert(entry.path().stem().string());
  return modules;
}

/// Returns the text without comments and with single blanks, which is what the tools see.
std::string bare(const std::string& text) {
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    if (text.compare(at, 2, "//") == 0) {
      at = std::min(text.find('\n', at), text.size());
    } else if (text.compare(at, 2, "/*") == 0) {
      const std::size_t end = text.find("*/", at);
      at = end == std::string::npos ? text.size() : end + 2;
    } else if (std::isspace(static_cast<unsigned char>(text[at])) != 0) {
      if (!kept.empty() && kept.back() != ' ') kept += ' ';
      ++at;
    } else {
      kept += text[at++];
    }
  }
  if (!kept.empty() && kept.back() == ' ') kept.pop_back();
  return kept;
}

/// Returns the words of the text. A '.' joins two words, so that file names of includes are words too.
std::set<std::string> words_of(const std::string& text) {
  std::set<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.') {
      word += c;
    } else if (!word.empty()) {
      words.insert(word);
      word.clear();
    }
  }
  return words;
}

class Closure {
 public:
  explicit Closure(const fs::path& rtl) : files_(files_by_stem(rtl)), directly_(modules_directly_in(rtl)) {}

  bool has(const std::string& stem) const { return files_.count(stem) != 0; }

  void add(const std::string& stem) {
    if (!seen_.insert(stem).second) return;
    const fs::path& path = files_.at(stem);
    const std::string text = bare(read_text(path));
    for (const std::string& word : words_of(text)) {
      if (directly_.contains(word)) units_.insert(word);
      if (word != stem && has(word)) add(word);
    }
    content_ += fmt::format("{}\n{}\n", stem, text);
    if (path.extension() == ".sv") sources_.files.push_back(fs::absolute(path));
  }

  RtlSources finish() {
    sources_.hash = content_hash(content_);
    for (const std::string& unit : units_) sources_.units += " " + unit;
    return std::move(sources_);
  }

 private:
  std::map<std::string, fs::path> files_;
  std::set<std::string> directly_, units_;
  std::set<std::string> seen_;
  std::string content_;
  RtlSources sources_;
};

}  // namespace

std::vector<fs::path> rtl_folders(const fs::path& rtl) {
  std::vector<fs::path> folders;
  std::ifstream lines(rtl / "search_path.txt");
  for (std::string line; std::getline(lines, line);) {
    const fs::path folder = line == "." ? rtl : rtl / line;
    if (!line.empty() && fs::is_directory(folder)) folders.push_back(folder);
  }
  if (folders.empty() && fs::is_directory(rtl)) folders.push_back(rtl);
  return folders;
}

RtlSources rtl_sources(const fs::path& rtl, std::string_view module) {
  Closure closure(rtl);
  const std::string stem(module);
  if (!closure.has(stem)) throw InputError(rtl.string(), "unit '" + stem + "'", "has no RTL, expected " + stem + ".sv");
  closure.add(stem);
  RtlSources sources = closure.finish();
  for (const fs::path& folder : rtl_folders(rtl)) sources.include_dirs.push_back(fs::absolute(folder));
  return sources;
}

bool is_unit_module(const fs::path& rtl, std::string_view module) {
  return fs::exists(rtl / (std::string(module) + ".sv"));
}

}  // namespace subbyte::sim
