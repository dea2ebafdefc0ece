// libFuzzer target that reads any bytes as a table of memories. One that is accepted answers for each of its
// capacities, and between them.
#include <cmath>
#include <cstdlib>
#include <string>

#include "sim/base/input_error.hpp"
#include "sim/config/memory_table.hpp"

namespace {

using namespace subbyte::sim;

void ask(const SramTable& table) {
  for (const std::string& technology : table.technologies()) {
    for (const std::int64_t width : table.widths(technology)) {
      const auto entries = table.select(technology, width);
      for (std::size_t i = 0; i < entries.size(); ++i) {
        if (sram_at(entries, entries[i].capacity_bytes).read_pj != entries[i].read_pj) std::abort();
        if (i == 0 || entries[i].capacity_bytes - entries[i - 1].capacity_bytes < 2) continue;
        const double between = sram_at(entries, entries[i].capacity_bytes - 1).read_pj;
        if (!std::isfinite(between) || between < 0) std::abort();
      }
    }
  }
}

template <typename Call>
void refuse(Call call) {
  try {
    call();
  } catch (const InputError&) {
    return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  refuse([&] { ask(parse_sram_table(text, "fuzz.csv")); });
  refuse([&] {
    const DramTable table = parse_dram_table(text, "fuzz.csv");
    for (const DramEntry& entry : table.entries)
      if (table.find(entry.name) == nullptr || !(entry.low <= entry.pj_per_bit && entry.pj_per_bit <= entry.high))
        std::abort();
  });
  return 0;
}
