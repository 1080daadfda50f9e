/// CPU seconds of BCa intervals with 10,000 resamples over 10,000 cases: bench-bootstrap [CASES].
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

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
  std::vector<std::size_t> clusters;
  for (std::size_t i = 0; i < cases; ++i) {
    values.push_back(static_cast<double>(i * 7919 % 1000) / 1000);
    clusters.push_back(i / 4);
  }
  measure("mean", [&] { return score::bca_mean(values, {}, {}); });
  measure("mean, clusters of four", [&] { return score::bca_mean(values, clusters, {}); });
  return 0;
}
