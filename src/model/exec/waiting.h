#pragma once
/// \file  Queries that a program has been given and not yet answered.
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/stop.h"
#include "model/model.h"

namespace llmops::model::exec {

/// One of them. Whoever takes it out calls `done`, so that it is called once.
struct Waiting {
  std::function<void(Result<Answer, QueryFailure>)> done;
  std::chrono::steady_clock::time_point since;
  std::vector<std::string> choices;
  bool scores = false;  ///< What is wanted is a score.
  std::unique_ptr<std::stop_callback<std::function<void()>>> on_stop;
};

/// Safe to call from many threads. Nothing foreign is called under its lock.
class WaitingQueries {
 public:
  /// The new query's number, from 1.
  std::int64_t add(Waiting query);
  /// Calls `on_stop` when `stop` asks for it while the query waits; at once where it has asked already.
  void hear(std::int64_t number, const StopToken& stop, std::function<void()> on_stop);
  std::optional<Waiting> take(std::int64_t number);
  std::vector<Waiting> take_all();
  bool contains(std::int64_t number) const;
  /// Whether this number was ever given, waiting or not.
  bool given(std::int64_t number) const;
  std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::int64_t, Waiting> queries_;
  std::int64_t last_ = 0;
};

}  // namespace llmops::model::exec
