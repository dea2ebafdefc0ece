#include "sim/llm/survey.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "quant/rules/quantize.hpp"
#include "reports/front.hpp"
#include "reports/verdict.hpp"
#include "sim/base/progress.hpp"
#include "sim/config/format_file.hpp"
#include "sim/llm/evaluate_layers.hpp"

namespace subbyte::sim {
namespace {

constexpr std::uint64_t kSeed = 20261121;

template <typename Distribution>
std::vector<float> draw(Distribution distribution) {
  std::mt19937_64 random(kSeed);
  std::vector<float> values(kSampleRows * kSampleCols);
  for (float& value : values) value = static_cast<float>(distribution(random));
  return values;
}

struct SampledQsnr {
  double db = 0, half_db = 0;
};

SampledQsnr sampled_qsnr(const std::vector<float>& weights, const quant::Format& format) {
  const std::vector<float> values = quant::decoded(quant::quantize({weights, kSampleRows, kSampleCols}, format));
  const std::vector<double> reference(weights.begin(), weights.end());
  return {quant::distortion_of(weights, std::span(values)).sqnr_db(),
          2 * quant::sqnr_standard_error_db(reference, values, kSampleRows)};
}

/// Returns a format's name without the default group.
std::string short_id(const quant::Format& format) {
  std::string text = format.name;
  for (const auto& [key, value] : format.options) text += ":" + key + "=" + value;
  return text;
}

std::vector<std::string> definitions_of(const Survey& survey) {
  std::vector<std::string> hashes;
  for (const SurveyRow& row : survey.rows) hashes.push_back(definition_hash(row.format));
  return hashes;
}

std::vector<std::string> layer_definitions_of(const Survey& survey) {
  std::vector<std::string> hashes;
  for (const SurveyRow& row : survey.rows) {
    LayerFormats layers;
    for (const std::string& name : survey.layers) layers.emplace_back(name, row.format);
    hashes.push_back(layers_hash(layers));
  }
  return hashes;
}

/// The samples' half-widths are told by their largest: those of formats of one width are nearly equal.
std::string note_of(const Survey& survey) {
  double gaussian = 0, student_t = 0;
  for (const SurveyRow& row : survey.rows) {
    gaussian = std::max(gaussian, row.samples.gaussian_half_db);
    student_t = std::max(student_t, row.samples.student_t_half_db);
  }
  return fmt::format(
      "{}: {} tokens, unquantized {:.5f} nats per token. Differences of loss within its half width, or of {:g} "
      "nats/token or less, do not count on the front.\nQSNR on samples: ±{:.2g} dB Gaussian and ±{:.2g} dB "
      "Student-t(4) at most (95 % interval over {} rows).",
      survey.model, survey.tokens, survey.unquantized_loss, reports::kNoLoss, gaussian, student_t, kSampleRows);
}

reports::Table table_of(const Survey& survey) {
  reports::Table table{"Number formats", {}, {}, ""};
  table.columns = {{"format", "", "", 4},
                   {"bits per weight", "bit", "codes and metadata of full groups", 5},
                   {"group", "", "", 4},
                   {"QSNR Gaussian", "dB", "983,040 samples, seeded", 4},
                   {"QSNR Student-t(4)", "dB", "983,040 samples, seeded", 4},
                   {"QSNR model", "dB", "all linear layers", 4},
                   {"loss", "nats/token", "evaluate, exact dot products", 5},
                   {"loss increase", "nats/token", "over the unquantized model", 3},
                   {"loss increase half width", "nats/token", "95 % interval, tokens taken as independent", 2},
                   {"on the front", "", "no format has fewer bits and less loss, within tolerance", 4},
                   {"gives way to", "", "a format on the front that is no worse, within tolerance", 4},
                   {"kind", "", "", 4}};
  for (const SurveyRow& row : survey.rows) {
    const auto& group = row.format.scaling.group;
    table.rows.push_back({short_id(row.format), row.bits_per_weight,
                          group == quant::kWholeRow ? nlohmann::json("row") : nlohmann::json(group),
                          row.samples.gaussian_db, row.samples.student_t_db, row.model_qsnr_db, row.loss,
                          row.loss_increase, row.half_width ? nlohmann::json(*row.half_width) : nlohmann::json(),
                          row.on_front, row.gives_way_to.empty() ? nlohmann::json() : nlohmann::json(row.gives_way_to),
                          row.chart_group});
  }
  table.note = note_of(survey);
  return table;
}

}  // namespace

SampleQsnr sample_qsnr(const quant::Format& format) {
  static const std::vector<float> gaussian = draw(std::normal_distribution<double>());
  static const std::vector<float> student_t = draw(std::student_t_distribution<double>(4));
  const SampledQsnr of_gaussian = sampled_qsnr(gaussian, format), of_student_t = sampled_qsnr(student_t, format);
  return {of_gaussian.db, of_student_t.db, of_gaussian.half_db, of_student_t.half_db};
}

void mark_front(std::vector<SurveyRow>& rows) {
  std::vector<reports::Judged> points;
  for (const SurveyRow& row : rows)
    points.push_back({{-row.bits_per_weight, -row.loss}, {0, std::max(reports::kNoLoss, row.half_width.value_or(0))}});
  const std::vector<reports::FrontPlace> places = reports::pareto_front(points);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto before = std::span(points).first(i);
    const auto equal = std::ranges::find(before, points[i].values, &reports::Judged::values);
    rows[i].on_front = places[i].on_front && equal == before.end();
    std::optional<std::size_t> better = places[i].within_tolerance_of;
    if (places[i].on_front && !rows[i].on_front) better = static_cast<std::size_t>(equal - before.begin());
    if (better) rows[i].gives_way_to = short_id(rows[*better].format);
  }
}

