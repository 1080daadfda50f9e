#include "score/scorers/judged.h"

#include <algorithm>

#include "base/text.h"
#include "score/json_values.h"
#include "templating/source_place.h"

namespace llmops::score {
namespace {

Error unreadable(std::string_view reply, const std::string& expected) {
  return step_error("the judge's reply can't be read: found " + quoted(text::printable(std::string(reply))) +
                        ", expected " + expected,
                    "look at the judge's own prompt, or take a stronger judge");
}

/// One round: all opinions at once.
class JudgedAsking final : public Asking<Finding> {
 public:
  JudgedAsking(std::vector<Inquiry> questions, std::vector<Verdict> verdicts)
      : questions_(std::move(questions)), verdicts_(std::move(verdicts)) {}

  Result<Step> go_on(std::vector<Result<Reply>> replies) override {
    if (!questions_.empty()) return Step(std::exchange(questions_, {}));
    Finding out;
    std::vector<std::string> remarks, said;
    for (std::size_t i = 0; i < verdicts_.size(); ++i) {
      TRY(auto reply, std::move(replies.at(i)));
      TRY(auto finding, verdicts_[i](reply.text));
      out.value += finding.value / static_cast<double>(verdicts_.size());
      if (!finding.remark.empty()) remarks.push_back(std::move(finding.remark));
      if (!finding.said.empty()) said.push_back(std::move(finding.said));
      out.asked.push_back(std::move(reply.text));
    }
    out.remark = text::join(remarks, "; ");
    out.said = text::join(said, "; ");
    return Step(std::move(out));
  }

 private:
  std::vector<Inquiry> questions_;
  std::vector<Verdict> verdicts_;
};

class Judged final : public Measure {
 public:
  Judged(std::string judge, JudgePrompt prompt, std::unique_ptr<Judging> judging)
      : judge_(std::move(judge)), prompt_(std::move(prompt)), judging_(std::move(judging)) {}

  Result<Begun<Finding>> begin(std::string_view output, const Sample& sample) const override {
    TRY(auto wanted, judging_->questions(output, sample));
    std::vector<Inquiry> questions;
    std::vector<Verdict> verdicts;
    for (auto& one : wanted) {
      TRY(auto question, ask(one));
      questions.push_back(std::move(question));
      verdicts.push_back(std::move(one.verdict));
    }
    return Begun<Finding>(std::make_unique<JudgedAsking>(std::move(questions), std::move(verdicts)));
  }

 private:
  Result<Inquiry> ask(JudgedQuestion& one) const {
    TRY(auto out, judge_inquiry(judge_, prompt_, std::move(one.texts)));
    out.choices = std::move(one.choices);
    return out;
  }

  std::string judge_;
  JudgePrompt prompt_;
  std::unique_ptr<Judging> judging_;
};

Result<templating::Template> parsed(const doc::Node& written, const std::vector<std::string>& names) {
  const auto [first, indent] = templating::place_of_scalar(written.at(), written.text());
  TRY(auto out, templating::Template::parse(written.text(), {templating::Undefined::error, first, indent}));
  for (const auto& [name, at] : out.names()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    return invalid_error("unknown name `" + name + "` in a judge's prompt", at, text::did_you_mean(name, names));
  }
  return out;
}

/// Letters and digits in lower case, what parts them as one blank.
std::string plain_words(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
    if (word) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (out.ends_with(' ')) out.pop_back();
  return text::lower(out);
}

}  // namespace

Result<JudgePrompt> judge_prompt(const doc::Node& settings, std::string_view system, std::string_view user,
                                 const std::vector<std::string>& names) {
  JudgePrompt out;
  TRY(out.system, templating::Template::parse(std::string(system), {}));
  const auto* own = settings.is_map() ? settings.find("prompt") : nullptr;
  if (own && !own->is_null()) {
    TRY(out.user, parsed(*own, names));
  } else {
    TRY(out.user, templating::Template::parse(std::string(user), {}));
  }
  return out;
}

Result<Inquiry> judge_inquiry(const std::string& judge, const JudgePrompt& prompt,
                              std::map<std::string, std::string> texts) {
  auto context = doc::Node::map();
  for (auto& [name, text] : texts) context[name] = std::move(text);
  Inquiry out;
  out.whom = judge;
  TRY(auto system, prompt.system.render(context));
  TRY(auto user, prompt.user.render(context));
  out.messages = {{"system", std::move(system)}, {"user", std::move(user)}};
  return out;
}

Errors check_judge(const doc::Node& settings) {
  if (const auto* judge = settings.find("judge"); judge && !judge->text().empty()) return {};
  return {invalid_error("there is no judge", settings.at(), "name a model with `judge: NAME`, here or in the eval")};
}

Result<Made> make_judged(const doc::Node& settings, JudgePrompt prompt, std::unique_ptr<Judging> judging, Scale scale) {
  const auto judge = settings.is_map() ? settings.get("judge", "") : std::string();
  return Made{std::make_unique<Judged>(judge, std::move(prompt), std::move(judging)), scale};
}

Asks asks_judge(const doc::Node& settings) {
  const auto* judge = settings.is_map() ? settings.find("judge") : nullptr;
  if (!judge) return {};
  return {{{judge->text(), judge->at()}}, {}, {}};
}

Result<doc::Node> object_in(std::string_view reply, const std::vector<std::string>& keys) {
  JsonValues values(reply);
  while (true) {
    TRY(auto value, values.next());
    if (!value) break;
    if (!value->is_map()) continue;
    for (const auto& key : keys) {
      if (value->find(key)) return *std::move(value);
    }
  }
  return unreadable(reply, "a JSON object with `" + text::join(keys, "` or `") + "`");
}

Result<std::string> label_in(std::string_view reply, const std::vector<std::string>& labels) {
  const auto words = plain_words(reply);
  std::vector<std::string> named;
  for (const auto& label : labels) {
    const auto wanted = plain_words(label);
    if (words == wanted) return label;
    if ((" " + words + " ").find(" " + wanted + " ") != std::string::npos) named.push_back(label);
  }
  if (named.size() == 1) return named.front();
  return unreadable(reply, "one of `" + text::join(labels, "`, `") + "`");
}

Result<std::string> text_of(const std::optional<Setting>& setting, const Sample& sample) {
  if (!setting) return std::string();
  return setting->text(sample);
}

}  // namespace llmops::score
