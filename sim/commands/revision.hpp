// Which Subbyte this program is.
#pragma once

namespace subbyte::sim {

/// The project's version, for example "0.2.0".
const char* version();

/// The git revision that the program was built from: hexadecimal digits, with "-dirty" behind them where files of the
/// tree were changed; "unknown" where the tree is not a git repository. Written at build time by revision.cmake.
const char* revision();

}  // namespace subbyte::sim
