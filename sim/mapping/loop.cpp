#include "sim/mapping/loop.hpp"

#include <algorithm>

namespace subbyte::sim {

std::size_t TileLoop::chunks(std::size_t group_index) const {
  const std::size_t length = std::min(in, (group_index + 1) * group) - group_index * group;
  return (length + lanes - 1) / lanes;
}

Chunk TileLoop::chunk(std::size_t beat) const {
  // Only the last group can be shorter, so every group starts at a multiple of the first one's chunks.
  const std::size_t index = beat / steps;
  Chunk chunk;
  chunk.group = index / chunks(0);
  chunk.step = beat % steps;
  const std::size_t within = index % chunks(0);
  chunk.first = chunk.group * group + within * lanes;
  chunk.count = std::min(lanes, std::min(in, (chunk.group + 1) * group) - chunk.first);
  chunk.group_last = within + 1 == chunks(chunk.group) && chunk.step + 1 == steps;
  chunk.tile_last = chunk.group_last && chunk.group + 1 == groups();
  return chunk;
}

OutputPlace TileLoop::place(std::size_t beat, std::size_t element) const {
  OutputPlace place;
  place.tile = beat / output_beats_per_tile();
  const std::size_t row = element / cols * output_beats_per_tile() + beat % output_beats_per_tile();
  place.token = first_token(place.tile) + row;
  place.output = first_output(place.tile) + element % cols;
  place.padding = place.token >= tokens || place.output >= out;
  return place;
}

}  // namespace subbyte::sim
