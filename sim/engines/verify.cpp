#include "sim/engines/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>

#include "sim/base/hash.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/parallel_for.hpp"
#include "sim/base/paths.hpp"
#include "sim/base/process.hpp"
#include "sim/base/progress.hpp"
#include "sim/config/format_file.hpp"
#include "sim/engines/netlist_engine.hpp"

namespace subbyte::sim {
namespace {

struct Answer {
  const OpenEngine* engine;
  kernels::Trace trace;
  std::string failure;
};

std::uint64_t stimulus_seed(const VerifyRun& run) {
  const std::string key = fmt::format("{} {} {} {}", run.unit->name, run.format,
                                      kernels::parameters_text(run.parameters), run.stall_percent);
  return hash_number(key, run.seed);
}

std::string names_of(const std::vector<OpenEngine>& engines) {
  std::string names;
  for (const OpenEngine& engine : engines) names += (names.empty() ? "" : ",") + std::string(engine.name());
  return names;
}

// An engine that does not finish (a deadlock, a failed assertion) has answered with no beats. What could not be built
// or started is no answer and no mismatch: it ends the command.
Answer ask(const OpenEngine& engine, const VerifyRun& run, const kernels::Stimulus& stimulus) {
  const kernels::UnitInfo& unit = *run.unit;
  try {
    return {&engine, engine.run(unit, run.parameters, stimulus), ""};
  } catch (const kernels::RunFailure& error) {
    return {&engine, kernels::Trace(unit.output_shape(run.parameters), engine.timed()),
            fmt::format("{}: {}", engine.name(), error.what())};
  }
}

std::vector<Answer> ask_all(const VerifyRequest& request, const VerifyRun& run) {
  const kernels::Stimulus stimulus = run.stimulus();
  std::vector<std::optional<Answer>> asked(request.engines.size());
  for_engines(request.engines, [&](std::size_t i) { asked[i] = ask(request.engines[i], run, stimulus); });
  std::vector<Answer> answers;
  for (auto& answer : asked) answers.push_back(std::move(*answer));
  return answers;
}

void compare_all(const std::vector<Answer>& answers, VerifyRun& run) {
  const kernels::BeatShape shape = run.unit->output_shape(run.parameters);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].failure.empty()) run.failures.push_back(answers[i].failure);
    for (std::size_t j = i + 1; j < answers.size(); ++j) {
      const kernels::Trace& a = answers[i].trace;
      const kernels::Trace& b = answers[j].trace;
      const Comparison what{answers[i].engine->bits() && answers[j].engine->bits(), a.timed() && b.timed()};
      const kernels::Verdict verdict = kernels::compare(a, b);
      const std::string name_a(answers[i].engine->name());
      const std::string name_b(answers[j].engine->name());
      const std::uint64_t missing = std::max(a.size(), b.size()) - std::min(a.size(), b.size());
      const std::uint64_t bits = what.bits ? verdict.bit_mismatches : missing;
      const bool differs = bits + verdict.cycle_mismatches > 0;
      run.pairs.push_back({name_a, name_b, run.cases, verdict.beats, bits, verdict.cycle_mismatches, what.bits,
                           what.cycles, 1, differs ? 1U : 0U});
      if (!run.first) run.first = first_mismatch(shape, name_a, a, name_b, b, what);
    }
  }
}

std::vector<kernels::Parameters> points_of(const VerifyRequest& request, const kernels::UnitInfo& unit) {
  std::vector<kernels::Parameters> points;
  const auto maps = [](const OpenEngine& engine) { return engine.name() == "netlist"; };
  if (request.parameters) {
    points.push_back(kernels::resolve(unit, *request.parameters));
  } else if (std::ranges::any_of(request.engines, maps)) {
    points.push_back(netlist_point(unit));
  } else {
    for (const auto& point : unit.points) points.push_back(kernels::resolve(unit, point));
  }
  return points;
}

bool needs_rtl(const OpenEngine& engine) { return engine.name() == "rtl" || engine.name() == "netlist"; }

