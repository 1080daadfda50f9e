/// \file  A model that answers with what it is asked: for trying out a recipe, its prompts and scorers.
#include "base/text.h"
#include "doc/json.h"
#include "model/choice.h"
#include "model/model.h"
#include "model/provider.h"

namespace llmops::model {
namespace {

/// One message: its text. Several: a JSON list of them.
std::string prompt_of(const Query& query) {
  if (query.messages.size() == 1) return templating::plain(query.messages.front().content);
  auto out = doc::Node::list();
  for (const auto& message : query.messages) {
    out.push_back(doc::Node::map({{"role", message.role}, {"content", templating::plain(message.content)}}));
  }
  return doc::to_json(out);
}

class Echo final : public Model {
 public:
  explicit Echo(std::int64_t concurrency) : concurrency_(concurrency) {}

  void ask(Query query, StopToken, std::function<void(Result<Answer, QueryFailure>)> done) override {
    Answer answer;
    answer.text = prompt_of(query);
    answer.finish_reason = "stop";
    answer.cost = Usd{0};
    answer.cost_told = true;
    if (!query.choices.empty()) {
      auto choice = choice_in(answer.text, query.choices);
      if (!choice) {
        return done(QueryFailure{step_error("the prompt `" + text::printable(text::shorten(answer.text, 60)) +
                                            "` is none of the choices, which an echo can't pick from")});
      }
      answer.text = *std::move(choice);
    }
    done(std::move(answer));
  }
  std::int64_t concurrency() const override { return concurrency_; }

 private:
  std::int64_t concurrency_;
};

}  // namespace

Result<std::unique_ptr<Model>> open_echo(const ModelConfig& config, OpenContext&) {
  return std::unique_ptr<Model>(std::make_unique<Echo>(config.concurrency.value_or(provider_of(config).concurrency)));
}

}  // namespace llmops::model
