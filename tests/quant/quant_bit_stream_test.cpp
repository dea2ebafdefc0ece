// Tests bit streams of every width, long enough for whole vectors and words, on every instruction set.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "quant/base/bit_stream.hpp"
#include "quant/base/simd_targets.hpp"

namespace subbyte::quant {
namespace {

TEST(BitStream, LongStreamsHoldTheirFieldsAndNothingElse) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::GetChosenTarget().Update(target);
    std::mt19937 random(6);
    for (unsigned width = 1; width <= 8; ++width) {
      for (std::size_t size = 0; size < 700; size += 1 + random() % 7) {
        std::vector<std::uint8_t> fields(size);
        for (auto& field : fields) field = static_cast<std::uint8_t>(random() & ((1U << width) - 1));
        const std::size_t bytes = (size * width + 7) / 8;
        // These neighbours must stay as they are.
        std::vector<std::uint8_t> stream(bytes + 16, 0xA5);
        pack_bits(fields, width, std::span(stream).first(bytes));
        for (std::size_t i = 0; i < size; ++i)
          ASSERT_EQ(read_bits(stream, i, width), fields[i]) << width << ' ' << size;
        const unsigned used = size * width % 8;
        ASSERT_TRUE(used == 0 || stream[bytes - 1] >> used == 0) << width << ' ' << size;
        for (std::size_t i = bytes; i < stream.size(); ++i) ASSERT_EQ(stream[i], 0xA5) << width << ' ' << size;
        std::vector<std::uint8_t> again(size + 16, 0xA5);
        unpack_bits(std::span(stream).first(bytes), width, std::span(again).first(size));
        for (std::size_t i = 0; i < again.size(); ++i) {
          ASSERT_EQ(again[i], i < size ? fields[i] : 0xA5) << width << ' ' << size << ' ' << i;
        }
      }
    }
  }
  hwy::GetChosenTarget().DeInit();
}

}  // namespace
}  // namespace subbyte::quant
