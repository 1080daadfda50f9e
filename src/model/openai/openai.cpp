/// \file  A model behind OpenAI's API.
#include <algorithm>

#include "base/text.h"
#include "model/base_url.h"
#include "model/model.h"
#include "model/openai/response.h"

namespace llmops::model {
namespace {

constexpr std::int64_t kConcurrency = 16;
constexpr Duration kTimeout{120'000};

/// What the callbacks of queries on their way share; it outlives the model where a query does.
struct Server {
  Server(const ModelConfig& config, sys::System& outside)
      : model(config.model),
        base_url(config.base_url),
        shown_url(shown(config.base_url)),
        timeout(config.timeout.value_or(kTimeout)),
        system(outside) {
    headers = {{"content-type", Secret("application/json")}, {"accept", Secret("application/json")}};
    bool authorized = false;
    for (const auto& [name, value] : config.headers) {
      headers.push_back({name, Secret(value)});
      redactor.add(value);
      authorized = authorized || text::lower(name) == "authorization";
    }
    redactor.add(config.api_key);
    if (!authorized && !config.api_key.empty())
      headers.push_back({"authorization", Secret("Bearer " + config.api_key)});
  }

  const std::string model, base_url, shown_url;
  const Duration timeout;
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

class OpenAi final : public Model {
 public:
  OpenAi(const ModelConfig& config, sys::System& system)
      : server_(std::make_shared<Server>(config, system)), concurrency_(config.concurrency.value_or(kConcurrency)) {}

  void ask(Query query, StopToken stop, std::function<void(Result<Answer, QueryFailure>)> done) override {
    auto body = openai::request_body(server_->model, query);
    if (!body) return done(QueryFailure{std::move(body).error()});
    const auto endpoint = openai::endpoint_of(query);
    sys::HttpRequest request;
    request.method = "POST";
    request.url = endpoint_url(server_->base_url, path(endpoint));
    request.headers = server_->headers;
    request.body = *std::move(body);
    request.timeout = server_->timeout;
    server_->system.http.send(
        std::move(request), std::move(stop),
        [server = server_, endpoint, choices = std::move(query.choices), done = std::move(done)](auto response) {
          if (!response) return done(unreached(std::move(response).error(), *server));
          const openai::Asked asked{server->model, server->shown_url + std::string(path(endpoint)), endpoint, choices,
                                    server->system.clock.now()};
          done(openai::read_response(*response, asked, server->redactor));
        });
  }

  std::int64_t concurrency() const override { return concurrency_; }

 private:
  static std::string_view path(openai::Endpoint endpoint) {
    return endpoint == openai::Endpoint::chat ? "/chat/completions" : "/completions";
  }

  const std::shared_ptr<const Server> server_;
  const std::int64_t concurrency_;
};

}  // namespace

Result<std::unique_ptr<Model>> open_openai(const ModelConfig& config, OpenContext& context) {
  if (config.model.empty()) return invalid_error("provider `openai` needs `model`, the server's name for it");
  return std::unique_ptr<Model>(std::make_unique<OpenAi>(config, context.system));
}

}  // namespace llmops::model
