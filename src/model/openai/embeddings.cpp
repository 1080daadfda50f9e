#include "model/openai/embeddings.h"

#include "base/text.h"
#include "model/api/body.h"
#include "model/api/fields.h"
#include "model/embedding.h"
#include "model/openai/key.h"

namespace llmops::model::openai {
namespace {

using Vector = std::vector<float>;

Result<void> check(const Query& query) {
  if (query.embed.empty()) return answers_nothing();
  for (const auto& text : query.embed) {
    if (text.empty()) return invalid_error("an empty text has no vector");
    if (text::invalid_utf8(text)) {
      return invalid_error("the text to embed holds bytes that are not UTF-8, and the API takes only text");
    }
  }
  return {};
}

/// Nothing comes in pieces.
class NoAssembler final : public api::Assembler {
 public:
  void take(const doc::Node&) override {}
  bool begun() const override { return false; }
  bool complete() const override { return false; }
  doc::Node body() override { return {}; }
};

class Embeddings final : public api::Dialect {
 public:
  explicit Embeddings(std::optional<std::int64_t> dimensions) : dimensions_(dimensions) {}

  std::vector<sys::Header> headers(const std::string& api_key) const override { return bearer(api_key); }

  Result<api::Call> call(const std::string& model, const Query& query, api::Delivery) const override {
    TRY_VOID(check(query));
    api::Body body(query);
    body.key("model").string(model);
    body.key("input").strings(query.embed);
    body.set("dimensions", dimensions_);
    return api::Call{"/embeddings", body.finish()};
  }

  Result<Answer, api::NoAnswer> answer(const doc::Node& body, const Query& query) const override {
    if (api::tells_error(body)) return api::NoAnswer{api::words_of(body, {}), api::code_of(body)};
    const auto* data = body.find("data");
    if (data == nullptr || !data->is_list()) return api::NoAnswer{"`data` is missing"};
    const auto wanted = query.embed.size();
    if (data->size() != wanted) {
      return api::NoAnswer{"it has " + counted(data->size(), "vector") + " for " + counted(wanted, "text")};
    }
    Answer out;
    out.vectors.resize(wanted);
    for (const auto& item : data->items()) {
      TRY_VOID(place(item, out.vectors));
    }
    out.finish_reason = "stop";
    out.usage.input_tokens = api::count(body.find("usage"), "prompt_tokens");
    out.usage.output_tokens = 0;
    out.reported_model = body.get("model", "");
    return out;
  }

  std::unique_ptr<api::Assembler> assembler() const override { return std::make_unique<NoAssembler>(); }

 private:
  static std::string counted(std::size_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
  }

  Result<void, api::NoAnswer> place(const doc::Node& item, std::vector<Vector>& vectors) const {
    const auto* index = item.find("index");
    const bool known = index != nullptr && index->is_int() && index->as_int() >= 0 &&
                       static_cast<std::size_t>(index->as_int()) < vectors.size();
    if (!known) return api::NoAnswer{"a vector has no `index` from 0 to " + std::to_string(vectors.size() - 1)};
    auto& vector = vectors[static_cast<std::size_t>(index->as_int())];
    if (!vector.empty()) return api::NoAnswer{"two vectors have the `index` " + std::to_string(index->as_int())};
    TRY(vector, read(item));
    for (const auto& other : vectors) {
      if (other.empty() || other.size() == vector.size()) continue;
      return api::NoAnswer{"its vectors have different lengths, " + std::to_string(other.size()) + " and " +
                           std::to_string(vector.size())};
    }
    return {};
  }

  Result<Vector, api::NoAnswer> read(const doc::Node& item) const {
    const auto* list = item.find("embedding");
    if (list == nullptr || !list->is_list()) return api::NoAnswer{"a vector has no list of numbers as `embedding`"};
    std::vector<double> numbers;
    numbers.reserve(list->size());
    for (const auto& number : list->items()) {
      if (number.is_number()) {
        numbers.push_back(number.as_double());
        continue;
      }
      return api::NoAnswer{"number " + std::to_string(numbers.size() + 1) + " of a text's vector is " +
                           std::string(doc::describe(number.kind()))};
    }
    if (dimensions_ && list->size() != static_cast<std::size_t>(*dimensions_)) {
      return api::NoAnswer{"a vector has " + std::to_string(list->size()) + " numbers, expected the " +
                           std::to_string(*dimensions_) + " of `dimensions`"};
    }
    auto direction = direction_of(numbers);
    if (!direction) return api::NoAnswer{direction.error().message};
    return *std::move(direction);
  }

  std::optional<std::int64_t> dimensions_;
};

}  // namespace

std::unique_ptr<const api::Dialect> embeddings(std::optional<std::int64_t> dimensions) {
  return std::make_unique<Embeddings>(dimensions);
}

}  // namespace llmops::model::openai
