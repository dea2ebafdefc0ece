#include "quant/formats/format.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <map>
#include <utility>

#include "quant/base/suggestion.hpp"

namespace subbyte::quant {
namespace {

constexpr std::string_view kChannel = "channel";

using Names = std::vector<std::string>;
using Chosen = std::map<std::string, std::string, std::less<>>;

[[noreturn]] void fail(std::string_view id, const std::string& text) {
  throw FormatError("format '" + std::string(id) + "': " + text);
}

void read_option(std::string_view id, std::string_view part, const FormatRow& row, Chosen& chosen) {
  const auto equals = part.find('=');
  if (equals == std::string_view::npos) {
    fail(id, "cannot read '" + std::string(part) + "', expected gN or key=value, for example g128 or scale=u8");
  }
  const auto name = part.substr(0, equals);
  const auto value = part.substr(equals + 1);
  Names names;
  for (const auto& option : row.options) names.push_back(option.name);
  if (names.empty())
    fail(id, "unknown key '" + std::string(name) + "'; " + row.name + " has no keys, expected gN alone");
  const auto option = std::ranges::find(row.options, name, &FormatOption::name);
  if (option == row.options.end()) fail(id, "unknown key '" + std::string(name) + "', " + expectation(name, names));
  if (std::ranges::find(option->values, value) == option->values.end()) {
    fail(id,
         "unknown value '" + std::string(value) + "' of " + option->name + ", " + expectation(value, option->values));
  }
  if (!chosen.emplace(name, value).second) fail(id, std::string(name) + " is given twice, expected once");
}

const FormatRow& find_row(std::string_view name) {
  Names names;
  for (const auto& row : format_table()) {
    if (row.name == name) return row;
    names.push_back(row.name);
  }
  const std::string near = nearest(name, names);
  throw FormatError("unknown format '" + std::string(name) + "', expected one of the " + std::to_string(names.size()) +
                    " that `subbyte formats --all` lists" + (near.empty() ? "" : "; did you mean '" + near + "'?"));
}

Format build(const FormatRow& row, const Chosen& chosen) {
  const auto value = [&](std::string_view option) {
    const auto found = chosen.find(option);
    if (found != chosen.end()) return found->second;
    return std::ranges::find(row.options, option, &FormatOption::name)->values.front();
  };
  Format format = row.build(value);
  for (const auto& option : row.options) {
    if (value(option.name) != option.values.front()) format.options.emplace_back(option.name, value(option.name));
  }
  return format;
}

}  // namespace

std::size_t parse_group(std::string_view id, std::string_view text) {
  if (text == kChannel) return kWholeRow;
  std::size_t group = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, group);
  if (error != std::errc{} || stop != end || group < 1 || group > kWholeRow) {
    fail(id, "group 'g" + std::string(text) + "', expected g1..g" + std::to_string(kWholeRow) + " or gchannel");
  }
  return group;
}

std::string Format::id() const {
  std::string text = name + ":g";
  text += scaling.group == kWholeRow ? std::string(kChannel) : std::to_string(scaling.group);
  for (const auto& [option, value] : options) {
    text += ':';
    text += option;
    text += '=';
    text += value;
  }
  return text;
}

unsigned Format::selector_bits() const {
  return alphabet.selectors() > 1 && !scaling.selector_in_scale
             ? static_cast<unsigned>(std::bit_width(alphabet.selectors() - 1))
             : 0;
}

double Format::nominal_bits_per_weight() const {
  const auto& block = layout_info(layout);
  const double code_bits =
      block.block_bits == 0 ? alphabet.code_bits : static_cast<double>(block.block_bits) / block.codes_per_block;
  if (scaling.group == kWholeRow) return code_bits;
  const unsigned scale_bits =
      scaling.selector_in_scale ? 8 * scale_info(scaling.stored).bytes : scale_info(scaling.stored).bits;
  const unsigned zero_bits = scaling.zero_point ? 8 : 0;
  const double metadata = scale_bits * scaling.planes + selector_bits() + zero_bits;
  return code_bits + metadata / static_cast<double>(scaling.group);
}

Format parse_format(std::string_view id) {
  std::size_t begin = std::min(id.find(':'), id.size());
  const FormatRow& row = find_row(id.substr(0, begin));
  std::size_t group = 0;
  Chosen chosen;
  while (begin < id.size()) {
    const auto end = std::min(id.find(':', begin + 1), id.size());
    const auto part = id.substr(begin + 1, end - begin - 1);
    if (part.starts_with('g') && part.find('=') == std::string_view::npos) {
      if (group != 0) fail(id, "group is given twice, expected once");
      group = parse_group(id, part.substr(1));
    } else {
      read_option(id, part, row, chosen);
    }
    begin = end;
  }
  Format format = build(row, chosen);
  if (group != 0) format.scaling.group = group;
  return format;
}

}  // namespace subbyte::quant
