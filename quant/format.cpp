#include "quant/format.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <set>
#include <utility>

#include "quant/edit_distance.hpp"

namespace subbyte::quant {
namespace {

constexpr std::size_t kMaxGroup = std::numeric_limits<std::int32_t>::max();

using Names = std::vector<std::string>;

/// "; did you mean 'X'? expected A, B or C".
std::string expectation(std::string_view given, const Names& names) {
  const auto nearest = std::ranges::min_element(
      names, std::less<>{}, [&](const std::string& name) { return edit_distance(given, name); });
  std::string text = "; did you mean '" + *nearest + "'? expected ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

/// A key of a format name: its values, and what each does to the format.
struct Key {
  std::string name;
  Names values;
  std::function<void(Format&, std::size_t)> apply;
};

const std::vector<Key>& keys() {
  static const std::vector<Key> table = {
      {"arith",
       {"exact", "fp16"},
       [](Format& f, std::size_t i) { f.arithmetic = static_cast<Arithmetic>(i); }},
      {"scale",
       {"fp16", "u8"},
       [](Format& f, std::size_t i) { f.scaling.stored = static_cast<ScaleFormat>(i); }},
  };
  return table;
}

[[noreturn]] void fail(std::string_view id, const std::string& text) {
  throw FormatError("format '" + std::string(id) + "': " + text);
}

std::size_t parse_group(std::string_view id, std::string_view text) {
  std::size_t group = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, group);
  if (error != std::errc{} || stop != end || group < 1 || group > kMaxGroup) {
    fail(id, "group 'g" + std::string(text) + "', expected g1..g" + std::to_string(kMaxGroup));
  }
  return group;
}

std::string apply_key(std::string_view id, std::string_view part, Format& format) {
  const auto equals = part.find('=');
  if (equals == std::string_view::npos) {
    fail(id,
         "cannot read '" + std::string(part) + "', expected gN or key=value, for example g128 or scale=u8");
  }
  const auto name = part.substr(0, equals);
  const auto value = part.substr(equals + 1);
  Names names;
  for (const auto& key : keys()) {
    names.push_back(key.name);
    if (key.name != name) continue;
    const auto found = std::ranges::find(key.values, value);
    if (found == key.values.end()) {
      fail(id, "unknown value '" + std::string(value) + "' of " + key.name + expectation(value, key.values));
    }
    key.apply(format, static_cast<std::size_t>(found - key.values.begin()));
    return key.name;
  }
  fail(id, "unknown key '" + std::string(name) + "'" + expectation(name, names));
}

Format row_format(std::string_view id, std::string_view name) {
  Names names;
  for (const auto& row : format_table()) {
    if (row.name == name) return row.format;
    names.push_back(row.name);
  }
  fail(id, "unknown format '" + std::string(name) + "'" + expectation(name, names));
}

}  // namespace

std::string Format::id() const {
  std::string text = name + ":g" + std::to_string(scaling.group);
  if (arithmetic == Arithmetic::kFp16) text += ":arith=fp16";
  if (scaling.stored == ScaleFormat::kU8BelowChannel) text += ":scale=u8";
  return text;
}

double Format::nominal_bits_per_weight() const {
  const unsigned scale_bits = scaling.stored == ScaleFormat::kFp16 ? 16 : 8;
  const unsigned zero_bits = scaling.zero_point ? 8 : 0;
  const double metadata = scale_bits + selector_bits() + zero_bits;
  return alphabet.code_bits + metadata / static_cast<double>(scaling.group);
}

Format parse_format(std::string_view id) {
  std::size_t begin = std::min(id.find(':'), id.size());
  Format format = row_format(id, id.substr(0, begin));
  std::set<std::string> given;
  while (begin < id.size()) {
    const auto end = std::min(id.find(':', begin + 1), id.size());
    const auto part = id.substr(begin + 1, end - begin - 1);
    std::string key = "group";
    if (part.starts_with('g') && part.find('=') == std::string_view::npos) {
      format.scaling.group = parse_group(id, part.substr(1));
    } else {
      key = apply_key(id, part, format);
    }
    if (!given.insert(key).second) fail(id, key + " is given twice, expected once");
    begin = end;
  }
  return format;
}

}  // namespace subbyte::quant
