/// Any bytes as an answer and what it is compared with: every scorer gives 0 to 1, or an error that is safe to show.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "doc/yaml.h"
#include "score/scorer.h"

using namespace llmops;

namespace {

std::vector<std::unique_ptr<score::Scorer>> scorers() {
  std::vector<std::unique_ptr<score::Scorer>> out;
  for (const auto* yaml : {"equals",
                           "contains",
                           "icontains",
                           "contains-all",
                           "icontains-any",
                           "ends-with",
                           "levenshtein",
                           "exact-match",
                           "f1",
                           "numeric",
                           "{numeric: {within: 1%}}",
                           "is-json",
                           "contains-json",
                           "is-xml",
                           "contains-xml",
                           "is-xml: {required: '${case.expected}'}",
                           "contains-xml: {required: '${case.expected}'}",
                           "{word-count: 3}",
                           "is-refusal",
                           "is-sql",
                           "contains-sql",
                           "bleu",
                           "gleu",
                           "rouge-1",
                           "rouge-2",
                           "rouge-l",
                           "meteor",
                           "chrf"}) {
    const auto node = doc::parse_yaml("fuzz.yaml", yaml);
    if (!node) std::abort();
    const auto config = score::record_of(static_cast<score::ScorerConfig*>(nullptr)).bind(*node, schema::Late::allow);
    if (!config) std::abort();
    auto made = score::make_scorer(*config);
    if (!made) std::abort();
    out.push_back(*std::move(made));
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto all = scorers();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto border = text.find('\x01');
  score::Sample sample;
  sample.output = text.substr(0, border);
  sample.expected = border == std::string_view::npos ? sample.output : text.substr(border + 1);
  const auto fields = doc::Node::map({{"expected", *sample.expected}});
  sample.case_fields = &fields;
  for (const auto& scorer : all) {
    const auto scored = scorer->score(sample);
    if (!scored) {
      (void)render(scored.error());
    } else if (!(scored->value >= 0 && scored->value <= 1)) {
      std::abort();
    }
  }
  return 0;
}
