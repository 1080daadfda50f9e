#include "model/llama/engine.h"

#include <algorithm>

namespace llmops::model::llama {
namespace {

constexpr std::int64_t kMostTokens = 256;
/// Copying a sequence costs about as much as decoding a few tokens.
constexpr std::size_t kWorthCopying = 16;

QueryFailure interrupted() {
  return {Error{ErrorKind::interrupted, "stopped before the answer was complete", {}, {}, {}}};
}

std::size_t common_length(const std::vector<Token>& a, const std::vector<Token>& b) {
  const auto end = std::min(a.size(), b.size());
  return static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(end), b.begin()).first - a.begin());
}

}  // namespace

Engine::Engine(Sequences sequences, const Vocabulary& vocabulary, sys::Clock& clock, EngineConfig config)
    : sequences_(std::move(sequences)), vocabulary_(vocabulary), clock_(clock), config_(std::move(config)) {
  slots_.resize(sequences_.count());
  sequences_.stop_when([this] {
    return closing() || (!stops_.empty() && std::all_of(stops_.begin(), stops_.end(),
                                                        [](const auto& stop) { return stop.stop_requested(); }));
  });
  thread_ = std::thread([this] { run(); });
}

Engine::~Engine() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Engine::submit(Job job) {
  std::unique_lock lock(mutex_);
  if (std::this_thread::get_id() != thread_.get_id()) {
    const auto most = 4 * slots_.size();
    changed_.wait(lock, job.stop, [&] { return closing() || waiting_.size() < most; });
  }
  waiting_.push_back(std::move(job));
  changed_.notify_all();
}

void Engine::run() {
  while (!closing()) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return closing() || !waiting_.empty() || any_active(); });
    }
    fail_stopped_jobs();
    const auto idle = [](const Slot& slot) { return !slot.job; };
    while (!closing() && std::any_of(slots_.begin(), slots_.end(), idle)) {
      auto job = next_job();
      if (!job) break;
      admit(std::move(*job));
    }
    if (!closing()) step();
  }
  for (auto& slot : slots_) {
    if (slot.job) fail(slot, Decoded::stopped);
  }
  while (auto job = next_job()) job->done(interrupted());
}

bool Engine::any_active() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.job.has_value(); });
}

std::optional<Job> Engine::next_job() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  std::optional<Job> job(std::move(waiting_.front()));
  waiting_.pop_front();
  changed_.notify_all();
  return job;
}

void Engine::fail_stopped_jobs() {
  std::vector<Job> stopped;
  {
    const std::lock_guard lock(mutex_);
    const auto end = std::stable_partition(waiting_.begin(), waiting_.end(),
                                           [](const Job& job) { return !job.stop.stop_requested(); });
    std::move(end, waiting_.end(), std::back_inserter(stopped));
    waiting_.erase(end, waiting_.end());
    if (!stopped.empty()) changed_.notify_all();
  }
  for (auto& job : stopped) job.done(interrupted());
}

void Engine::admit(Job job) {
  if (!job.prepared) {
    job.done(QueryFailure{std::move(job.prepared).error()});
    return;
  }
  std::optional<Grammar> grammar;
  if (!job.prepared->grammar.empty()) {
    auto made = Grammar::make(vocabulary_.get(), job.prepared->grammar);
    if (!made) return job.done(QueryFailure{std::move(made).error()});
    grammar = *std::move(made);
  }
  const auto& prompt = job.prepared->prompt;
  const auto sequence = place(prompt);
  auto& slot = slots_[sequence];
  slot.started = clock_.monotonic();
  slot.first.reset();
  if (job.prepared->labels.empty()) {
    const auto wanted = std::max<std::int64_t>(job.query.parameters.max_tokens.value_or(kMostTokens), 1);
    const auto most = std::min(static_cast<std::size_t>(wanted), config_.context - prompt.size());
    slot.continuation = generate(vocabulary_, job.query, {prompt.size(), most}, std::move(grammar));
  } else {
    slot.continuation = choose(job.query, prompt.size(), job.prepared->labels);
  }
  slot.job = std::move(job);
  if (const auto decoded = prefill(slot, sequence, slot.job->prepared->prompt.size()); decoded != Decoded::all) {
    fail(slot, decoded);
    return;
  }
  slot.continuation->start(sequences_.logits(0));
  if (slot.job->prepared->labels.empty()) {
    slot.first = std::chrono::duration_cast<Duration>(clock_.monotonic() - slot.started);
  }
  if (slot.continuation->wanted().tokens.empty()) finish(slot);
}

