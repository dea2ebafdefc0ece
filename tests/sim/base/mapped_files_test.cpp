#include "sim/base/mapped_files.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sim/base/file_bytes.hpp"
#include "tests/support/byte_files.hpp"

namespace subbyte::sim {
namespace {

/// Reads a page that the file no longer has. Standard output is the stream that a death test can see.
void read_cut_file(const std::filesystem::path& path, bool json) {
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  explain_mapped_files(json);
  const FileBytes file = FileBytes::map(path.string());
  std::filesystem::resize_file(path, 0);
  volatile char last = static_cast<char>(file.all().back());
  std::exit(last == 0 ? 0 : 1);
}

TEST(MappedFiles, APageThatIsMissingIsOneErrorAsTextAndAsJson) {
  const tests::TemporaryDirectory folder;
  const std::string path = folder / "a\"b.bin";
  tests::write_bytes(path, std::string(20000, 'x'));
  const std::string quoted = "a\\\\\"b.bin";  // as a regular expression for a\"b.bin
  EXPECT_EXIT(read_cut_file(path, false), ::testing::ExitedWithCode(2), "^subbyte: .*b.bin: a page .* full\n$");
  tests::write_bytes(path, std::string(20000, 'x'));
  EXPECT_EXIT(read_cut_file(path, true), ::testing::ExitedWithCode(2),
              "full\n.\"error\":.\"status\":2,\"text\":\".*" + quoted +
                  ": a page .* full\",\"problems\":..\"file\":\".*" + quoted +
                  "\",\"place\":\"\",\"text\":\"a page .* full\".].}\n$");
}

}  // namespace
}  // namespace subbyte::sim
