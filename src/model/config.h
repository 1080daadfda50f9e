#pragma once
/// \file  What a recipe may write under `models:`.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "model/query.h"
#include "schema/record.h"

namespace llmops::model {

/// USD per million tokens, or per hour for a machine of one's own. `pricing_of` in price.h tells what asking costs.
struct Price {
  std::optional<double> input, output, usd_per_hour;
  std::optional<double> cache_read, cache_write;  ///< Of the input: what the server's cache gave and took.
  friend bool operator==(const Price&, const Price&) = default;
};
const schema::Record<Price>& record_of(Price*);

struct RetryConfig {
  std::int64_t times = 4;
  Duration backoff{500};  ///< Doubled each time, with jitter; a server's Retry-After wins.
  friend bool operator==(const RetryConfig&, const RetryConfig&) = default;
};
const schema::Record<RetryConfig>& record_of(RetryConfig*);

struct ModelConfig {
  std::string provider;                 ///< A name of `providers()`.
  std::string model;                    ///< A name in the local store, or the API's model name.
  schema::Placed<std::string> file;     ///< llama: a tracked or pinned path, or a step's output.
  schema::Placed<std::string> adapter;  ///< llama: a LoRA adapter, likewise.
  std::string sha256;                   ///< Of `file`, where it is not tracked.
  std::string base_url;                 ///< Of an API; empty: its provider's, see `base_url_of`.
  std::string api = "chat";             ///< openai: `chat`, `responses` or `embeddings`; llama: the first or the last.
  std::optional<std::int64_t> dimensions;  ///< openai, of vectors; nothing: as many as the model has.
  std::string api_key;                     ///< Resolved late, held as text only until the model is opened.
  std::map<std::string, std::string> headers;
  bool stream = false;               ///< Whether answers come piece by piece, and the first one is timed.
  std::vector<std::string> command;  ///< exec: the program.
  std::vector<std::string> inputs;   ///< exec: globs of what the program is made of.
  std::map<std::string, std::string> env;
  Parameters parameters;
  Price price;
  std::optional<std::int64_t> concurrency, requests_per_minute, tokens_per_minute;
  std::optional<Duration> timeout;
  RetryConfig retry;
  friend bool operator==(const ModelConfig&, const ModelConfig&) = default;
};
const schema::Record<ModelConfig>& record_of(ModelConfig*);

/// What a written model lacks or has too much of for its provider, with places from `written`, the node that `config`
/// was bound from. A value that still holds `${…}` counts as given and is not looked into.
Errors validate(const ModelConfig& config, const doc::Node& written);

/// `llama` is greedy at temperature 0 or none, and when it compares choices; `echo` always; the others are sampled.
Draw draw_of(const ModelConfig& config, const Query& query);

/// Whether it gives vectors of texts, and answers nothing: `api: embeddings`, or a known model that does.
bool embeds(const ModelConfig& config);

/// False only where asking stays on this machine: `llama` and `echo`.
bool needs_network(const ModelConfig& config);

/// The digests that a configuration's identity rests on, found by whoever can read files.
struct ModelFiles {
  std::optional<Digest> file, adapter;  ///< llama
  std::map<std::string, std::string>
      program_blobs;                             ///< exec: path → blob id, of `inputs` and tracked files in `command`
  std::map<std::string, std::string> plain_env;  ///< exec: the entries of `env` written without `${secret.…}`
};

/// What makes two models the same one: for `llama` file and adapter digest; for an API provider, normalised base URL
/// (scheme and host in lower case, default port and trailing slash dropped), name, which of the provider's APIs, and
/// how many dimensions its vectors have, where that is chosen; for `exec` command, program files and plain environment;
/// `echo` is one; and whether it streams, since only then the time to the first token is measured. Parameters are not
/// in it (they are the query's). Keys, prices, retries and timeouts never are.
doc::Node identity(const ModelConfig& config, const ModelFiles& files);
Digest identity_digest(const ModelConfig& config, const ModelFiles& files);

/// False for a program with neither inputs nor tracked files: nothing of it may be cached.
bool cacheable(const ModelConfig& config, const ModelFiles& files);

}  // namespace llmops::model
