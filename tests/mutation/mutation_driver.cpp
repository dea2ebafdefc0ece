// Runs mutants of a unit's RTL (a netlist with an input mutant_i, sim/engines/rtl_engine.hpp) through the stimuli of
// `verify` and says for each whether, where and how they tell it from the unit. tests/mutation/mutation_check.py builds
// the netlist and judges.
//
// usage: mutation_driver --unit U --params P --netlist DIR --mutants 1,5,9 [--cases N] [--seed S]
// Standard output: {"stimuli", "beats", "mutants": [{"mutant", "killed", "how", "stimulus"}]}. Exit 2 when the netlist
// with no mutant selected differs from golden in bits or from SystemC in cycles: then nothing it says of mutants means
// anything.
#include <exception>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/catalogue.hpp"
#include "models/catalogue.hpp"
#include "sim/base/parallel_for.hpp"
#include "sim/engines/rtl_engine.hpp"
#include "sim/engines/verify.hpp"

namespace subbyte {
namespace {

struct Request {
  std::string unit;
  kernels::Parameters parameters;
  std::string netlist;
  std::vector<int> mutants;
  std::size_t cases = 2000;
  std::uint64_t seed = 1;
};

/// A stimulus with the trace of the unmutated netlist.
struct Question {
  std::string name;
  kernels::Stimulus stimulus;
  kernels::Trace expected;
};

Request parse(int argc, char** argv) {
  std::map<std::string, std::string> given{{"--cases", "2000"}, {"--seed", "1"}, {"--params", ""}, {"--mutants", ""}};
  for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  Request request;
  request.unit = given.at("--unit");
  request.parameters = kernels::resolve(kernels::unit(request.unit), kernels::parse_parameters(given.at("--params")));
  request.netlist = given.at("--netlist");
  std::istringstream words(given.at("--mutants"));
  for (std::string word; std::getline(words, word, ',');) request.mutants.push_back(std::stoi(word));
  request.cases = std::stoul(given.at("--cases"));
  request.seed = std::stoull(given.at("--seed"));
  return request;
}

/// Allows twice the expected number of beats and some, because no mutant needs more to be told from the unit.
kernels::Trace run_mutant(const Request& request, const kernels::Stimulus& stimulus, int mutant, std::uint64_t beats) {
  sim::RtlOptions options;
  options.bench.mutant = mutant;
  options.rtl_dir = request.netlist;
  options.bench.max_beats = 2 * beats + 64;
  return sim::run_rtl(kernels::unit(request.unit), request.parameters, stimulus, {}, options);
}

Question ask(const Request& request, const quant::Format& format, unsigned percent, std::size_t cases,
             std::uint64_t seed) {
  const kernels::UnitInfo& unit = kernels::unit(request.unit);
  const sim::VerifyRun run{&unit, format.id(), request.parameters, percent, seed, cases, {}, {}, {}};
  const kernels::Stimulus stimulus = run.stimulus();
  const auto golden = unit.golden(request.parameters, stimulus, {});
  const auto systemc = models::run_systemc(unit, request.parameters, stimulus);
  auto rtl = run_mutant(request, stimulus, 0, golden.size());
  if (!kernels::compare(golden, rtl).equal())
    throw std::runtime_error("unmutated netlist differs from golden: " + run.again());
  if (!kernels::compare(systemc, rtl).equal())
    throw std::runtime_error("unmutated netlist differs from systemc: " + run.again());
  const std::string name = format.id() + ", stalls " + std::to_string(percent) + " %, seed " + std::to_string(seed);
  return {name, stimulus, std::move(rtl)};
}

/// Returns what `verify` asks with these cases per unit and format, at this one of the unit's parameter points. A
/// stimulus has one configuration, so a unit with a configuration port is asked with several seeds, among which its
/// cases are divided.
std::vector<Question> questions_of(const Request& request) {
  const kernels::UnitInfo& unit = kernels::unit(request.unit);
  const std::vector<unsigned> percents{0, 30, 60};
  const std::uint64_t seeds = unit.has_config ? 8 : 1;
  const std::size_t parts = unit.points.size() * percents.size() * seeds;
  std::vector<Question> questions;
  if (request.cases == 0) return questions;
  for (const auto& row : quant::format_table()) {
    if (unit.unsupported(request.parameters, row.format)) continue;
    for (const unsigned percent : percents) {
      for (std::uint64_t seed = request.seed; seed < request.seed + seeds; ++seed)
        questions.push_back(ask(request, row.format, percent, (request.cases + parts - 1) / parts, seed));
    }
  }
  return questions;
}

nlohmann::ordered_json judge(const Request& request, const std::vector<Question>& questions, int mutant) {
  for (const Question& question : questions) {
    std::string how;
    try {
      const auto trace = run_mutant(request, question.stimulus, mutant, question.expected.size());
      const auto verdict = kernels::compare(question.expected, trace);
      if (verdict.bit_mismatches != 0)
        how = "bits of beat " + std::to_string(*verdict.first_bit_mismatch);
      else if (verdict.cycle_mismatches != 0)
        how = "cycle of beat " + std::to_string(*verdict.first_cycle_mismatch);
    } catch (const kernels::RunFailure& error) {
      how = error.what();
    }
    if (!how.empty()) return {{"mutant", mutant}, {"killed", true}, {"how", how}, {"stimulus", question.name}};
  }
  return {{"mutant", mutant}, {"killed", false}};
}

void judge_all(const Request& request, const std::vector<Question>& questions, nlohmann::ordered_json& answers) {
  sim::parallel_each(request.mutants.size(), sim::all_cores(),
                     [&](std::size_t i) { answers[i] = judge(request, questions, request.mutants[i]); });
}

int run(int argc, char** argv) {
  const Request request = parse(argc, argv);
  const std::vector<Question> questions = questions_of(request);
  std::uint64_t beats = 0;
  for (const Question& question : questions) beats += question.expected.size();
  auto answers = nlohmann::ordered_json(std::vector<nlohmann::ordered_json>(request.mutants.size()));
  judge_all(request, questions, answers);
  std::cout << nlohmann::ordered_json{{"stimuli", questions.size()}, {"beats", beats}, {"mutants", answers}}.dump(1)
            << "\n";
  return 0;
}

}  // namespace
}  // namespace subbyte

int main(int argc, char** argv) {
  try {
    return subbyte::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "mutation_driver: " << error.what() << "\n";
    return 2;
  }
}
