#pragma once
/// \file  The words of one API: how it wants to be asked, and what its answers say.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/api/assembler.h"
#include "model/query.h"
#include "sys/http.h"

namespace llmops::model::api {

/// How an answer is to come.
enum class Delivery {
  whole,
  streamed,  ///< Piece by piece, as it is made.
};

/// What is sent for a query: where, below the base URL, and the body, which is JSON.
struct Call {
  std::string path, body;
};

/// Why a body of status 2xx holds no answer.
struct NoAnswer {
  std::string what;                 ///< What it lacks; or, with a code, the server's own words.
  std::optional<std::string> code;  ///< The server's name of an error that it told of.
};

/// Immutable; safe to use from many threads.
class Dialect {
 public:
  virtual ~Dialect() = default;
  /// Headers of every request, names in lower case: the key's, where there is one, and what else the API demands.
  virtual std::vector<sys::Header> headers(const std::string& api_key) const = 0;
  /// `seed` is the query's plus its repeat; `parameters.extra` wins over the parameters beside it. Kind `invalid`: a
  /// text that is not UTF-8, or something that this API can't be asked for.
  virtual Result<Call> call(const std::string& model, const Query& query, Delivery delivery) const = 0;
  /// What a body says: text, finish reason, usage, the model's name. Of the query nothing is read but what was asked
  /// for; its messages may be gone.
  virtual Result<Answer, NoAnswer> answer(const doc::Node& body, const Query& query) const = 0;
  /// What to do about this status, where this API knows better than the general hints; else empty.
  virtual std::string hint(int /*status*/, const std::string& /*model*/) const { return {}; }
  virtual Framing framing() const { return Framing::events; }
  virtual std::unique_ptr<Assembler> assembler() const = 0;
};

}  // namespace llmops::model::api
