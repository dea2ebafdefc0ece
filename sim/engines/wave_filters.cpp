#include "sim/engines/wave_filters.hpp"

#include <array>
#include <map>
#include <vector>

#include "quant/formats/term_program.hpp"

namespace subbyte::sim {
namespace {

constexpr unsigned kCodes = 256;

std::int64_t entry_value(std::uint32_t entry, unsigned terms, unsigned shift_width) {
  std::int64_t sum = 0;
  for (unsigned t = 0; t < terms; ++t, entry >>= 2 + shift_width) {
    const quant::Term term{(entry >> (shift_width + 1) & 1) != 0, (entry >> shift_width & 1) != 0,
                           static_cast<std::uint8_t>(entry & ((1U << shift_width) - 1))};
    sum += term.value();
  }
  return sum;
}

/// Returns what the table says of each code, by kernels/ARITHMETIC.md, section 1. It is the reset program where nothing
/// was written.
std::array<std::string, kCodes> table_texts(const std::map<unsigned, std::uint32_t>& words, std::uint32_t control,
                                            const kernels::Parameters& parameters) {
  const auto bits = static_cast<unsigned>(parameters.at("table_bits"));
  const auto terms = static_cast<unsigned>(parameters.at("table_terms"));
  const auto shift_width = static_cast<unsigned>(parameters.at("shift_width"));
  const auto value = [&](unsigned address) {
    const auto word = words.find(address);
    return word == words.end() ? std::string("?") : std::to_string(entry_value(word->second, terms, shift_width));
  };
  std::array<std::string, kCodes> texts;
  for (unsigned code = 0; code < kCodes; ++code) {
    const unsigned index = code & ((1U << bits) - 1);
    texts[code] = value(index);
    if ((control & 0x20U) == 0 || index != (control >> 6 & 0xFFU)) continue;
    texts[code] = "special";
    for (unsigned s = 0; s < 4; ++s) texts[code] += (s == 0 ? " " : "/") + value((1U << bits) + s);
  }
  return texts;
}

std::array<std::string, kCodes> reset_texts() {
  const auto program = quant::lower(quant::parse_format("bitmod-fp4"));
  const auto sum = [](const std::vector<quant::Term>& terms) {
    std::int64_t total = 0;
    for (const auto& term : terms) total += term.value();
    return std::to_string(total);
  };
  std::array<std::string, kCodes> texts;
  for (unsigned code = 0; code < kCodes; ++code) {
    texts[code] = sum(program.entries[code % program.entries.size()]);
    if (code % program.entries.size() != program.special_code) continue;
    texts[code] = "special";
    for (unsigned s = 0; s < program.special_entries.size(); ++s)
      texts[code] += (s == 0 ? " " : "/") + sum(program.special_entries[s]);
  }
  return texts;
}

std::array<std::string, kCodes> code_texts(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus) {
  const unsigned control_address = (1U << static_cast<unsigned>(parameters.at("table_bits"))) + 4;
  std::map<unsigned, std::uint32_t> words;
  for (const auto& write : stimulus.config) words[write.address] = write.data;
  if (!words.contains(control_address)) return reset_texts();
  const std::uint32_t control = words.at(control_address);
  if ((control & 1U) != 0) return table_texts(words, control, parameters);
  std::array<std::string, kCodes> texts;
  for (unsigned code = 0; code < kCodes; ++code)
    texts[code] =
        std::to_string((control & 2U) != 0 || code < 128 ? static_cast<int>(code) : static_cast<int>(code) - 256);
  return texts;
}

std::string script(const std::string& body) {
  return "#!/usr/bin/env python3\n# GTKWave process filter: a hexadecimal value per line in, what it means out.\n"
         "import struct\nimport sys\n\n" +
         body +
         R"(

for line in iter(sys.stdin.readline, ""):
    try:
        text = show(int(line.strip(), 16))
    except ValueError:  # x, z
        text = line.strip()
    print(text, flush=True)
)";
}

std::string number_script(const char* format, unsigned bytes) {
  return script(std::string("def show(value):\n    return '%.7g' % struct.unpack('<") + format + "', value.to_bytes(" +
                std::to_string(bytes) + ", 'little'))[0]\n");
}

}  // namespace

std::string filter_command(const std::string& script) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < script.size(); at += 3) {
    unsigned bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8U | (at + i < script.size() ? static_cast<unsigned char>(script[at + i]) : 0U);
    for (unsigned i = 0; i < 4; ++i) text += at + i > script.size() ? '=' : kDigits[bits >> (18U - 6U * i) & 63U];
  }
  return "python3 -cexec(__import__('base64').b64decode('" + text + "'))";
}

std::optional<std::string> wave_filter(const kernels::Field& field, const kernels::Parameters& parameters,
                                       const kernels::Stimulus& stimulus) {
  switch (field.kind) {
    case kernels::FieldKind::kFp16:
      return number_script("e", 2);
    case kernels::FieldKind::kFp32:
      return number_script("f", 4);
    case kernels::FieldKind::kTerm: {
      const std::string width = std::to_string(field.bits - 2);
      return script("def show(value):\n    if not value >> " + width +
                    " & 1:\n        return '0'\n    return '%s2^%d' % ('-' if value >> " + width +
                    " & 2 else '+', value & (1 << " + width + ") - 1)\n");
    }
    case kernels::FieldKind::kCode: {
      if (!parameters.contains("table_bits")) return std::nullopt;
      std::string list;
      for (const auto& text : code_texts(parameters, stimulus)) list += "    '" + text + "',\n";
      return script("VALUES = [\n" + list +
                    "]\n\n\ndef show(value):\n    return '%02x = %s' % (value, VALUES[value])\n");
    }
    default:
      return std::nullopt;
  }
}

}  // namespace subbyte::sim
