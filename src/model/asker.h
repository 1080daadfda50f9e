#pragma once
/// \file  Many queries, asked well: cached, a bounded number at once, retried, within a budget.
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/stop.h"
#include "model/budget.h"
#include "model/model.h"
#include "store/cache.h"

namespace llmops::model {

/// A model that a run may ask, opened when the first uncached query needs it.
struct AskedModel {
  std::string name;  ///< As the recipe calls it.
  ModelConfig config;
  Digest identity;
  bool cacheable = true;
};

/// One query on its way. `tag` is the caller's own number for it. The model's parameters need not be merged into the
/// query's: the asker does it, and doing it twice changes nothing.
struct Ask {
  std::size_t tag = 0;
  const AskedModel* model = nullptr;
  Query query;
};

/// How a query ended.
struct Asked {
  std::size_t tag = 0;
  std::optional<Answer> answer;  ///< Nothing where it failed.
  std::optional<Error> error;
  bool cached = false;  ///< Kept from before, or given to the same question just now.
  int retries = 0;
};

enum class CacheMode {
  use,      ///< Read and write.
  refresh,  ///< Write only: `--force`.
  only,  ///< For models that need the network: read only, and a miss is an error that says so (`--offline`). As `use`
         ///< for others.
};

/// When a budget ends, what is on its way is awaited and the rest is left unasked, without an error: `on_answer` is not
/// called for it, and answers from the cache still are.
struct AskLimits {
  std::optional<std::int64_t> concurrency;  ///< Over all models together.
  /// Of what is asked now; see `Budget` for how it is kept. In dollars, an API whose price is not known is an error,
  /// and a local model counts nothing; in tokens, a model that does not tell them is an error once it has answered.
  BudgetLimits budget;
  Budget* shared = nullptr;  ///< Of what many calls ask together; may be null.
  /// Hears what a person may want to know while it asks, such as that a limit of the server is waited for. May be
  /// empty.
  std::function<void(const std::string&)> on_note;
  /// After this many failures in a row that hit every query, the rest of that model's is not asked. One that ever
  /// answered is given up only for failures of extent `all`; while it is gone (`unanswered`), nothing is tried again.
  std::int64_t give_up_after = 3;
};

struct AskTotals {
  std::int64_t asked = 0;  ///< Queries sent, each once however often it was retried.
  std::int64_t cached = 0;
  std::int64_t errors = 0;  ///< Queries that failed in the end.
  std::int64_t retries = 0;
  std::optional<Usd> cost = Usd{0};     ///< Of what was sent now; nothing as soon as one price is unknown.
  Usage usage;                          ///< Sums over the asked ones that told.
  std::optional<BudgetEnd> budget_end;  ///< Where a budget ended the asking: the first that did.
};

/// How asking ended: what was sent until then is counted, be it gone through or not.
struct AskEnd {
  AskTotals totals;
  std::optional<Error> error;  ///< Why not every query was gone through.
};

/// Opens models once for the whole run and asks them. One for a run; `ask` may be called from several steps at once,
/// each on its own thread; what is at once on its way to a model is bounded over all of them.
class Asker {
 public:
  Asker(OpenContext context, store::Table& answers, CacheMode mode);
  ~Asker();
  /// Pulls from `next` until it gives nothing while nothing is on its way (what an answer makes worth asking may come
  /// after it), and calls `on_answer` once for each on the calling thread, in the order
  /// answers come. At most about twice the models' concurrency are held at once, so that 100,000 cases need no more
  /// memory than 1,000. Equal questions on their way at the same time are asked once. A server's Retry-After holds back
  /// all queries to its model, whoever asks; one of more than ten minutes is not waited for. Failed queries are counted
  /// and passed to `on_answer`; every answer that came is in the cache when this returns. It ends with an error where a
  /// model can't be opened, where a budget can't be kept, and (kind `interrupted`) when stopped.
  AskEnd ask(const std::function<std::optional<Ask>()>& next, const std::function<void(const Asked&)>& on_answer,
             const AskLimits& limits, StopToken stop);

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

}  // namespace llmops::model
