// The units of a check that compiles much: some of them in a test run, and the whole catalogue where SUBBYTE_NIGHTLY is
// set (tests/nightly.py).
#pragma once

#include <cstdlib>
#include <initializer_list>
#include <string>
#include <vector>

#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"

namespace subbyte {

inline std::vector<std::string> catalogue() {
  std::vector<std::string> names;
  for (const auto& unit : kernels::units()) names.push_back(unit.name);
  return names;
}

inline std::vector<std::string> catalogue_sample(std::initializer_list<const char*> sample) {
  if (std::getenv("SUBBYTE_NIGHTLY") != nullptr) return catalogue();
  return {sample.begin(), sample.end()};
}

}  // namespace subbyte
