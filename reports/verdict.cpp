#include "reports/verdict.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace subbyte::reports {
namespace {

constexpr std::size_t kRows = 5;

/// The name without its group, with what follows it.
std::string without_group(const std::string& id) {
  const auto at = id.find(":g");
  if (at == std::string::npos) return id;
  const auto end = id.find_first_of(": ", at + 1);
  return id.substr(0, at) + (end == std::string::npos ? "" : id.substr(end));
}

/// Names without groups, where that leaves them different.
std::map<std::string, std::string> short_names(const std::vector<Choice>& all) {
  std::map<std::string, std::string> names;
  for (const Choice& choice : all) names[choice.name] = without_group(choice.name);
  std::map<std::string, std::size_t> times;
  for (const auto& [id, name] : names) ++times[name];
  for (auto& [id, name] : names)
    if (times[name] > 1) name = id;
  return names;
}

/// Whether a cost is of what was evaluated. A cost of many layers is, where the same layers are quantized in the same
/// formats; that of one layer stands for all where all have its format. Names are compared where a record of an older
/// version tells no definition.
bool is_for(const Cost& cost, const Loss& loss) {
  if (!cost.layers.empty() && !loss.layers.empty()) return cost.layers == loss.layers;
  if (!cost.definition.empty() && !loss.definition.empty()) return cost.definition == loss.definition;
  const bool told = !(cost.definition + cost.layers).empty() && !(loss.definition + loss.layers).empty();
  return !told && (cost.format == loss.format || cost.weights == loss.format);
}

/// Whether they go by one format or name and are of other layers.
bool of_other_layers(const Cost& cost, const Loss& loss) {
  if (cost.layers.empty() || loss.layers.empty() || cost.layers == loss.layers) return false;
  if (!cost.definition.empty() && !loss.definition.empty()) return cost.definition == loss.definition;
  return cost.format == loss.format || cost.weights == loss.format;
}

const Loss* loss_for(const LossGroup& group, const Cost& cost) {
  const auto found = std::ranges::find_if(group.losses, [&](const Loss& l) { return is_for(cost, l); });
  return found == group.losses.end() ? nullptr : &*found;
}

/// Costs of a model that the record does not tell may be those of any.
bool of_one_model(const LossGroup& loss, const CostGroup& cost) {
  return cost.model.empty() || loss.model.empty() || cost.model == loss.model;
}

/// How much a pair of groups can say: formats with a loss and an energy, then with a loss and any cost.
std::size_t worth(const LossGroup& loss, const CostGroup& cost) {
  if (!of_one_model(loss, cost)) return 0;
  std::size_t energies = 0, any = 0;
  for (const Loss& l : loss.losses) {
    any += std::ranges::any_of(cost.costs, [&](const Cost& c) { return is_for(c, l); });
    energies += std::ranges::any_of(cost.costs, [&](const Cost& c) { return is_for(c, l) && c.energy_uj; });
  }
  return 1000000 * (energies > 1 ? energies : 0) + 1000 * any + (cost.whole ? 500 : 0) +
         std::min<std::size_t>(cost.costs.size(), 400);
}

/// The pair of groups that says most; the first of equals.
void pick_groups(const std::vector<LossGroup>& losses, const std::vector<CostGroup>& costs, Verdict& out) {
  std::size_t best = 0;
  if (!costs.empty()) out.cost = costs[0];
  for (const LossGroup& loss : losses) {
    if (loss.losses.size() > out.loss.losses.size()) out.loss = loss;
    for (const CostGroup& cost : costs)
      if (const std::size_t now = worth(loss, cost); now > best) best = now;
  }
  for (const LossGroup& loss : losses)
    for (const CostGroup& cost : costs)
      if (best > 0 && worth(loss, cost) == best) {
        out.loss = loss;
        out.cost = cost;
        best = 0;
      }
  if (!of_one_model(out.loss, out.cost)) out.cost = {};
}

const std::string& identity(const Cost& cost) { return cost.layers.empty() ? cost.definition : cost.layers; }

/// Formats of one name and several definitions get the first digits of theirs behind it.
void name_apart(std::vector<Choice>& all) {
  std::map<std::string, std::set<std::string>> definitions;
  for (const Choice& choice : all) definitions[choice.name].insert(identity(choice.cost));
  for (Choice& choice : all)
    if (definitions[choice.name].size() > 1 && !identity(choice.cost).empty())
      choice.name += " #" + identity(choice.cost).substr(0, 4);
}

std::vector<Choice> joined(const LossGroup& losses, const CostGroup& costs) {
  std::vector<Choice> all;
  for (const Loss& loss : losses.losses) {
    const std::size_t before = all.size();
    for (const Cost& cost : costs.costs)
      if (is_for(cost, loss)) all.push_back({loss.format, cost, loss.loss, loss.bits, loss.unquantized});
    if (all.size() == before) all.push_back({loss.format, {}, loss.loss, loss.bits, loss.unquantized});
    for (std::size_t i = before; i < all.size(); ++i) {
      all[i].cost.definition = loss.definition;
      all[i].cost.layers = loss.layers;
    }
  }
  for (const Cost& cost : costs.costs)
    if (loss_for(losses, cost) == nullptr) {
      all.push_back({cost.format, cost, std::nullopt, cost.bits});
      all.back().other_layers =
          std::ranges::any_of(losses.losses, [&](const Loss& l) { return of_other_layers(cost, l); });
    }
  name_apart(all);
  const auto names = short_names(all);
  for (Choice& choice : all) choice.name = names.at(choice.name);
  return all;
}

/// The groups that were not picked, in words.
std::vector<std::string> others(const std::vector<LossGroup>& losses, const std::vector<CostGroup>& costs,
                                const Verdict& picked) {
  std::vector<std::string> out;
  for (const LossGroup& g : losses)
    if (!g.compares_with(picked.loss))
      out.push_back(fmt::format("losses of {} ({}{}{})", g.model, g.method, g.text.empty() ? "" : "; text ", g.text));
  for (const CostGroup& g : costs) {
    if (g.compares_with(picked.cost)) continue;
    out.push_back(fmt::format("costs of {}{}{}{}", g.work, g.technology.empty() ? "" : ", cells of ", g.technology,
                              g.library.empty() ? "" : " (library " + g.library.substr(0, 8) + ")"));
  }
  return out;
}

/// The records that take no part, each kind with its reason and counted by the command that wrote them; nothing where
/// every record takes part.
std::vector<std::string> without_part(const std::vector<Record>& records) {
  constexpr const char* kShapes = "times of models' shapes, which have no weights that a loss could be of";
  constexpr const char* kNeither = "records that tell neither a loss nor a cost of a format";
  std::map<std::string, std::map<std::string, std::size_t>> reasons;  // with the commands
  for (const Record& record : records)
    if (loss_groups({record}).empty() && cost_groups({record}).empty())
      ++reasons[record.kind.ends_with("-workload") ? kShapes : kNeither]
               [record.kind.empty() ? "an unnamed command" : record.kind];
  std::vector<std::string> texts;
  for (const auto& [reason, kinds] : reasons) {
    std::vector<std::string> counts;
    for (const auto& [kind, count] : kinds) counts.push_back(fmt::format("{} of {}", count, kind));
    texts.push_back(fmt::format("{} ({})", reason, fmt::join(counts, ", ")));
  }
  return texts;
}

/// How dear a cost is where no energy says it: area times time, as far as they are known.
double area_time(const Choice& c) {
  return c.cost.area_mm2.value_or(1e9) * (c.cost.time_us ? c.cost.time_us->value : 1e9);
}

/// One choice per format, the one of the least area times time: by bits, all designs of a format are alike.
std::vector<Choice> one_per_format(const std::vector<Choice>& all) {
  std::vector<Choice> out;
  for (const Choice& choice : all) {
    const auto same = std::ranges::find(out, choice.name, &Choice::name);
    if (same == out.end())
      out.push_back(choice);
    else if (area_time(choice) < area_time(*same))
      *same = choice;
  }
  return out;
}

double counted_loss(const Choice& choice) { return std::max(choice.loss->value, kNoLoss); }

void mark_front(Verdict& verdict) {
  const auto places = front_within(verdict, std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < places.size(); ++i) {
    verdict.all[i].front = places[i].on_front;
    if (places[i].within_tolerance_of) verdict.all[i].alike = verdict.all[*places[i].within_tolerance_of].name;
  }
}

/// Indices of the front, cheapest first.
std::vector<std::size_t> front_of(const Verdict& verdict) {
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < verdict.all.size(); ++i)
    if (verdict.all[i].front) front.push_back(i);
  std::ranges::sort(front, {}, [&](std::size_t i) { return *price(verdict, verdict.all[i]); });
  return front;
}

