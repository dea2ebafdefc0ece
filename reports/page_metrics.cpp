// Figures made readable, and those of several records in one table.
#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

#include "reports/page.hpp"

namespace subbyte::reports {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string readable(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

nlohmann::json number(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (std::abs(value) < 1e15 && value == std::floor(value)) return static_cast<std::int64_t>(value);
  return value;
}

/// `metrics[i]` are those of record i.
std::vector<nlohmann::json> column_of(const std::vector<std::vector<Metric>>& metrics, Column& column) {
  std::vector<nlohmann::json> cells(metrics.size());
  double largest = 0;
  const auto is_it = [&](const Metric& m) { return m.name == column.name && m.unit == column.unit; };
  for (const auto& of_record : metrics)
    for (const Metric& m : of_record) {
      if (!is_it(m)) continue;
      largest = std::max(largest, std::abs(m.value));
      if (column.source.find(m.source) == std::string::npos) column.source += "; " + m.source;
    }
  const Scaled scale = scaled(largest, column.unit);
  for (std::size_t i = 0; i < metrics.size(); ++i)
    for (const Metric& m : metrics[i])
      if (is_it(m)) cells[i] = number(m.value * scale.factor);
  column.unit = scale.unit;
  column.name = readable(column.name);
  return cells;
}

/// Words, and the parts between commas of words such as "(cols=2,rows=2)".
std::vector<std::string> pieces_of(const std::string& text) {
  std::vector<std::string> pieces(1);
  for (const char c : text) {
    pieces.back() += c;
    if (c == ' ' || c == ',') pieces.emplace_back();
  }
  std::erase(pieces, "");
  return pieces;
}

/// The pieces without longer runs of those that all of `others` have.
std::string without_common(const std::vector<std::string>& pieces,
                           const std::vector<std::vector<std::string>>& others) {
  constexpr std::size_t kWorthIt = 12;
  std::string out, run;
  const auto close = [&] {
    out += run.size() < kWorthIt ? run : out.empty() || out.ends_with(' ') ? "… " : "…";
    run.clear();
  };
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto has = [&](const std::vector<std::string>& other) {
      return std::ranges::find(other, pieces[i]) != other.end();
    };
    if (i > 0 && std::ranges::all_of(others, has)) {
      run += pieces[i];
      continue;
    }
    close();
    out += pieces[i];
  }
  close();
  out.erase(out.find_last_not_of(" ,") + 1);
  return out;
}

/// Long titles without their common middle, as far as they stay different.
std::vector<std::string> clamped(const std::vector<std::string>& titles) {
  std::vector<std::vector<std::string>> all;
  for (const std::string& title : titles) all.push_back(pieces_of(title));
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < titles.size(); ++i) {
    std::vector<std::vector<std::string>> alike;
    for (const auto& other : all)
      if (!other.empty() && !all[i].empty() && other[0] == all[i][0]) alike.push_back(other);
    parts.push_back(without_common(all[i], alike.size() > 1 ? alike : all));
  }
  const auto unique = [](std::vector<std::string> texts) {
    std::ranges::sort(texts);
    return std::ranges::adjacent_find(texts) == texts.end();
  };
  return unique(parts) || !unique(titles) ? parts : titles;
}

}  // namespace

std::string spaced(const std::string& number) {
  const std::size_t from = number.starts_with('-') ? 1 : 0,
                    to = std::min(number.find_first_not_of("0123456789", from), number.size());
  std::string out = number;
  if (to - from < 5) return out;
  for (std::size_t at = to; at > from + 3;) out.insert(at -= 3, "\u202f");
  return out;
}

Scaled scaled(double largest, const std::string& unit) {
  constexpr std::array<std::pair<double, const char*>, 8> kPrefixes{
      {{1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}, {1e-3, "m"}, {1e-6, "µ"}, {1e-9, "n"}, {1e-12, "p"}}};
  const bool joules = unit.starts_with("J/") || unit.starts_with("J*");
  const bool known = joules || unit == "s" || unit == "J" || unit == "W" || unit == "Hz";
  if (!known || !std::isfinite(largest) || largest < 1e-12) return {1, unit};
  for (const auto& [size, prefix] : kPrefixes)
    if (largest >= size) return {1 / size, prefix + unit};
  return {1, unit};
}

std::vector<std::string> distinct_parts(const std::vector<std::string>& titles) {
  if (titles.size() < 2) return titles;
  std::vector<std::vector<std::string>> all;
  std::size_t shortest = kNoColumn, front = 0, back = 0;
  for (const std::string& title : titles) {
    all.push_back(words_of(title));
    shortest = std::min(shortest, all.back().size());
  }
  const auto same = [&](auto word) {
    return std::ranges::all_of(all, [&](const auto& words) { return word(words) == word(all[0]); });
  };
  while (front < shortest && same([&](const auto& words) { return words[front]; })) ++front;
  while (front + back < shortest && same([&](const auto& words) { return words[words.size() - 1 - back]; })) ++back;
  std::vector<std::string> parts;
  for (const auto& words : all) {
    std::string part;
    for (std::size_t i = front; i < words.size() - back; ++i) part += (part.empty() ? "" : " ") + words[i];
    parts.push_back(part);
  }
  // Titles that differ by an added word leave nothing of the shorter one.
  return clamped(std::ranges::any_of(parts, &std::string::empty) ? titles : parts);
}

Table side_by_side(const std::vector<const Record*>& records) {
  Table table;
  table.title = "Metrics of each record";
  table.columns.push_back({"record", "", ""});
  std::vector<std::string> titles;
  std::vector<std::vector<Metric>> metrics;
  for (const Record* record : records) {
    titles.push_back(record->title);
    metrics.push_back(with_half_widths(record->metrics));
    for (const Metric& m : metrics.back()) {
      const auto same = [&](const Column& c) { return c.name == m.name && c.unit == m.unit; };
      if (std::ranges::none_of(table.columns, same)) table.columns.push_back({m.name, m.unit, m.source, 5});
    }
  }
  for (const std::string& part : distinct_parts(titles)) table.rows.push_back({part});
  for (std::size_t i = 1; i < table.columns.size(); ++i) {
    const std::vector<nlohmann::json> cells = column_of(metrics, table.columns[i]);
    for (std::size_t r = 0; r < records.size(); ++r) table.rows[r].push_back(cells[r]);
  }
  return table;
}

}  // namespace subbyte::reports
