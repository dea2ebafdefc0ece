#include "sim/base/made_by.hpp"

#include <charconv>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <optional>
#include <string_view>
#include <thread>

#include "sim/base/input_error.hpp"

namespace subbyte::sim {
namespace {

struct Program {
  std::string version, revision = "unknown";
};

Program& program() {
  static Program known;
  return known;
}

std::string utc(std::time_t seconds) {
  std::tm parts{};
  char text[32];
  if (::gmtime_r(&seconds, &parts) == nullptr) return "unknown";
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

/// Returns the second that SOURCE_DATE_EPOCH names (reproducible-builds.org), where it is set.
std::optional<std::time_t> fixed_time() {
  const char* variable = std::getenv("SOURCE_DATE_EPOCH");
  if (variable == nullptr || *variable == '\0') return std::nullopt;
  const std::string_view text = variable;
  std::time_t seconds = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || stop != text.data() + text.size() || seconds < 0)
    throw InputError("SOURCE_DATE_EPOCH", "", "is '" + std::string(text) + "', expected seconds since 1970");
  return seconds;
}

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

}  // namespace

void set_version(const std::string& version, const std::string& revision) { program() = {version, revision}; }

nlohmann::json made_by() {
  const auto fixed = fixed_time();
  nlohmann::json stamp{{"program", program().version.empty() ? "subbyte" : "subbyte " + program().version},
                       {"revision", program().revision},
                       {"date", utc(fixed ? *fixed : std::time(nullptr))}};
  if (!fixed) stamp["machine"] = {{"cpu", cpu_model()}, {"cores", std::thread::hardware_concurrency()}};
  return stamp;
}

}  // namespace subbyte::sim