/// Returns why the engines that are asked cannot run the unit in this format.
std::optional<kernels::Refusal> refusal(const VerifyRequest& request, const kernels::UnitInfo& unit,
                                        const kernels::Parameters& point, const quant::Format& format) {
  if (std::ranges::any_of(request.engines, needs_rtl))
    if (auto why = kernels::without_rtl(unit)) return why;
  return unit.unsupported(point, format);
}

// Returns the points that can run the format; the others are recorded with their reason.
std::vector<kernels::Parameters> runnable(const VerifyRequest& request, const kernels::UnitInfo& unit,
                                          const quant::Format& format, std::vector<Skipped>& skipped) {
  std::vector<kernels::Parameters> points;
  for (const auto& point : points_of(request, unit)) {
    if (const auto why = refusal(request, unit, point, format))
      skipped.push_back({unit.name, format.id(), point, why->text});
    else
      points.push_back(point);
  }
  return points;
}

std::invalid_argument cannot_run(const kernels::UnitInfo& unit, const quant::Format& format,
                                 const std::vector<Skipped>& skipped) {
  return std::invalid_argument(fmt::format("unit {} cannot run {}: {}", unit.name, format.id(),
                                           skipped.empty() ? "no points" : skipped.back().why));
}

nlohmann::ordered_json pair_json(const PairCount& pair) {
  return {{"engines", {pair.a, pair.b}},
          {"cases", pair.cases},
          {"beats", pair.beats},
          {"bit_mismatches", pair.bit_mismatches},
          {"cycle_mismatches", pair.cycle_mismatches},
          {"runs", pair.runs},
          {"runs_differing", pair.runs_differing},
          {"bits_compared", pair.bits_compared},
          {"cycles_compared", pair.cycles_compared}};
}

nlohmann::ordered_json run_json(const VerifyRun& run) {
  nlohmann::ordered_json object{{"unit", run.unit->name},
                                {"format", run.format},
                                {"parameters", run.parameters},
                                {"stall_percent", run.stall_percent},
                                {"seed", run.seed},
                                {"cases", run.cases},
                                {"engines", run.engines},
                                {"pairs", nlohmann::ordered_json::array()}};
  for (const PairCount& pair : run.pairs) object["pairs"].push_back(pair_json(pair));
  if (run.equal()) return object;
  if (run.first) object["first_mismatch"] = run.first->json();
  object["failures"] = run.failures;
  object["again"] = run.again();
  return object;
}

}  // namespace

std::string VerifyRun::again() const {
  const bool own = description.starts_with('{');  // a user's format is the definition itself
  std::string command =
      fmt::format("{} verify --unit {} --format {} --params {} --stalls {} --cases {} --seed {} --engine {}",
                  shell_quoted(program()), unit->name, own ? shell_quoted(description) : format,
                  kernels::parameters_text(parameters), stall_percent, cases, seed, engines);
  if (!options.rtl_dir.empty()) command += " --rtl-dir " + shell_quoted(options.rtl_dir.string());
  if (engines.find("netlist") != std::string::npos && options.technology != EngineOptions{}.technology)
    command += " --technology " + shell_quoted(options.technology);
  return command;
}

kernels::Stimulus VerifyRun::stimulus() const {
  kernels::RandomRequest random;
  random.format = parse_description(description.empty() ? format : description);
  random.cases = cases;
  random.seed = stimulus_seed(*this);
  random.stalls = {random.seed, stall_percent, stall_percent};
  return unit->random(parameters, random);
}

bool VerifyResult::equal() const {
  return !runs.empty() && std::ranges::all_of(runs, [](const VerifyRun& run) { return run.equal() && run.cases > 0; });
}

