// `subbyte formats`: the table of number formats, and the documentation of one.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "reports/text.hpp"
#include "sim/commands/command.hpp"
#include "sim/config/format_file.hpp"
#include "sim/config/format_text.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::ordered_json;

struct FormatsCommand {
  std::optional<quant::Format> format;
  bool all = false;
  bool json = false;
};

constexpr const char* kNotes = R"(
A format is written NAME[:gN|:gchannel][:key=value...], for example bitmod-fp4:g128:arith=fp16 or
int4-asym:g64. FILE.yaml[:gN] is a format of your own; configs/formats/ has examples. The column
"cycles" counts the terms of a level, which are the cycles that the bit-serial PE spends on a
weight; it is "-" where levels are no short sums of powers of two.

JSON:
  {"formats":[{"name","family","bits","default_id","nominal_bits_per_weight","cycles_per_weight",
               "group","scale","keys":{KEY:[values]},"summary","source"}]}
With NAME it is the document of that format, and its "levels".
)";

std::optional<FormatsCommand> read_options(Arguments args) {
  FormatsCommand command;
  Options options("formats [NAME] [--all] [--json]", command.json);
  options
      .named("name FORMAT", command.format, "", read_format,
             "Document this format: its levels, scale, layout and exact bits (the first argument).")
      .without_name();
  options.flag("all", command.all, "List every format. Without this, a family of formats is one line.");
  options.notes(kNotes);
  if (!options.parse(args)) return std::nullopt;
  options.excludes({"all"}, "name", "the document of one format");
  return command;
}

Json keys_json(const quant::FormatRow& row) {
  Json keys = Json::object();
  for (const auto& option : row.options) keys[option.name] = option.values;
  return keys;
}

Json row_json(const quant::FormatRow& row) {
  const auto& scaling = row.format.scaling;
  return {{"name", row.name},
          {"family", row.family},
          {"bits", row.format.alphabet.code_bits},
          {"default_id", row.format.id()},
          {"nominal_bits_per_weight", row.format.nominal_bits_per_weight()},
          {"cycles_per_weight", cycles_of(row.format)},
          {"group", scaling.group == quant::kWholeRow ? Json("channel") : Json(scaling.group)},
          {"scale", quant::scale_info(scaling.stored).name},
          {"keys", keys_json(row)},
          {"summary", row.summary},
          {"source", row.source}};
}

/// Few values in full, many by their first and last.
std::string keys_text(const quant::FormatRow& row) {
  std::string text;
  for (const quant::FormatOption& option : row.options) {
    const std::vector<std::string>& values = option.values;
    const std::string shown = values.size() <= 7 ? fmt::format("{}", fmt::join(values, "|"))
                                                 : fmt::format("{}|{}..{}", values[0], values[1], values.back());
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", option.name, shown);
  }
  return text;
}

std::string range_text(std::span<const quant::FormatRow> rows, double (*figure)(const quant::FormatRow&), int digits) {
  const auto [low, high] = std::ranges::minmax_element(rows, {}, figure);
  const std::string first = fmt::format("{:.{}f}", figure(*low), digits);
  const std::string last = fmt::format("{:.{}f}", figure(*high), digits);
  return first == last ? first : first + ".." + last;
}

/// "1..4"; with "-" where some row has no terms.
std::string cycles_text(std::span<const quant::FormatRow> rows) {
  std::vector<unsigned> known;
  for (const auto& row : rows) {
    const Json terms = cycles_of(row.format);
    if (!terms.is_null()) known.push_back(terms.get<unsigned>());
  }
  if (known.empty()) return "-";
  const auto [low, high] = std::ranges::minmax(known);
  return (low == high ? fmt::format("{}", low) : fmt::format("{}..{}", low, high)) +
         (known.size() < rows.size() ? ",-" : "");
}

double nominal_bits(const quant::FormatRow& row) { return row.format.nominal_bits_per_weight(); }
double group_of(const quant::FormatRow& row) { return static_cast<double>(row.format.scaling.group); }

