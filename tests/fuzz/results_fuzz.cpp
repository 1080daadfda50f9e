/// Any bytes as an eval's results: an error that is safe to show, or results that survive being written and can be
/// summarised and paired.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/text.h"
#include "score/results.h"

using namespace llmops;

namespace {

void use(const score::Results& results) {
  std::size_t cases = 0;
  for (const auto& cell : results.cells) cases += cell.cases.size();
  for (const auto& summary : score::summarise(results)) {
    if (summary.n + summary.errors > cases) std::abort();
    (void)score::to_node(summary);
  }
  for (const auto& cell : results.cells) {
    if (results.cell(cell.name()) == nullptr) std::abort();
    for (std::size_t metric = 0; metric < results.metrics.size(); ++metric) {
      const auto pairs = score::pair_values({results, cell, metric}, {results, results.cells.front(), metric});
      if (pairs.a.size() != pairs.b.size() || pairs.a.size() > cell.cases.size()) std::abort();
      if (!pairs.clusters.empty() && pairs.clusters.size() != pairs.a.size()) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto results = score::results_from_jsonl("results.jsonl", text);
  if (!results) {
    const auto& error = results.error();
    if (error.kind != ErrorKind::invalid || text::printable(error.message) != error.message) std::abort();
    (void)render(error);
    return 0;
  }
  const auto written = score::to_jsonl(*results);
  const auto again = score::results_from_jsonl("results.jsonl", written);
  if (!again || *again != *results || score::to_jsonl(*again) != written) std::abort();
  use(*results);
  return 0;
}
