#include "score/transform.h"

#include <algorithm>

#include "base/text.h"
#include "templating/source_place.h"

namespace llmops::score {

Result<Transform> Transform::parse(const schema::Placed<std::string>& written) {
  Transform out;
  if (written.value.empty()) return out;
  const auto [first, indent] = templating::place_of_scalar(written.at, written.value);
  TRY(out.template_, templating::Template::parse(written.value, {templating::Undefined::error, first, indent}));
  static const std::vector<std::string> known = {"case", "expected", "output"};
  for (const auto& [name, at] : out.template_->names()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return invalid_error("unknown name `" + name + "` in a transform", at, text::did_you_mean(name, known));
  }
  return out;
}

Result<std::string> Transform::apply(const Sample& sample) const {
  if (!template_) return sample.output;
  auto context = doc::Node::map({{"output", sample.output}});
  if (sample.case_fields) context["case"] = *sample.case_fields;
  if (sample.expected) context["expected"] = *sample.expected;
  TRY(const auto text, template_->render(context));
  return templating::plain(text);
}

}  // namespace llmops::score