std::string chart_group_of(const quant::Format& format, std::span<const quant::FormatRow> table) {
  const auto row = std::ranges::find(table, format.name, &quant::FormatRow::name);
  return row == table.end() ? quant::kOtherTables : row->chart_group;
}

std::vector<std::string> survey_formats(std::span<const quant::FormatRow> table) {
  std::vector<std::string> ids;
  for (const auto& row : table) {
    ids.push_back(row.name);
    for (const auto& option : row.options) {
      if (!option.surveyed) continue;
      for (std::size_t i = 1; i < option.values.size(); ++i)
        ids.push_back(fmt::format("{}:{}={}", row.name, option.name, option.values[i]));
    }
  }
  return ids;
}

Survey run_survey(const LlamaForward& forward, std::span<const TokenSequence> sequences,
                  std::span<const std::string> formats, const EvaluateOptions& options) {
  Survey survey;
  survey.model = forward.model().path();
  for (const LinearLayer& layer : forward.linear_layers()) survey.layers.push_back(layer.name);
  std::vector<Variant> variants;
  Job job("formats", static_cast<double>(formats.size()));
  for (const std::string& id : formats) {
    job.at(id);
    SurveyRow row;
    row.format = read_format(id);
    row.chart_group = chart_group_of(row.format);
    row.bits_per_weight = row.format.nominal_bits_per_weight();
    row.samples = sample_qsnr(row.format);
    PackedModel packed = pack_model(forward, id, [&](const Tensor& weights) {
      return std::optional(quant::quantize({weights.values, weights.shape[0], weights.shape[1]}, row.format));
    });
    quant::Distortion total;
    for (const LayerQuality& layer : packed.layers) total += layer.distortion;
    row.model_qsnr_db = total.sqnr_db();
    variants.push_back(std::move(packed.variant));
    survey.rows.push_back(std::move(row));
    job.advance();
  }
  const EvaluateResult result = evaluate(forward, sequences, variants, options);
  survey.unquantized_loss = result.unquantized.nll_per_token();
  survey.tokens = result.unquantized.tokens;
  for (std::size_t i = 0; i < survey.rows.size(); ++i) {
    survey.rows[i].loss = result.variants[i].score.nll_per_token();
    survey.rows[i].loss_increase = survey.rows[i].loss - survey.unquantized_loss;
    survey.rows[i].half_width = result.variants[i].score.difference_half_width(result.unquantized);
  }
  mark_front(survey.rows);
  return survey;
}

reports::Record survey_record(const Survey& survey) {
  reports::Table table = table_of(survey);
  reports::Record record;
  record.title = "Number formats below eight bits";
  record.kind = "survey";
  record.provenance = {{"model", survey.model},
                       {"tokens", survey.tokens},
                       {"seed", kSeed},
                       {"format_definitions", definitions_of(survey)},
                       {"layer_definitions", layer_definitions_of(survey)}};
  record.metrics = {{"unquantized_loss", "loss", "nats/token", survey.unquantized_loss, "evaluate"}};
  reports::Scatter scatter{"Loss above the unquantized model against bits per weight", 0,
                           column(table, "bits per weight"), column(table, "loss increase")};
  scatter.series = column(table, "kind");
  scatter.mark = column(table, "on the front");
  scatter.half_y = column(table, "loss increase half width");
  scatter.log_y = true;
  scatter.label = column(table, "format");
  record.scatters = {scatter};
  record.tables = {std::move(table)};
  return record;
}

std::string markdown(const reports::Table& table) {
  std::string head = "|";
  std::string rule = "|";
  for (const auto& column : table.columns) {
    head += fmt::format(" {} |", column.unit.empty() ? column.name : fmt::format("{} [{}]", column.name, column.unit));
    rule += &column == &table.columns.front() ? "---|" : "--:|";
  }
  std::string body;
  for (const auto& row : table.rows) {
    body += "|";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string text = reports::cell_text(row[i], table.columns[i].digits);
      body += i == 0 ? fmt::format(" `{}` |", text) : fmt::format(" {} |", text);
    }
    body += "\n";
  }
  return head + "\n" + rule + "\n" + body;
}

}  // namespace subbyte::sim
