// What a page says first: the question, what each format loses and costs, and which one to choose. Losses come from
// records of `evaluate` and `survey`, and costs from those of `sweep` and `simulate`. They are joined by the definition
// of the format.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reports/front.hpp"
#include "reports/record.hpp"

namespace subbyte::reports {

// These are the rules of the choice (reports/README.md states them), in nats per token.
inline constexpr double kTolerance = 0.01;         ///< the first choice loses at most this
inline constexpr double kStrictTolerance = 0.001;  ///< the second sentence is for those who allow this
inline constexpr double kNoLoss = 0.0001;          ///< smaller losses count as none

// Says why a format stands in the table.
inline constexpr const char* kChosen = "the choice";
inline constexpr const char* kStrictlyChosen = "loss under 0.001";

/// A figure and, where known, the half-width of its 95 % interval.
struct Figure {
  double value = 0;
  std::optional<double> half{};
  double open = 0;  ///< what its measurement leaves open: the half-width without the range of published tables
};

/// What a format loses on a model.
struct Loss {
  std::string format;  ///< with its group: "int4:g128"
  Figure loss;         ///< nats per token above the unquantized model
  std::optional<double> bits{};
  std::string definition{};  ///< a hash of the one format of all of the model's layers; else, or if untold, empty
  std::string layers{};      ///< a hash of the quantized layers with their formats; empty in records of older versions
  std::size_t unquantized = 0;  ///< how many of the model's linear layers are left so
};

/// Holds losses that may be compared, because they are of one model, text and arithmetic.
struct LossGroup {
  std::string model;   ///< its name, without folders
  std::string path;    ///< the model's path as the record has it
  std::string method;  ///< what tells the tokens, their text, activations and arithmetic
  std::string text;    ///< the path of the text, its cut and its tokenizer, as far as the record tells them
  std::vector<Loss> losses;

  bool compares_with(const LossGroup& other) const {
    return path == other.path && method == other.method && text == other.text;
  }
};

/// What a format costs on a design.
struct Cost {
  std::string format;
  std::string weights;     ///< the file or policy that was run, where that is no format
  std::string definition;  ///< a hash of the one format that was run; empty where there are several
  std::string layers;      ///< as in Loss; empty where one layer stands for all
  std::string design;
  std::optional<Figure> time_us{}, energy_uj{};  ///< per token
  std::optional<double> area_mm2{}, bits{};
  bool clock_met = true;  ///< false where the design is known to miss its clock
  bool glitches = false;  ///< the energy is on a basis that has glitches
};

/// Holds costs that may be compared, because they are of the same model, layers, tokens and technology, all with
/// glitches or all without.
struct CostGroup {
  std::string model;  ///< its name, without folders; empty where the record does not tell it
  std::string work;   ///< "15 layers, 16 tokens"
  std::string technology;
  std::string library;    ///< the hash of the cell library of the energies; empty without energies
  std::string ran;        ///< the names of the layers, where the record lists them
  std::string remark;     ///< what the technology's figures are not good for
  bool whole = false;     ///< all layers of a model
  bool glitches = false;  ///< whether they are in the energies
  std::vector<Cost> costs;

  bool compares_with(const CostGroup& other) const {
    return model == other.model && work == other.work && technology == other.technology && library == other.library &&
           ran == other.ran && whole == other.whole && glitches == other.glitches;
  }
};

std::vector<LossGroup> loss_groups(const std::vector<Record>& records);
std::vector<CostGroup> cost_groups(const std::vector<Record>& records);

/// A format on a design, as far as it is known.
struct Choice {
  std::string name;  ///< the name of the format, as short as the company allows
  Cost cost;
  std::optional<Figure> loss{};
  std::optional<double> bits{};
  std::size_t unquantized = 0;  ///< layers that the loss leaves unquantized, which are in no cost
  bool other_layers = false;    ///< whether a loss of its name or format is here that is of other layers
  bool front = false;
  std::string alike{};  ///< the name of the choice that beats this one by tolerance alone
  std::string why{};    ///< why it stands in the table of at most five rows
};

struct Verdict {
  LossGroup loss;
  CostGroup cost;
  std::vector<Choice> all;        ///< every format with a loss or a cost
  std::vector<std::size_t> rows;  ///< at most five of them
  bool by_energy = false;         ///< whether choice and chart go by energy; otherwise they go by bits
  std::vector<std::string> sentences, missing;
  std::vector<std::string> aside;  ///< what does not compare with these: groups, and records without loss and cost
};

/// Makes the verdict of records; the result is empty where no record has a loss or a cost.
std::optional<Verdict> verdict(const std::vector<Record>& records);

/// Picks what is chosen and compared, and writes the sentences.
void choose(Verdict& verdict);
/// Where each choice stands in loss and price among those that lose at most `most`. Differences that a measurement
/// leaves open do not count, nor energies less than 1 % apart; losses under kNoLoss are equal.
std::vector<FrontPlace> front_within(const Verdict& verdict, double most);
/// What is missing for a choice by energy, each with the command that gives it.
std::vector<std::string> missing_of(const Verdict& verdict);
/// What the choice goes by: energy per token, or bits per weight.
std::optional<double> price(const Verdict& verdict, const Choice& choice);

/// The name of a model or of a text by its file, without folders and ending: "embedded" of
/// ".../embedded/model.safetensors".
std::string model_name(const std::string& file);

/// The page's first section.
std::string verdict_html(const std::vector<Record>& records);

/// The warnings of a record's provenance: the values of its keys that end in "remark", each once.
std::vector<std::string> remarks_of(const Record& record);

}  // namespace subbyte::reports