/// Returns the rows of a table without a front: the formats as they come, those with most figures first.
std::vector<std::size_t> first_rows(const Verdict& verdict) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < verdict.all.size(); ++i) rows.push_back(i);
  std::ranges::stable_sort(rows, std::greater{}, [&](std::size_t i) {
    const Choice& c = verdict.all[i];
    return (c.cost.energy_uj ? 4 : 0) + (c.loss ? 2 : 0) + (c.cost.area_mm2 ? 1 : 0);
  });
  rows.resize(std::min(rows.size(), kRows));
  return rows;
}

/// The rows keep what was chosen (`why` is not empty); the rest of the front fills them up, nearest in loss to the
/// tolerance first.
void choose_rows(Verdict& verdict) {
  std::vector<std::size_t> rows, rest;
  for (std::size_t i = 0; i < verdict.all.size(); ++i)
    if (!verdict.all[i].why.empty()) rows.push_back(i);
  for (const std::size_t i : front_of(verdict))
    if (verdict.all[i].why.empty()) rest.push_back(i);
  std::ranges::stable_sort(
      rest, {}, [&](std::size_t i) { return std::abs(std::log(counted_loss(verdict.all[i]) / kTolerance)); });
  for (const std::size_t i : rest)
    if (rows.size() < kRows) rows.push_back(i);
  for (std::size_t i = 0; i < verdict.all.size(); ++i) {
    const Choice& c = verdict.all[i];
    if (rows.size() < kRows && c.loss && price(verdict, c) && !c.front && c.why.empty()) rows.push_back(i);
  }
  if (rows.empty()) rows = first_rows(verdict);
  std::ranges::stable_sort(rows, {}, [&](std::size_t i) {
    return price(verdict, verdict.all[i]).value_or(std::numeric_limits<double>::infinity());
  });
  verdict.rows = rows;
}

}  // namespace

