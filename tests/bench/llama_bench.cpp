/// \file  Tokens a second through our engine, and through a plain loop over the engine's own calls: the same model, the
/// same prompts, the same settings, alternating in one run. Prints the medians and their ratio, also by CPU time, which
/// other programs on the machine disturb less.
///
/// llama_bench [ROUNDS [TOKENS]]
#include <llama.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "model/llama/likelihood.h"
#include "model/llama/threads.h"
#include "model/llama/weights.h"
#include "real/llama_machine.h"

namespace llmops::model {
namespace {

using Seconds = std::chrono::duration<double>;

struct Settings {
  std::int64_t sequences = 1, tokens = 64;
  std::uint32_t context = 512, threads = 1;
};

/// Another beginning in each round, so that nothing decoded before is of use.
std::string prompt_text(std::int64_t round, std::int64_t n) {
  return std::to_string(round * 100 + n + 11) +
         ". It was a dark and stormy night, and the old captain said to the crew:";
}

/// A plain loop: each prompt decoded by itself, then one batch a step, the likeliest token each time.
class PlainLoop {
 public:
  PlainLoop(llama_model* model, const Settings& settings) : settings_(settings), vocab_(llama_model_get_vocab(model)) {
    auto params = llama_context_default_params();
    params.n_ctx = settings.context * static_cast<std::uint32_t>(settings.sequences);
    params.n_batch = params.n_ubatch = 512;
    params.n_seq_max = static_cast<std::uint32_t>(settings.sequences);
    params.n_threads = params.n_threads_batch = static_cast<std::int32_t>(settings.threads);
    params.kv_unified = false;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED;
    context_.reset(llama_init_from_model(model, params));
    batch_ = llama_batch_init(512, 0, 1);
  }
  ~PlainLoop() { llama_batch_free(batch_); }
  PlainLoop(const PlainLoop&) = delete;
  PlainLoop& operator=(const PlainLoop&) = delete;

  std::int64_t run(std::int64_t round) {
    llama_memory_clear(llama_get_memory(context_.get()), false);
    std::vector<llama::Token> last;
    std::vector<std::int32_t> position;
    for (std::int64_t s = 0; s < settings_.sequences; ++s) {
      const auto text = prompt_text(round, s);
      std::vector<llama::Token> tokens(text.size() + 2);
      const auto count = llama_tokenize(vocab_, text.data(), static_cast<std::int32_t>(text.size()), tokens.data(),
                                        static_cast<std::int32_t>(tokens.size()), true, false);
      batch_.n_tokens = 0;
      for (std::int32_t i = 0; i < count; ++i) {
        add(tokens[static_cast<std::size_t>(i)], i, static_cast<std::int32_t>(s), i + 1 == count);
      }
      llama_decode(context_.get(), batch_);
      last.push_back(best(count - 1));
      position.push_back(count);
    }
    for (std::int64_t step = 1; step < settings_.tokens; ++step) {
      batch_.n_tokens = 0;
      for (std::size_t s = 0; s < last.size(); ++s) add(last[s], position[s]++, static_cast<std::int32_t>(s), true);
      llama_decode(context_.get(), batch_);
      for (std::size_t s = 0; s < last.size(); ++s) last[s] = best(static_cast<std::int32_t>(s));
    }
    return settings_.sequences * settings_.tokens;
  }

 private:
  void add(llama::Token token, std::int32_t position, std::int32_t sequence, bool scored) {
    const auto at = batch_.n_tokens++;
    batch_.token[at] = token;
    batch_.pos[at] = position;
    batch_.n_seq_id[at] = 1;
    batch_.seq_id[at][0] = sequence;
    batch_.logits[at] = scored ? 1 : 0;
  }
  llama::Token best(std::int32_t row) {
    const auto size = static_cast<std::size_t>(llama_vocab_n_tokens(vocab_));
    return llama::likeliest({llama_get_logits_ith(context_.get(), row), size});
  }

  Settings settings_;
  const llama_vocab* vocab_;
  llama::ContextHandle context_;
  llama_batch batch_{};
};

/// Tokens that came, counted, as an answer may end early.
std::int64_t run_ours(Model& model, const Settings& settings, std::int64_t round) {
  std::vector<Query> queries;
  for (std::int64_t s = 0; s < settings.sequences; ++s) queries.push_back(raw(prompt_text(round, s), settings.tokens));
  std::int64_t tokens = 0;
  for (const auto& outcome : ask_all(model, queries)) tokens += outcome ? *outcome->usage.output_tokens : 0;
  return tokens;
}

struct Rates {
  std::vector<double> by_wall, by_cpu;  ///< Tokens a second, of each round.
};

template <class Run>
void measure(const Run& run, Rates& rates) {
  const auto begun = std::chrono::steady_clock::now();
  const auto cpu_begun = std::clock();
  const auto tokens = static_cast<double>(run());
  rates.by_wall.push_back(tokens / Seconds(std::chrono::steady_clock::now() - begun).count());
  rates.by_cpu.push_back(tokens * CLOCKS_PER_SEC /
                         static_cast<double>(std::max<std::clock_t>(std::clock() - cpu_begun, 1)));
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void print(const char* what, const std::vector<double>& ours, const std::vector<double>& plain) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(ours[i] / plain[i]);
  std::printf("%s ours %.1f, plain loop %.1f, ratio %.3f\n", what, median(ours), median(plain), median(ratios));
  std::fflush(stdout);
}

/// `false` where something is missing.
bool compare(Machine& machine, const Settings& settings, int rounds) {
  auto config = machine.config(settings.sequences);
  auto context = machine.context();
  auto ours = open_llama(config, context);
  auto weights = llama::load_weights(machine.files, machine.model_file(), {});
  if (!ours || !weights) {
    std::fputs(render(ours ? weights.error() : ours.error()).c_str(), stderr);
    return false;
  }
  PlainLoop plain(weights->model.get(), settings);
  Rates ours_rates, plain_rates;
  for (int round = 0; round < rounds; ++round) {
    measure([&] { return run_ours(**ours, settings, round); }, ours_rates);
    measure([&] { return plain.run(round); }, plain_rates);
  }
  std::printf("%lld sequences, %lld tokens each, up to %u threads\n", static_cast<long long>(settings.sequences),
              static_cast<long long>(settings.tokens), settings.threads);
  print("  tok/s        ", ours_rates.by_wall, plain_rates.by_wall);
  print("  tok/CPU s    ", ours_rates.by_cpu, plain_rates.by_cpu);
  return true;
}

}  // namespace
}  // namespace llmops::model

int main(int argc, char** argv) {
  using namespace llmops::model;
  const int rounds = argc > 1 ? std::max(std::atoi(argv[1]), 1) : 5;
  Settings settings;
  settings.tokens = argc > 2 ? std::max(std::atoi(argv[2]), 1) : 64;
  Machine machine;
  settings.threads = llama::usable_cpus(machine.files);
  for (const std::int64_t sequences : {1, 8}) {
    settings.sequences = sequences;
    if (!compare(machine, settings, rounds)) return 1;
  }
  return 0;
}
