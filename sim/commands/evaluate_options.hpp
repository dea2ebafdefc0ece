// The options of `subbyte evaluate`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/checkpoint/checkpoint.hpp"
#include "sim/commands/common_options.hpp"
#include "sim/commands/options.hpp"
#include "sim/config/design.hpp"
#include "sim/config/policy.hpp"
#include "sim/llm/llama_linear.hpp"

namespace subbyte::sim {

struct EvaluateCommand {
  std::string model{kEmbedded};
  std::vector<Policy> policies;
  std::vector<std::string> packed_files;
  bool all_formats = false;  ///< `policies` are all formats of the survey
  TextChoice text;
  ActivationFormat activations;
  std::optional<Design> design;
  bool sensitivity = false;
  std::optional<std::string> record_activations;
  std::uint64_t record_tokens = 64;
  bool record_tokens_given = false;
  unsigned threads = 0;  ///< at least 1
  std::optional<std::string> record;
  bool json = false, verbose = false;
};

/// Reads the options; the result is empty when --help was given. Throws InputError, and as the readers of formats,
/// policies and designs do.
std::optional<EvaluateCommand> read_evaluate(Arguments args);

}  // namespace subbyte::sim
