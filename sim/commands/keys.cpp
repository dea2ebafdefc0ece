// `subbyte keys`: every key of the files that a user writes, as their readers ask for it.
#include <fmt/format.h>

#include <array>
#include <iostream>
#include <nlohmann/json.hpp>

#include "kernels/catalogue.hpp"
#include "quant/base/suggestion.hpp"
#include "reports/text.hpp"
#include "sim/base/input_error.hpp"
#include "sim/cells/technology.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/options.hpp"
#include "sim/config/design.hpp"
#include "sim/config/format_file.hpp"
#include "sim/config/policy.hpp"
#include "sim/sweep/plan_file.hpp"
#include "sim/workload/model_shape_file.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kNotes = R"(
The entries come from the readers of the files, so that they are what a file is checked against. A
key in a mapping is written with a dot, and one in each mapping of a list with [].

JSON:
  {"kinds":[{"kind","summary"}]}, and with KIND
  {"kind","summary","keys":[{"name","type","required","default","meaning"}]}, where "default" is
  null for a key that has none; of a design also "units":[{"unit","keys"}], its parameters
)";

struct Kind {
  const char* name;
  const char* summary;
  std::vector<KeyEntry> (*keys)();
};

constexpr std::array kKinds{
    Kind{"design",
         "What is built: a file of configs/designs or of one's own, for --design. A file with a `base` states what "
         "differs alone: there every key may be left out, also one that is said to be required.",
         design_keys},
    Kind{"sweep", "What is compared: formats times designs on one layer or model's shape, for `subbyte sweep`.",
         sweep_keys},
    Kind{"policy", "Which layer gets which format: a file for --format. It is also how a mixed recipe is written.",
         policy_keys},
    Kind{"format", "A number format of one's own, FILE.yaml[:gN], wherever a format is named.", format_keys},
    Kind{"technology", "A cell library and what is known of it: a file of configs/technologies.", technology_keys},
    Kind{"workload", "The shape of a model, from which its layers follow: a file of configs/workloads.", workload_keys},
};

const Kind& kind_named(const std::string& name) {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) {
    if (kind.name == name) return kind;
    names.emplace_back(kind.name);
  }
  if (name == "recipe")
    throw InputError("", "'recipe'", "is no kind of file: a mixed recipe is a policy, expected `subbyte keys policy`");
  throw InputError("", fmt::format("'{}'", name), "is no kind of file, " + quant::expectation(name, names));
}

/// Lines as wide as those of the pages; those after the first are set in by `indent`.
std::string lines_of(const std::string& text, std::size_t indent) {
  constexpr std::size_t kColumns = 100;
  return reports::wrapped_text(text, kColumns, indent);
}

std::string presence_of(const KeyEntry& entry) {
  if (entry.required) return "required";
  if (!entry.fallback || *entry.fallback == "") return "may be left out";
  return "default " + (entry.fallback->is_string() ? entry.fallback->get<std::string>() : entry.fallback->dump());
}

/// A whole sentence also of a parameter, whose summary is a few words.
std::string sentence(std::string text) {
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

std::string lines_of(const std::vector<KeyEntry>& keys) {
  std::string text;
  for (const KeyEntry& entry : keys)
    text += lines_of(
        fmt::format("* `{}` ({}; {}): {}", entry.name, entry.type, presence_of(entry), sentence(entry.meaning)), 2);
  return text;
}

std::string text_of(const Kind& kind) {
  std::string text = lines_of(kind.keys());
  if (std::string_view(kind.name) != "design") return text;
  for (const kernels::UnitInfo& unit : kernels::units())
    text += fmt::format("\nParameters of `{}`:\n\n{}", unit.name, lines_of(design_parameter_keys(unit)));
  return text;
}

std::string page() {
  std::string text =
      "# Keys of the files that you write\n\n"
      "<!-- Made by `subbyte keys --markdown`; a test compares them. -->\n\n" +
      lines_of(
          "A key in a mapping is written with a dot, and one in each mapping of a list with `[]`. Every file is YAML. "
          "An unknown key, a wrong value and a missing key are errors with line and column, all at once. A key that is "
          "required inside a mapping that may be left out must be there where the mapping is. The same is "
          "printed by `subbyte keys KIND`, where KIND is the heading.",
          0);
  for (const Kind& kind : kKinds)
    text += fmt::format("\n## {}\n\n{}\n{}", kind.name, lines_of(kind.summary, 0), text_of(kind));
  return text;
}

Json json_of(const std::vector<KeyEntry>& keys) {
  Json list = Json::array();
  for (const KeyEntry& entry : keys)
    list.push_back({{"name", entry.name},
                    {"type", entry.type},
                    {"required", entry.required},
                    {"default", entry.fallback ? Json(*entry.fallback) : Json()},
                    {"meaning", sentence(entry.meaning)}});
  return list;
}

Json json_of(const Kind& kind) {
  Json object{{"kind", kind.name}, {"summary", kind.summary}, {"keys", json_of(kind.keys())}};
  if (std::string_view(kind.name) != "design") return object;
  object["units"] = Json::array();
  for (const kernels::UnitInfo& unit : kernels::units())
    object["units"].push_back({{"unit", unit.name}, {"keys", json_of(design_parameter_keys(unit))}});
  return object;
}

void list_kinds(bool json) {
  Json kinds = Json::array();
  std::string text;
  for (const Kind& kind : kKinds) {
    kinds.push_back({{"kind", kind.name}, {"summary", kind.summary}});
    text += fmt::format("{:<12}{}\n", kind.name, kind.summary);
  }
  if (json)
    print_json({{"kinds", kinds}});
  else
    std::cout << text << "\n`subbyte keys KIND` lists the keys of one of them.\n";
}

}  // namespace

int run_keys(Arguments args) {
  std::optional<std::string> name;
  bool json = false, markdown = false;
  Options options("keys [KIND | --markdown] [--json]", json);
  options
      .value("kind KIND", name, "List the keys of this kind of file (the first argument). Without it, list the kinds.")
      .without_name();
  options.flag("markdown", markdown, "Print every kind as one page of Markdown, which is docs/configuration.md.");
  options.notes(kNotes);
  if (!options.parse(args)) return kDone;
  options.excludes({"kind", "json"}, "markdown");
  if (markdown) {
    std::cout << page();
  } else if (!name) {
    list_kinds(json);
  } else if (json) {
    print_json(json_of(kind_named(*name)));
  } else {
    const Kind& kind = kind_named(*name);
    std::cout << fmt::format("{}\n{}", lines_of(kind.summary, 0), text_of(kind));
  }
  return kDone;
}

}  // namespace subbyte::sim
