// Tests the metadata of GGUF files: every type of value, questions that a value does not answer, and files cut short.

#include "sim/files/gguf.hpp"
#include "tests/support/byte_files.hpp"

namespace subbyte::tests {
namespace {

TEST(GgufMetadata, EveryValueTypeIsRead) {
  Bytes bytes;
  bytes.text("GGUF").put<std::uint32_t>(3).put<std::uint64_t>(0).put<std::uint64_t>(8);
  bytes.counted("u8").put<std::uint32_t>(0).put<std::uint8_t>(255);
  bytes.counted("i64").put<std::uint32_t>(11).put<std::int64_t>(-5);
  bytes.counted("u64").put<std::uint32_t>(10).put<std::uint64_t>((1ULL << 63U) + 1);
  bytes.counted("f64").put<std::uint32_t>(12).put(0.1);
  bytes.counted("bool").put<std::uint32_t>(7).put<std::uint8_t>(1);
  bytes.counted("text").put<std::uint32_t>(8).counted("hello");
  bytes.counted("list")
      .put<std::uint32_t>(9)
      .put<std::uint32_t>(3)
      .put<std::uint64_t>(2)
      .put<std::int16_t>(-3)
      .put<std::int16_t>(4);
  bytes.counted("words").put<std::uint32_t>(9).put<std::uint32_t>(8).put<std::uint64_t>(2).counted("a").counted("");
  const sim::Gguf gguf = sim::read_gguf(as_file(bytes.data, "m.gguf"));
  const sim::GgufMetadata& m = gguf.metadata;
  EXPECT_EQ(m.integer("u8"), 255U);
  EXPECT_EQ(m.integer("u64"), (1ULL << 63U) + 1);
  EXPECT_EQ(m.number("f64"), 0.1);
  EXPECT_EQ(m.number("i64"), -5);
  EXPECT_EQ(m.boolean("bool"), true);
  EXPECT_EQ(m.text("text"), "hello");
  EXPECT_EQ(m.numbers("list"), (std::vector<double>{-3, 4}));
  EXPECT_EQ(m.texts("words"), (std::vector<std::string>{"a", ""}));
  EXPECT_EQ(m.integer("absent"), std::nullopt);
  EXPECT_NE(error_of([&] { (void)m.integer("i64"); }).find("i64 is -5, expected 0 or more"), std::string::npos);
  EXPECT_NE(error_of([&] { (void)m.integer("f64"); }).find("f64 has type float64, expected an integer"),
            std::string::npos);
  EXPECT_NE(error_of([&] { (void)m.texts("list"); }).find("list is an array of int16, expected one of string"),
            std::string::npos);
  for (std::size_t size = 0; size < bytes.data.size(); ++size)
    EXPECT_NE(error_of([&] { sim::read_gguf(as_file(bytes.data.substr(0, size), "m.gguf")); }), "no error") << size;
}

}  // namespace
}  // namespace subbyte::tests
