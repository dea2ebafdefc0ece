// Token sequences to evaluate a model on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/checkpoint/tokenizer.hpp"

namespace subbyte::sim {

enum class TextCut : std::uint8_t {
  kStories,  ///< every story alone (a single newline ends a story, two newlines a paragraph), cut off at the
             ///< context
  kStream,   ///< the whole text as one stream, in windows that share their last and first token
};

struct SequenceOptions {
  TextCut cut = TextCut::kStories;
  /// Positions the model has. A sequence has at most context + 1 ids: the last one is only predicted.
  std::size_t context = 256;
  std::size_t vocabulary = 0;     ///< ids the model has; 0: the tokenizer's, or unchecked
  std::size_t max_sequences = 0;  ///< 0: all
  std::size_t max_tokens = 0;     ///< stop after the sequence that reaches so many predicted tokens; 0: all
};

/// Sequences of token ids; ids[0..n-2] are the model's input, ids[1..n-1] what it is to predict (n >= 2).
///
/// `path` is UTF-8 text (needs a tokenizer) or a .npy array of integers [rows][n] or [n]. Text by stories:
/// BOS where the tokenizer has one, then the tokens. Streaming: BOS only at the start of the text. A .npy row
/// longer than context + 1 is cut into windows as a stream is. A story without a token to predict is left
/// out. Throws InputError: text without a tokenizer, an id outside the vocabulary (with its offset), nothing
/// to predict.
std::vector<std::vector<std::uint32_t>> read_sequences(const std::string& path, const Tokenizer* tokenizer,
                                                       const SequenceOptions& options);

/// Whether the file is an array of token ids (.npy) and no text. Throws InputError where it cannot be read.
bool holds_token_ids(const std::string& path);

/// Cuts the sequences so that they predict `tokens` tokens, or as many as they hold.
void keep_predictions(std::vector<std::vector<std::uint32_t>>& sequences, std::size_t tokens);

/// The text that belongs to a model: validation.npy in its folder, else an empty string.
std::string text_beside(const std::string& model_path);

}  // namespace subbyte::sim
