// Tests files that gzip packed: by the program itself, in several members, cut, damaged, and larger than allowed.
#include "sim/base/gzip.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "sim/base/output_file.hpp"
#include "sim/base/process.hpp"

namespace subbyte::sim {
namespace {

std::string packed(const std::string& text) {
  const ScratchFolder scratch(std::filesystem::temp_directory_path());
  const auto path = scratch.path() / "file";
  write_atomically(path, text);
  EXPECT_EQ(run_program({"gzip", "-k", path.string()}).status, 0);
  return read_text(path.string() + ".gz");
}

std::string refusal(const std::string& bytes, std::size_t most = 1 << 20) {
  try {
    unpack_gzip(bytes, most);
  } catch (const std::runtime_error& error) {
    return error.what();
  } catch (const std::length_error& error) {
    return std::string("too long: ") + error.what();
  }
  return "unpacked";
}

TEST(Gzip, UnpacksWhatTheProgramPacks) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i * 7919 % 10007) + '\n';
  for (const std::string& each : {std::string(), std::string("one line\n"), text}) {
    const std::string bytes = packed(each);
    EXPECT_TRUE(is_gzip(bytes));
    EXPECT_EQ(unpack_gzip(bytes, text.size()), each);
  }
  EXPECT_EQ(unpack_gzip(packed("a") + packed("") + packed("b"), 10), "ab");
  EXPECT_FALSE(is_gzip("library (x) {"));
  EXPECT_FALSE(is_gzip(""));
}

TEST(Gzip, NoPrefixAndNoDamageIsTaken) {
  const std::string bytes = packed("a text of some length, some length, some length\n");
  for (std::size_t size = 2; size < bytes.size(); ++size)
    EXPECT_EQ(refusal(bytes.substr(0, size)), "unexpected end of file") << size;
  std::string damaged = bytes;
  damaged[damaged.size() - 6] ^= 1;  // of the checksum
  EXPECT_EQ(refusal(damaged), "incorrect data check");
  EXPECT_EQ(refusal(bytes + "more"), "incorrect header check");
}

TEST(Gzip, ASmallFileOfMuchTextIsRefused) {
  const std::string bytes = packed(std::string(3 << 20, 'x'));
  EXPECT_LT(bytes.size(), 1U << 14U);
  EXPECT_EQ(refusal(bytes, (3 << 20) - 1), "too long: more than 3145727 bytes");
  EXPECT_EQ(unpack_gzip(bytes, 3 << 20).size(), 3U << 20U);
}

}  // namespace
}  // namespace subbyte::sim
