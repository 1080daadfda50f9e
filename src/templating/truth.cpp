#include "templating/truth.h"

#include "base/text.h"
#include "doc/yaml_scalar.h"
#include "templating/expression.h"

namespace llmops::templating {

Result<bool> truth(const doc::Node& value, const SourcePos& at) {
  if (!value.is_string()) return truthy(value);
  const auto said = doc::plain_scalar(std::string(text::trim(value.as_string())));
  if (said && said->is_bool()) return said->as_bool();
  return invalid_error(
      "a text is neither true nor false, found `" + text::printable(text::shorten(value.as_string(), 40)) + "`", at,
      "compare it, as in `vars.x == 'yes'` or `vars.x != ''`; only `true` and `false` count by themselves");
}

}  // namespace llmops::templating