/// The text of rows of one family; a long summary goes on below itself.
std::string row_text(std::span<const quant::FormatRow> rows) {
  const auto& first = rows.front();
  const bool one = rows.size() == 1;
  reports::TerminalText text(false);
  text.line(
      fmt::format(
          "{:<16} {:>14} {:>8} {:>7} {:>6}  {}{}{}", one ? first.name : first.family, range_text(rows, nominal_bits, 4),
          first.format.scaling.group == quant::kWholeRow ? "channel" : range_text(rows, group_of, 0),
          quant::scale_info(first.format.scaling.stored).name, cycles_text(rows),
          one ? first.summary : fmt::format("{} .. {}: {}, ...", first.name, rows.back().name, first.summary),
          first.options.empty() ? "" : fmt::format("  {{{}}}", keys_text(first)), fmt::format("  [{}]", first.source)),
      57);
  return text.text();
}

void print_list(bool all) {
  std::cout << fmt::format("{:<16} {:>14} {:>8} {:>7} {:>6}  {}\n", "format", "nominal bits/w", "group", "scale",
                           "cycles", "what it is  {keys, first the default}  [source]");
  const auto& table = quant::format_table();
  for (std::size_t begin = 0; begin < table.size();) {
    std::size_t end = begin + 1;
    while (!all && end < table.size() && table[end].family == table[begin].family) ++end;
    std::cout << row_text(std::span(table).subspan(begin, end - begin));
    begin = end;
  }
  if (!all) std::cout << "--all lists every format of a family, and `subbyte formats NAME` documents one format.\n";
}

Json levels_json(const quant::Format& format) {
  const auto table = level_table(format);
  Json levels = Json::array();
  for (const auto& row : table.rows) {
    levels.push_back({{"code", row[0]},
                      {"levels", Json(std::vector<nlohmann::json>(row.begin() + 1, row.end() - 1))},
                      {"terms", row.back()}});
  }
  return levels;
}

void print_values(const Json& object, std::size_t indent) {
  for (const auto& [key, value] : object.items()) {
    std::string name = key;
    std::ranges::replace(name, '_', ' ');
    if (value.is_object()) {
      std::cout << fmt::format("{:{}}{}\n", "", indent, name);
      print_values(value, indent + 2);
    } else {
      std::cout << fmt::format("{:{}}{:<{}} {}\n", "", indent, name, 32 - indent,
                               value.is_string() ? value.get<std::string>()
                               : value.is_null() ? "-"
                                                 : value.dump());
    }
  }
}

int run_one(const quant::Format& format, bool json) {
  Json object = document(format);
  const auto& table = quant::format_table();
  const auto row = std::ranges::find(table, format.name, &quant::FormatRow::name);
  if (format.definition.empty() && row != table.end()) {
    object["summary"] = row->summary;
    object["keys"] = keys_json(*row);
  }
  if (!format.definition.empty()) object["definition"] = Json::parse(format.definition);
  if (json) {
    object["levels"] = levels_json(format);
    print_json(object);
    return kDone;
  }
  if (object.contains("keys")) object["keys"] = keys_text(*row).empty() ? "gN alone" : keys_text(*row);
  print_values(object, 0);
  auto levels = level_table(format);
  for (auto& cells : levels.rows) {
    for (auto& cell : cells) {
      if (cell.is_number()) cell = fmt::format("{}", cell.get<double>());
    }
  }
  std::cout << "\n" << reports::terminal(levels);
  return kDone;
}

}  // namespace

int run_formats(Arguments args) {
  const auto command = read_options(args);
  if (!command) return kDone;
  if (command->format) return run_one(*command->format, command->json);
  if (!command->json) {
    print_list(command->all);
    return kDone;
  }
  Json formats = Json::array();
  for (const quant::FormatRow& row : quant::format_table()) formats.push_back(row_json(row));
  print_json({{"formats", formats}});
  return kDone;
}

}  // namespace subbyte::sim
