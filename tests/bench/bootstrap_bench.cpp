/// CPU seconds of BCa intervals with 10,000 resamples over 10,000 cases: bench-bootstrap [CASES].
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "score/classification.h"
#include "score/statistics.h"

using namespace llmops;

namespace {

template <class Work>
void measure(const char* name, const Work& work) {
  const auto began = std::clock();
  const auto interval = work();
  const double seconds = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  std::printf("%-28s %6.2f s CPU  [%.4f, %.4f]\n", name, seconds, interval.low, interval.high);
}

}  // namespace

int main(int argc, char** argv) {
  const auto cases = static_cast<std::size_t>(argc > 1 ? std::atoi(argv[1]) : 10'000);
  std::vector<double> values;
  std::vector<score::Classified> a, b;
  for (std::size_t i = 0; i < cases; ++i) {
    values.push_back(static_cast<double>(i * 7919 % 1000) / 1000);
    const auto expected = i % 6;
    a.push_back({expected, i * 31 % 10 < 8 ? expected : i * 17 % 6});
    b.push_back({expected, i * 37 % 10 < 8 ? expected : i * 13 % 6});
  }
  measure("mean", [&] { return score::bca_mean(values, {}, {}); });
  measure("macro F1", [&] { return score::macro_f1_of(a, {}, {}).interval; });
  measure("difference of macro F1", [&] { return score::macro_f1_difference(a, b, {}, {}).interval; });
  return 0;
}
