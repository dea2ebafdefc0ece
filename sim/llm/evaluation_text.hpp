// The token sequences that a model is evaluated on.
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
  /// number of positions that the model has; a sequence has at most context + 1 ids, because the last one is only
  /// predicted
  std::size_t context = 256;
  /// number of ids that the model has; 0 takes the tokenizer's, and checks nothing where there is none
  std::size_t vocabulary = 0;
  std::size_t max_sequences = 0;  ///< 0 means all
  std::size_t max_tokens = 0;     ///< the sequence that reaches so many predicted tokens is the last; 0 means all
};

/// Returns sequences of token ids: ids[0..n-2] are the model's input, and ids[1..n-1] are what it is to predict (n >=
/// 2).
///
/// `path` is UTF-8 text (which needs a tokenizer) or a .npy array of integers [rows][n] or [n]. Where text is cut
/// into stories, each has BOS, if the tokenizer has one, and then its tokens; where it is one stream, BOS stands only
/// at the start of the text. A .npy row longer than context + 1 is cut into windows as a stream is. A story without a
/// token to predict is left out. Throws InputError for text without a tokenizer, for an id outside the vocabulary (with
/// its offset), and where nothing is left to predict.
std::vector<std::vector<std::uint32_t>> read_sequences(const std::string& path, const Tokenizer* tokenizer,
                                                       const SequenceOptions& options);

/// Tells whether the file is an array of token ids (.npy) and no text. Throws InputError where it cannot be read.
bool holds_token_ids(const std::string& path);

/// Cuts the sequences so that they predict `tokens` tokens, or as many as they hold.
void keep_predictions(std::vector<std::vector<std::uint32_t>>& sequences, std::size_t tokens);

/// Returns the path of the text that belongs to a model: validation.npy in its folder, or else an empty string.
std::string text_beside(const std::string& model_path);

}  // namespace subbyte::sim