/// The idle sequence to use, holding as much of the prompt as any sequence has, but not its last token, whose scores
/// are wanted.
std::size_t Engine::place(const std::vector<Token>& prompt) {
  std::size_t idle = slots_.size(), idle_shared = 0, source = 0, shared = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const auto common = std::min(common_length(sequences_.tokens(i), prompt), prompt.size() - 1);
    if (common > shared) {
      source = i;
      shared = common;
    }
    if (!slots_[i].job && (idle == slots_.size() || common > idle_shared)) {
      idle = i;
      idle_shared = common;
    }
  }
  if (!sequences_.can_be_cut()) {
    sequences_.cut(idle, 0);
  } else if (shared >= idle_shared + kWorthCopying) {
    sequences_.copy(source, idle, shared);
  } else {
    sequences_.cut(idle, idle_shared);
  }
  return idle;
}

/// Decodes what is missing of the prompt's first `length` tokens, in pieces.
Decoded Engine::prefill(Slot& slot, std::size_t sequence, std::size_t length) {
  const std::span<const Token> prompt(slot.job->prepared->prompt.data(), length);
  while (sequences_.tokens(sequence).size() < length) {
    const auto at = sequences_.tokens(sequence).size();
    const Extension piece{sequence, prompt.subspan(at, std::min(length - at, sequences_.most_at_once())), Scored::last};
    if (const auto decoded = decode({&piece, 1}, {slot.job->stop}); decoded != Decoded::all) return decoded;
  }
  return Decoded::all;
}

/// The queries that take part in the next decoding, as many as fit, and what each wants.
std::vector<std::size_t> Engine::collect(std::vector<Wanted>& wanted) {
  std::vector<std::size_t> taken;
  std::size_t total = 0, first_left = slots_.size();
  for (std::size_t n = 0; n < slots_.size(); ++n) {
    const auto i = (first_ + n) % slots_.size();
    if (!slots_[i].job) continue;
    auto next = slots_[i].continuation->wanted();
    if (total + next.tokens.size() > sequences_.most_at_once()) {
      first_left = std::min(first_left, n);
      continue;
    }
    total += next.tokens.size();
    taken.push_back(i);
    wanted.push_back(std::move(next));
  }
  first_ = first_left == slots_.size() ? 0 : (first_ + first_left) % slots_.size();
  return taken;
}

void Engine::step() {
  std::vector<Wanted> wanted;
  const auto taken = collect(wanted);
  std::vector<Extension> extensions;
  std::vector<StopToken> stops;
  for (std::size_t n = 0; n < taken.size(); ++n) {
    if (!rewind(taken[n], wanted[n].keep)) return;
    extensions.push_back({taken[n], wanted[n].tokens, Scored::all});
    stops.push_back(slots_[taken[n]].job->stop);
  }
  if (taken.empty()) return;
  const auto decoded = decode(extensions, std::move(stops));
  for (std::size_t n = 0; n < taken.size(); ++n) {
    auto& slot = slots_[taken[n]];
    if (decoded != Decoded::all || slot.job->stop.stop_requested()) {
      fail(slot, decoded == Decoded::failed ? Decoded::failed : Decoded::stopped);
      continue;
    }
    std::vector<Logits> scores;
    for (std::size_t i = 0; i < wanted[n].tokens.size(); ++i) scores.push_back(sequences_.logits(n, i));
    slot.continuation->take(scores);
  }
  // Callbacks come last: scores are valid until the next decoding only.
  for (const auto i : taken) {
    if (slots_[i].job && slots_[i].continuation->wanted().tokens.empty()) finish(slots_[i]);
  }
}

/// Takes a query's sequence back to its first `length` tokens. False where that failed, and the query with it.
bool Engine::rewind(std::size_t sequence, std::size_t length) {
  if (sequences_.tokens(sequence).size() == length) return true;
  sequences_.cut(sequence, sequences_.can_be_cut() ? length : 0);
  const auto decoded = prefill(slots_[sequence], sequence, length);
  if (decoded != Decoded::all) fail(slots_[sequence], decoded);
  return decoded == Decoded::all;
}

Decoded Engine::decode(std::span<const Extension> extensions, std::vector<StopToken> stops) {
  stops_ = std::move(stops);
  return sequences_.extend(extensions);
}

void Engine::finish(Slot& slot) {
  auto answer = slot.continuation->answer();
  answer.usage.input_tokens = static_cast<std::int64_t>(slot.job->prepared->prompt.size());
  answer.latency = std::chrono::duration_cast<Duration>(clock_.monotonic() - slot.started);
  answer.time_to_first_token = slot.first;
  const auto done = std::move(slot.job->done);
  slot.job.reset();
  slot.continuation.reset();
  done(std::move(answer));
}

void Engine::fail(Slot& slot, Decoded why) {
  const auto done = std::move(slot.job->done);
  slot.job.reset();
  slot.continuation.reset();
  if (why == Decoded::stopped)
    done(interrupted());
  else
    done(QueryFailure{step_error("the embedded engine could not decode the query")});
}

}  // namespace llmops::model::llama
