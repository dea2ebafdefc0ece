// Says which verification runs leave a waveform.
#pragma once

#include <filesystem>
#include <vector>

#include "sim/engines/verify.hpp"
#include "sim/engines/waves.hpp"

namespace subbyte::sim {

/// Writes one pair of files for each unit and format: for its first run that differs, opened at the first wrong beat,
/// and with `always` for its first run when none differs. Writes nothing when the request has no `rtl` engine.
std::vector<WaveFiles> write_verify_waves(const VerifyRequest& request, const VerifyResult& result,
                                          const std::filesystem::path& directory, bool always);

}  // namespace subbyte::sim
