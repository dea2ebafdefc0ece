#include "kernels/parts/random_config.hpp"

#include <utility>

namespace subbyte::kernels {

std::uint32_t any_word(Random& random) { return static_cast<std::uint32_t>(random.next()); }

void shuffle(Random& random, std::span<ConfigWrite> writes) {
  for (std::size_t i = writes.size(); i > 1; --i) {
    std::swap(writes[i - 1], writes[random.below(static_cast<unsigned>(i))]);
  }
}

}  // namespace subbyte::kernels
