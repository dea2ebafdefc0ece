// Runs the built program as a user does.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "tests/support/byte_files.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::tests {

struct Outcome {
  int status;  ///< -1 when it did not exit by itself
  std::string out;
  std::string err;
};

/// Runs `subbyte ARGUMENTS` by the shell in `directory`, where it leaves out.txt and err.txt.
inline Outcome run_subbyte(const TemporaryDirectory& directory, const std::string& arguments) {
  const std::string command = "cd '" + directory.path().string() + "' && '" + tested_build().string() + "/subbyte' " +
                              arguments + " >out.txt 2>err.txt";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_bytes(directory / "out.txt"),
          read_bytes(directory / "err.txt")};
}

}  // namespace subbyte::tests
