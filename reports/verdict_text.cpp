// The sentences of the verdict, made from its figures.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "reports/page.hpp"
#include "reports/verdict.hpp"

namespace subbyte::reports {
namespace {

/// Two significant digits without an exponent.
std::string loss_text(double loss) {
  if (loss < kNoLoss) return fmt::format("less than {:.4f}", kNoLoss);
  return fmt::format("{:.{}f}", loss, std::max(1, 1 - static_cast<int>(std::floor(std::log10(loss)))));
}

std::string amount(double value) { return spaced(cell_text(value, 3)); }

/// "27 %", "0.83 %"; a share that whole percents would round to all is given with a digit more.
std::string percent(double share) {
  const double hundred = 100 * share;
  const int below = hundred > 0 ? static_cast<int>(std::floor(std::log10(hundred))) : 0;
  return fmt::format("{:.{}f} %", hundred, hundred < 9.95 ? 1 - below : hundred > 99 && hundred < 101 ? 1 : 0);
}

bool several_designs(const Verdict& verdict) {
  std::set<std::string> designs;
  for (const Choice& c : verdict.all)
    if (!c.cost.design.empty()) designs.insert(c.cost.design);
  return designs.size() > 1;
}

std::string named(const Verdict& verdict, const Choice& c) {
  return verdict.by_energy && several_designs(verdict) && !c.cost.design.empty() ? c.name + " on " + c.cost.design
                                                                                 : c.name;
}

/// Of those that lose at most this, the cheapest of their own front: a format that loses more does not put it aside.
Choice* cheapest(Verdict& verdict, double tolerance) {
  Choice* best = nullptr;
  const auto places = front_within(verdict, tolerance);
  for (std::size_t i = 0; i < places.size(); ++i) {
    Choice& c = verdict.all[i];
    if (places[i].on_front && (!best || *price(verdict, c) < *price(verdict, *best))) best = &c;
  }
  return best;
}

/// Of the front, what is next above this in loss.
Choice* next_cheaper(Verdict& verdict, const Choice& than) {
  Choice* best = nullptr;
  for (Choice& c : verdict.all)
    if (c.front && *price(verdict, c) < *price(verdict, than) && (!best || c.loss->value < best->loss->value))
      best = &c;
  return best;
}

/// What the choice is compared with: int8 where it is there, else the format with the most bits; on the same design
/// where it can be.
Choice* reference(Verdict& verdict, const Choice& chosen) {
  Choice* best = nullptr;
  const auto rank = [&](const Choice& c) {
    return std::make_tuple(c.name.starts_with("int8"), c.bits.value_or(0), c.cost.design == chosen.cost.design);
  };
  for (Choice& c : verdict.all)
    if (c.loss && price(verdict, c) && (!best || rank(c) > rank(*best))) best = &c;
  return best;
}

std::string against(const Verdict& verdict, const Choice& chosen, const Choice& other) {
  const std::string share = percent(*price(verdict, chosen) / *price(verdict, other));
  return fmt::format("{} of the {} of {}", share, verdict.by_energy ? "energy" : "bits", named(verdict, other));
}

/// "32 µJ, 54 µs and 11.5 mm²", or the bits.
std::string costs_of(const Verdict& verdict, const Choice& c) {
  if (!verdict.by_energy) return amount(*c.bits) + " bits per weight";
  std::string text = amount(c.cost.energy_uj->value) + " µJ";
  if (c.cost.time_us) text += " and " + amount(c.cost.time_us->value) + " µs";
  text += verdict.cost.whole                        ? " per token"
          : verdict.cost.work.starts_with("layer ") ? " per token for this layer alone"
                                                    : " per token for these layers alone";
  if (c.cost.area_mm2) text += " on " + amount(*c.cost.area_mm2) + " mm²";
  return text;
}

/// "it loses 0.0083 nats/token (perplexity +0.84 %)".
std::string loses(const Choice& c) {
  const double loss = c.loss->value;
  std::string text = fmt::format("it loses {} nats/token", loss_text(loss));
  if (c.loss->half && *c.loss->half >= kNoLoss) text += fmt::format(" ± {}", loss_text(*c.loss->half));
  if (loss >= kNoLoss) text += fmt::format(" (perplexity +{})", percent(std::exp(loss) - 1));
  return text;
}

void first_sentence(Verdict& verdict, Choice& chosen, bool tolerated) {
  Choice* other = reference(verdict, chosen);
  chosen.why = tolerated ? kChosen : "least loss of these";
  std::string text =
      tolerated
          ? fmt::format("Choose {}: ", named(verdict, chosen))
          : fmt::format("No format whose cost is known stays within {} nats/token; {} comes nearest: ", kTolerance,
                        named(verdict, chosen));
  text += loses(chosen) + " and takes " + costs_of(verdict, chosen);
  if (other && other != &chosen) {
    text += ", " + against(verdict, chosen, *other);
    other->why = "compared with";
  } else if (tolerated) {
    text += fmt::format("; nothing cheaper here stays within {} nats/token", kTolerance);
  }
  verdict.sentences.push_back(text + ".");
}

void second_sentence(Verdict& verdict, const Choice& first) {
  Choice* strict = cheapest(verdict, kStrictTolerance);
  if (strict && strict != &first) {
    strict->why = kStrictlyChosen;
    Choice* other = reference(verdict, *strict);
    const std::string share = other && other != strict ? ", " + against(verdict, *strict, *other) : "";
    verdict.sentences.push_back(fmt::format("Choose {} if the loss must stay under {} nats/token: {} and takes {}{}.",
                                            named(verdict, *strict), kStrictTolerance, loses(*strict),
                                            costs_of(verdict, *strict), share));
    return;
  }
  if (Choice* cheaper = next_cheaper(verdict, first); strict && cheaper) {
    cheaper->why = "cheaper";
    verdict.sentences.push_back(fmt::format("It also stays under {} nats/token; {} takes {}, if more may be lost: {}.",
                                            kStrictTolerance, named(verdict, *cheaper),
                                            against(verdict, *cheaper, first), loses(*cheaper)));
    return;
  }
  if (strict) {
    verdict.sentences.push_back(
        fmt::format("It also stays under {} nats/token, and nothing on this page is cheaper.", kStrictTolerance));
    return;
  }
  verdict.sentences.push_back(fmt::format("No format {} stays under {} nats/token.",
                                          verdict.by_energy ? "whose energy is known" : "on this page",
                                          kStrictTolerance));
}

/// Some formats that pass a test: "int4,nf4", as commands take them, or with another text between them.
template <typename Test>
std::string formats_that(const Verdict& verdict, Test test, const char* between = ",") {
  std::vector<std::string> names;
  for (const Choice& c : verdict.all)
    if (test(c) && std::ranges::find(names, c.name) == names.end() && names.size() < 7) names.push_back(c.name);
  if (names.size() == 7) names.back() = std::string_view(between) == "," ? "..." : "and others";
  return fmt::format("{}", fmt::join(names, between));
}

/// A format that seems to gain shows how large the noise is.
std::optional<std::string> noise_of(const Verdict& verdict) {
  const Choice* most = nullptr;
  for (const Choice& c : verdict.all)
    if (c.loss && c.loss->value < -kNoLoss && (!most || c.loss->value < most->loss->value)) most = &c;
  if (!most) return std::nullopt;
  return fmt::format(
      "{} seems to gain {} nats/token, so losses of that size are noise here ({}): evaluate more tokens "
      "before you choose.",
      most->name, loss_text(-most->loss->value), verdict.loss.method);
}

/// Which choices may be beyond the tolerance that they were chosen by, as their intervals say.
void add_doubts(const Verdict& verdict, std::vector<std::string>& all) {
  for (const auto& [why, tolerance] : {std::pair{kChosen, kTolerance}, std::pair{kStrictlyChosen, kStrictTolerance}})
    for (const Choice& c : verdict.all)
      if (c.why == why && c.loss->half && c.loss->value <= tolerance && c.loss->value + *c.loss->half > tolerance)
        all.push_back(
            fmt::format("The interval of the loss of {} reaches beyond {} nats/token: more than {} would tell.", c.name,
                        tolerance, verdict.loss.method.substr(0, verdict.loss.method.find(','))));
}

/// Costs that are of other layers than the losses, and layers that have a loss and no cost, are told.
void add_partial(const Verdict& verdict, std::vector<std::string>& all) {
  const auto other = [](const Choice& c) { return c.other_layers; };
  if (std::ranges::any_of(verdict.all, other))
    all.push_back(fmt::format(
        "The cost of {} is of {}, and no loss here is of just these layers in these formats: it covers a part, or "
        "another version, of what was evaluated, and stands beside no loss. Evaluate the file or policy that was run.",
        formats_that(verdict, other, ", "), verdict.cost.work));
  for (const Choice& c : verdict.all) {
    if (!c.loss || c.unquantized == 0 || (!c.cost.time_us && !c.cost.energy_uj)) continue;
    const std::string text = fmt::format("{} leaves {} {} unquantized, whose time and energy are in no cost here.",
                                         c.name, c.unquantized, c.unquantized == 1 ? "layer" : "layers");
    if (std::ranges::find(all, text) == all.end()) all.push_back(text);  // it may stand on several designs
  }
}

}  // namespace

void choose(Verdict& verdict) {
  Choice* first = cheapest(verdict, kTolerance);
  const bool tolerated = first != nullptr;
  if (!first)
    for (Choice& c : verdict.all)
      if (c.front && (!first || c.loss->value < first->loss->value)) first = &c;
  if (!first) return;
  first_sentence(verdict, *first, tolerated);
  second_sentence(verdict, *first);
}

std::vector<std::string> missing_of(const Verdict& verdict) {
  std::vector<std::string> all;
  if (const auto noise = noise_of(verdict)) all.push_back(*noise);
  add_doubts(verdict, all);
  const std::string path = verdict.loss.path.empty() ? "MODEL" : verdict.loss.path;
  const std::string model = verdict.loss.model == "embedded" ? verdict.loss.model : path;
  const auto any = [&](auto test) { return std::ranges::any_of(verdict.all, test); };
  if (!any([](const Choice& c) { return c.loss.has_value(); }))
    all.push_back(
        fmt::format("No record here says what a format loses, so nothing can be chosen: `subbyte evaluate "
                    "--model MODEL --format {} --record loss.json` does.",
                    formats_that(verdict, [](const Choice&) { return true; })));
  const auto lacks = [](const Choice& c) { return c.loss && !c.cost.energy_uj; };
  if (!verdict.by_energy && any(lacks))
    all.push_back(fmt::format(
        "No record here gives the energy of two formats with a loss, so the choice goes by bits per weight: `subbyte "
        "sweep` with `energy: true` in its file does, or for each of {} `subbyte simulate --model {} --format FORMAT "
        "--design DESIGN --layers all --energy --record FORMAT.json`.",
        formats_that(verdict, lacks, ", "), model));
  if (verdict.by_energy && any(lacks))
    all.push_back(fmt::format("Of these the loss is known and the energy is not, so they are not in the chart: {}.",
                              formats_that(verdict, lacks, ", ")));
  add_partial(verdict, all);
  const auto lossless = [](const Choice& c) { return !c.loss && !c.other_layers; };
  if (!verdict.loss.losses.empty() && any(lossless))
    all.push_back(
        fmt::format("Of these the cost is known and the loss is not; `subbyte evaluate --model {} --format {} "
                    "--record loss.json` gives it.",
                    model, formats_that(verdict, lossless)));
  return all;
}

}  // namespace subbyte::reports