std::optional<double> price(const Verdict& verdict, const Choice& choice) {
  if (!verdict.by_energy) return choice.bits;
  return choice.cost.energy_uj ? std::optional(choice.cost.energy_uj->value) : std::nullopt;
}

std::vector<FrontPlace> front_within(const Verdict& verdict, double most) {
  constexpr double kEnergyTolerance = 0.01;
  std::vector<Judged> points;
  for (const Choice& c : verdict.all) {
    const auto cost = price(verdict, c);
    if (!c.loss || !cost || !c.cost.clock_met || c.loss->value > most) {
      points.push_back({{std::numeric_limits<double>::quiet_NaN()}, {0}});
      continue;
    }
    const double open = verdict.by_energy ? std::max(kEnergyTolerance * *cost, c.cost.energy_uj->open) : 0;
    points.push_back({{-counted_loss(c), -*cost}, {c.loss->open, open}});
  }
  std::vector<FrontPlace> places = pareto_front(points);
  for (std::size_t i = 0; i < places.size(); ++i)  // of equal points the first
    for (std::size_t j = 0; j < i; ++j)
      if (places[j].on_front && points[i].values == points[j].values) places[i].on_front = false;
  return places;
}

std::optional<Verdict> verdict(const std::vector<Record>& records) {
  const auto losses = loss_groups(records);
  const auto costs = cost_groups(records);
  if (losses.empty() && costs.empty()) return std::nullopt;
  Verdict out;
  pick_groups(losses, costs, out);
  out.aside = others(losses, costs, out);
  for (const std::string& unread : without_part(records)) out.aside.push_back(unread);
  out.all = joined(out.loss, out.cost);
  out.by_energy = std::ranges::count_if(out.all, [](const Choice& c) { return c.loss && c.cost.energy_uj; }) > 1;
  if (!out.by_energy) out.all = one_per_format(out.all);
  mark_front(out);
  choose(out);
  choose_rows(out);
  out.missing = missing_of(out);
  return out;
}

}  // namespace subbyte::reports
