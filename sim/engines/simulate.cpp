#include "sim/engines/simulate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "kernels/catalogue.hpp"
#include "sim/base/input_error.hpp"

namespace subbyte::sim {
namespace {

using kernels::Trace;
using kernels::TraceWindow;

constexpr TraceWindow kNothing{0, 0};

// One layer's question, asked of any engine for any window.
struct Question {
  const SimulateRequest& request;
  const kernels::UnitInfo& unit;
  MappedLayer layer;

  Trace trace(const OpenEngine& engine, TraceWindow window) const {
    return engine.run(unit, request.design.parameters, layer.stimulus, window);
  }
  EngineAnswer answer(const OpenEngine& engine, TraceWindow window) const {
    return ask_engine(engine, unit, request.design.parameters, layer.stimulus, window);
  }
  std::optional<LayerMismatch> compare(const OpenEngine& a, const Trace& trace_a, const OpenEngine& b,
                                       const Trace& trace_b) const;
};

// Returns the element of the beat that the mismatch names, or element 0 where a whole beat is missing or late.
LayerMismatch placed(const Mismatch& mismatch, const TileLoop& loop) {
  LayerMismatch where{mismatch, loop.place(mismatch.beat, mismatch.index), 0, 0};
  where.row = where.place.token - loop.first_token(where.place.tile);
  where.column = where.place.output - loop.first_output(where.place.tile);
  return where;
}

std::optional<LayerMismatch> Question::compare(const OpenEngine& a, const Trace& trace_a, const OpenEngine& b,
                                               const Trace& trace_b) const {
  const Comparison what{a.bits() && b.bits(), a.timed() && b.timed()};
  const auto window = differing_window(trace_a, trace_b, what);
  if (!window) return std::nullopt;
  const auto mismatch = first_mismatch(unit.output_shape(request.design.parameters), std::string(a.name()),
                                       trace(a, *window), std::string(b.name()), trace(b, *window), what);
  if (!mismatch) {
    throw std::runtime_error(fmt::format("{} and {} differ in beats {}..{} and not when run again: not deterministic",
                                         a.name(), b.name(), window->first, window->last));
  }
  return placed(*mismatch, layer.loop);
}

// Returns the engine whose outputs become Y, or the number of engines when none has bits.
std::size_t source_of_y(const SimulateRequest& request) {
  const auto source = std::ranges::find_if(request.engines, &OpenEngine::bits);
  return static_cast<std::size_t>(source - request.engines.begin());
}

std::vector<EngineAnswer> ask_all(const Question& question) {
  const std::vector<OpenEngine>& engines = question.request.engines;
  const std::size_t source = source_of_y(question.request);
  std::vector<std::optional<EngineAnswer>> asked(engines.size());
  for_engines(engines,
              [&](std::size_t i) { asked[i] = question.answer(engines[i], i == source ? TraceWindow{} : kNothing); });
  std::vector<EngineAnswer> answers;
  for (auto& answer : asked) answers.push_back(std::move(*answer));
  return answers;
}

}  // namespace

std::string LayerMismatch::text() const {
  return fmt::format("tile {}, row {}, column {} (token {}, output {}{}), {}", place.tile, row, column, place.token,
                     place.output, place.padding ? ", padding" : "", mismatch.text(false));
}

nlohmann::ordered_json LayerMismatch::json() const {
  auto object = mismatch.json();
  if (mismatch.in_bits) object.erase("cycles");
  object["tile"] = place.tile;
  object["row"] = row;
  object["column"] = column;
  object["token"] = place.token;
  object["output"] = place.output;
  return object;
}

bool SimulateResult::equal() const {
  return !first && std::ranges::all_of(engines, [](const EngineRun& run) { return run.failure.empty(); });
}

EngineAnswer ask_engine(const OpenEngine& engine, const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                        const kernels::Stimulus& stimulus, TraceWindow window) {
  const auto asked = std::chrono::steady_clock::now();
  engine.prepare(unit, parameters);
  const auto start = std::chrono::steady_clock::now();
  EngineAnswer answer{
      {std::string(engine.name()), engine.timed(), 0, 0, std::chrono::duration<double>(start - asked).count(), ""},
      Trace(unit.output_shape(parameters), engine.timed(), window)};
  try {
    answer.trace = engine.run(unit, parameters, stimulus, window);
  } catch (const kernels::RunFailure& error) {
    answer.run.failure = error.what();
  }
  answer.run.beats = answer.trace.size();
  answer.run.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return answer;
}

SimulateResult simulate_layer(const SimulateRequest& request) {
  SimulateResult result;
  // The mapping comes first, because it says best what is wrong with a unit.
  MappedLayer layer = map_layer(request.design, request.weights, request.activations, request.stalls);
  const Question question{request, *request.design.unit, std::move(layer)};
  result.loop = question.layer.loop;
  const std::vector<EngineAnswer> answers = ask_all(question);
  for (const EngineAnswer& answer : answers) result.engines.push_back(answer.run);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    for (std::size_t j = i + 1; j < answers.size() && !result.first; ++j) {
      if (!answers[i].run.failure.empty() || !answers[j].run.failure.empty()) continue;
      result.first = question.compare(request.engines[i], answers[i].trace, request.engines[j], answers[j].trace);
    }
  }
  if (!result.equal()) return result;
  const std::size_t source = source_of_y(request);
  if (source < answers.size()) result.y = question.layer.gather(answers[source].trace);
  for (const EngineAnswer& answer : answers) {
    if (!answer.run.timed) continue;
    result.cycles = answer.trace.cycles();
    const bool rtl = answer.run.engine == "rtl" || result.cycle_source == "rtl";
    result.cycle_source = rtl ? "rtl" : "model";
  }
  return result;
}

}  // namespace subbyte::sim