std::vector<PairCount> VerifyResult::pairs() const {
  std::vector<PairCount> sums;
  for (const VerifyRun& run : runs) {
    for (const PairCount& pair : run.pairs) {
      auto sum = std::ranges::find_if(sums, [&](const PairCount& s) { return s.a == pair.a && s.b == pair.b; });
      if (sum == sums.end())
        sum = sums.insert(sum, {pair.a, pair.b, 0, 0, 0, 0, pair.bits_compared, pair.cycles_compared, 0, 0});
      sum->runs += pair.runs;
      sum->runs_differing += pair.runs_differing;
      sum->cases += pair.cases;
      sum->beats += pair.beats;
      sum->bit_mismatches += pair.bit_mismatches;
      sum->cycle_mismatches += pair.cycle_mismatches;
    }
  }
  return sums;
}

nlohmann::ordered_json VerifyResult::json() const {
  nlohmann::ordered_json object{{"equal", equal()},
                                {"pairs", nlohmann::ordered_json::array()},
                                {"runs", nlohmann::ordered_json::array()},
                                {"skipped", nlohmann::ordered_json::array()}};
  for (const PairCount& pair : pairs()) object["pairs"].push_back(pair_json(pair));
  for (const VerifyRun& run : runs) object["runs"].push_back(run_json(run));
  for (const Skipped& skip : skipped) {
    object["skipped"].push_back(
        {{"unit", skip.unit}, {"format", skip.format}, {"parameters", skip.parameters}, {"why", skip.why}});
  }
  return object;
}

VerifyRun shrunk(const VerifyRequest& request, const VerifyRun& run) {
  VerifyRun shortest = run;
  const auto differs = [&](unsigned stalls, std::size_t cases) {
    VerifyRun shorter = run;
    shorter.stall_percent = stalls;
    shorter.cases = cases;
    shorter.pairs.clear();
    shorter.first.reset();
    shorter.failures.clear();
    compare_all(ask_all(request, shorter), shorter);
    if (!shorter.equal()) shortest = shorter;
    return !shorter.equal();
  };
  for (const unsigned stalls : std::set<unsigned>{0, run.stall_percent})
    for (std::size_t cases = 1; cases <= run.cases;
         cases = cases == run.cases ? cases + 1 : std::min(2 * cases, run.cases))
      if (differs(stalls, cases)) return shortest;
  return shortest;
}

namespace {

/// All runs of a unit and a format, before any of them begins.
struct RunGroup {
  std::size_t first = 0, count = 0;
};

void add_group(const VerifyRequest& request, const kernels::UnitInfo& unit, const quant::Format& format,
               VerifyResult& result, std::vector<RunGroup>& groups) {
  const auto points = runnable(request, unit, format, result.skipped);
  if (points.empty() && request.skip_unsupported) return;
  if (points.empty()) throw cannot_run(unit, format, result.skipped);
  const std::size_t parts = points.size() * request.stall_percents.size();
  const std::size_t cases = (request.cases + parts - 1) / parts;
  groups.push_back({result.runs.size(), parts});
  for (const auto& point : points) {
    for (const unsigned percent : request.stall_percents) {
      VerifyRun& run = result.runs.emplace_back(
          VerifyRun{&unit, format.id(), point, percent, request.seed, cases, {}, {}, {}, describe(format)});
      run.engines = names_of(request.engines);
      run.options = request.options;
    }
  }
}

}  // namespace

VerifyResult verify(const VerifyRequest& request, const std::function<void(std::span<const VerifyRun>)>& done) {
  VerifyResult result;
  std::vector<RunGroup> groups;
  for (const kernels::UnitInfo* unit : request.units)
    for (const quant::Format& format : request.formats) add_group(request, *unit, format, result, groups);
  if (result.runs.empty() && !request.units.empty() && !request.formats.empty())
    throw cannot_run(*request.units.back(), request.formats.back(), result.skipped);
  Job job("verifying", static_cast<double>(result.runs.size()), "runs");
  for (const RunGroup& group : groups) {
    const std::span runs = std::span(result.runs).subspan(group.first, group.count);
    job.at(runs[0].unit->name + " " + runs[0].format);
    parallel_each(runs.size(), all_cores(), [&](std::size_t i) {
      compare_all(ask_all(request, runs[i]), runs[i]);
      job.advance();
    });
    if (done) done(runs);
  }
  return result;
}

}  // namespace subbyte::sim
