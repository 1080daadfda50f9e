#include "model/api/api_model.h"

#include <algorithm>

#include "base/text.h"
#include "model/api/reading.h"
#include "model/api/receiver.h"
#include "model/base_url.h"
#include "model/provider.h"

namespace llmops::model::api {
namespace {

constexpr Duration kTimeout{120'000};
constexpr std::uint64_t kLargest = std::uint64_t{32} << 20;

/// What the callbacks of queries on their way share; it outlives the model where a query does.
struct Server {
  Server(const ModelConfig& config, std::unique_ptr<const Dialect> words, sys::System& outside)
      : dialect(std::move(words)),
        model(config.model),
        base_url(base_url_of(config)),
        shown_url(shown(base_url)),
        timeout(config.timeout.value_or(kTimeout)),
        delivery(config.stream ? Delivery::streamed : Delivery::whole),
        system(outside) {
    add({"content-type", Secret("application/json")});
    add({"accept", Secret("application/json")});
    for (const auto& [name, value] : config.headers) {
      headers.push_back({name, Secret(value)});
      redactor.add(value);
    }
    redactor.add(config.api_key);
    for (auto& header : dialect->headers(config.api_key)) add(std::move(header));
  }

  /// Unless the recipe has one of this name.
  void add(sys::Header header) {
    const bool known = std::any_of(headers.begin(), headers.end(),
                                   [&](const sys::Header& other) { return text::lower(other.name) == header.name; });
    if (!known) headers.push_back(std::move(header));
  }

  const std::unique_ptr<const Dialect> dialect;
  const std::string model, base_url, shown_url;
  const Duration timeout;
  const Delivery delivery;
  sys::System& system;
  std::vector<sys::Header> headers;
  Redactor redactor;
};

/// A transport's failure may pass.
QueryFailure unreached(sys::HttpFailure failure, const Server& server) {
  auto& error = failure.error;
  if (error.kind == ErrorKind::interrupted) return {std::move(error)};
  error.message = server.redactor.clean(error.message, 500);
  const auto extent = failure.of == sys::HttpFailure::Of::server ? Extent::unanswered : Extent::one;
  return {std::move(error).within("asking model `" + server.model + "`"), true, std::nullopt, extent};
}

/// An answer on its way in pieces.
struct Stream {
  Receiver receiver;
  std::chrono::steady_clock::time_point sent;
  std::optional<Duration> first;  ///< From sending until something of the answer had come.
};

std::shared_ptr<Stream> make_stream(const Server& server) {
  return std::make_shared<Stream>(Stream{Receiver(server.dialect->framing(), server.dialect->assembler()),
                                         server.system.clock.monotonic(), std::nullopt});
}

class ApiModel final : public Model {
 public:
  ApiModel(const ModelConfig& config, std::unique_ptr<const Dialect> dialect, sys::System& system)
      : server_(std::make_shared<Server>(config, std::move(dialect), system)),
        concurrency_(config.concurrency.value_or(provider_of(config).concurrency)) {}

  void ask(Query query, StopToken stop, std::function<void(Result<Answer, QueryFailure>)> done) override {
    auto call = server_->dialect->call(server_->model, query, server_->delivery);
    if (!call) return done(QueryFailure{std::move(call).error()});
    sys::HttpRequest request;
    request.method = "POST";
    request.url = endpoint_url(server_->base_url, call->path);
    request.headers = server_->headers;
    request.body = std::move(call->body);
    request.timeout = server_->timeout;
    request.max_body = kLargest;
    std::shared_ptr<Stream> stream;
    if (server_->delivery == Delivery::streamed) {
      stream = make_stream(*server_);
      request.on_body = [stream, &clock = server_->system.clock](std::string_view bytes) {
        if (stream->receiver.take(bytes) && !stream->first) {
          stream->first = std::chrono::duration_cast<Duration>(clock.monotonic() - stream->sent);
        }
        return true;
      };
    }
    query.messages.clear();
    server_->system.http.send(
        std::move(request), std::move(stop),
        [server = server_, stream, path = std::move(call->path), query = std::move(query),
         done = std::move(done)](auto response) mutable {
          if (!response) return done(unreached(std::move(response).error(), *server));
          const Asked asked{server->model, server->shown_url + path, std::move(query), server->system.clock.now()};
          const auto pause = told_pause(*response, asked.now);
          auto answer =
              stream ? read_streamed(*std::move(response), stream->receiver, asked, *server->dialect, server->redactor)
                     : read_response(*response, asked, *server->dialect, server->redactor);
          if (answer && stream) answer->time_to_first_token = stream->first;
          (answer ? answer->pause : answer.error().pause) = pause;
          done(std::move(answer));
        });
  }

  std::int64_t concurrency() const override { return concurrency_; }

 private:
  const std::shared_ptr<const Server> server_;
  const std::int64_t concurrency_;
};

}  // namespace

std::unique_ptr<Model> make_api_model(const ModelConfig& config, std::unique_ptr<const Dialect> dialect,
                                      sys::System& system) {
  return std::make_unique<ApiModel>(config, std::move(dialect), system);
}

}  // namespace llmops::model::api
