// Every number format side by side, with its bits, its distortion on known distributions and on a model, and the
// model's loss.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quant/formats/format.hpp"
#include "reports/record.hpp"
#include "sim/llm/evaluate.hpp"

namespace subbyte::sim {

/// Holds the quantization signal-to-noise ratio 10 log10(|w|^2 / |w - q|^2) in dB of a format on independent samples,
/// which are drawn from a fixed seed. A half-width is that of a 95 % interval, in dB: twice the standard error of the
/// ratio with the kSampleRows rows as the sample (quant::sqnr_standard_error_db). Those of Student's t are uncertain
/// themselves, as its fourth moment is infinite.
struct SampleQsnr {
  double gaussian_db = 0;   ///< on samples of N(0, 1)
  double student_t_db = 0;  ///< on samples of Student's t distribution with 4 degrees of freedom
  double gaussian_half_db = 0;
  double student_t_half_db = 0;
};
inline constexpr std::size_t kSampleRows = 256;
inline constexpr std::size_t kSampleCols = 3840;  ///< a multiple of every group in the table and of 5
SampleQsnr sample_qsnr(const quant::Format& format);

struct SurveyRow {
  quant::Format format;
  std::string chart_group;
  double bits_per_weight = 0;  ///< nominal bits: those of the codes, and of the metadata of full groups
  SampleQsnr samples;
  double model_qsnr_db = 0;            ///< ratio over all linear layers together
  double loss = 0;                     ///< in nats per token
  double loss_increase = 0;            ///< how far the loss is above that of the unquantized model
  std::optional<double> half_width{};  ///< half of the 95 % interval of the increase
  bool on_front = false;               ///< of bits and loss, within tolerance (mark_front)
  std::string gives_way_to{};          ///< the row on the front that equals this one, or beats it by tolerance alone
};

struct Survey {
  std::string model;
  double unquantized_loss = 0;
  std::size_t tokens = 0;
  std::vector<std::string> layers;  ///< the names of the linear layers, all of which are quantized
  std::vector<SurveyRow> rows;
};

/// Returns what tells the format apart by colour: the chart group of its row, or, for a format that has no row in the
/// table, the group of the other tables.
std::string chart_group_of(const quant::Format& format,
                           std::span<const quant::FormatRow> table = quant::format_table());

/// Returns every row of the table, and every value of those of its keys that the row marks as surveyed.
std::vector<std::string> survey_formats(std::span<const quant::FormatRow> table = quant::format_table());

/// Marks the rows on the front of bits per weight and loss (reports::pareto_front), small being good in both. Of two
/// rows the larger half-width of the loss does not count as a difference, nor does reports::kNoLoss. Of equal rows (one
/// grid under two names) the first is on it.
void mark_front(std::vector<SurveyRow>& rows);

/// Returns one row per format, in the given order. The result depends on nothing but the arguments. Throws as
/// evaluate() and pack_model() do.
Survey run_survey(const LlamaForward& forward, std::span<const TokenSequence> sequences,
                  std::span<const std::string> formats, const EvaluateOptions& options);

reports::Record survey_record(const Survey& survey);
/// Writes the record's table in GitHub's Markdown.
std::string markdown(const reports::Table& table);

}  // namespace subbyte::sim
