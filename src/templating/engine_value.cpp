#include "templating/engine_value.h"

#include "jinja/value.h"

namespace llmops::templating {
namespace {

jinja::value to_string(const std::string& text, Origin origin) {
  auto out = jinja::mk_val<jinja::value_string>(text);
  if (origin == Origin::data) out->mark_input();
  return out;
}

jinja::value to_array(const doc::List& items, Origin origin) {
  const jinja::value_level guard;
  auto out = jinja::mk_val<jinja::value_array>();
  for (const auto& item : items) out->push_back(to_engine(item, origin));
  return out;
}

jinja::value to_object(const std::vector<doc::Entry>& entries, Origin origin) {
  const jinja::value_level guard;
  auto out = jinja::mk_val<jinja::value_object>();
  for (const auto& entry : entries) out->insert(to_string(entry.key, origin), to_engine(entry.value, origin));
  return out;
}

}  // namespace

std::shared_ptr<jinja::value_t> to_engine(const doc::Node& node, Origin origin) {
  switch (node.kind()) {
    case doc::Kind::null:
      return jinja::mk_val<jinja::value_none>();
    case doc::Kind::boolean:
      return jinja::mk_val<jinja::value_bool>(node.as_bool());
    case doc::Kind::integer:
      return jinja::mk_val<jinja::value_int>(node.as_int());
    case doc::Kind::real:
      return jinja::mk_val<jinja::value_float>(node.as_double());
    case doc::Kind::string:
      return to_string(node.as_string(), origin);
    case doc::Kind::list:
      return to_array(node.items(), origin);
    case doc::Kind::map:
      return to_object(node.entries(), origin);
  }
  return jinja::mk_val<jinja::value_none>();
}

}  // namespace llmops::templating
