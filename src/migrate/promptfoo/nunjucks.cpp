#include "migrate/promptfoo/nunjucks.h"

#include "base/text.h"
#include "templating/message.h"
#include "templating/template.h"

namespace llmops::migrate::promptfoo {
namespace {

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

/// A name, or names with dots between them; empty where it is anything else.
std::string name_in(std::string_view expression) {
  const auto trimmed = text::trim(expression);
  for (const char c : trimmed) {
    if (!is_word(c) && c != '.') return {};
  }
  if (trimmed.empty() || trimmed.starts_with('.') || trimmed.ends_with('.') ||
      (trimmed.front() >= '0' && trimmed.front() <= '9')) {
    return {};
  }
  return std::string(trimmed);
}

/// Within `{{ }}` or `{% %}`.
std::string converted(std::string code) {
  for (const auto* pipe : {"| safe", "|safe"}) code = text::replace_all(code, pipe, "");
  for (const auto* pipe : {"| dump", "|dump"}) code = text::replace_all(code, pipe, "| tojson");
  const auto word = text::trim(code);
  if (word.starts_with("elseif ")) code = text::replace_all(code, "elseif ", "elif ");
  return text::replace_all(code, "===", "==");
}

/// `for a, b in c` as `for a, b in c.items()`.
std::string with_items(std::string text) {
  for (auto at = text.find("{%"); at != std::string::npos; at = text.find("{%", at + 2)) {
    const auto end = text.find("%}", at);
    if (end == std::string::npos) break;
    const auto code = std::string_view(text).substr(at, end - at);
    const auto in = code.find(" in ");
    if (code.find("for ") == std::string_view::npos || in == std::string_view::npos) continue;
    if (code.substr(0, in).find(',') == std::string_view::npos) continue;
    text.insert(at + text::trim(code).size(), ".items()");
  }
  return text;
}

}  // namespace

std::optional<std::string> unrolled(const std::string& text, const doc::Node& variables) {
  Notes unused;
  const auto jinja = to_jinja(with_items(text), {}, unused);
  const auto parsed = templating::Template::parse(jinja, {templating::Undefined::lenient, {}, 0});
  if (!parsed) return std::nullopt;
  auto context = doc::Node::map();
  for (const auto& [name, at] : parsed->names()) {
    const auto* known = variables.find(name);
    context[name] = known && known->is_list() ? *known : doc::Node("{{ " + name + " }}");
  }
  const auto out = parsed->render(context);
  if (!out) return std::nullopt;
  return templating::plain(*out);
}

bool is_template(std::string_view text) {
  return text.find("{{") != std::string_view::npos || text.find("{%") != std::string_view::npos;
}

std::string to_jinja(std::string text, const SourcePos& at, Notes& notes) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const bool value = text.compare(i, 2, "{{") == 0, block = text.compare(i, 2, "{%") == 0;
    const auto end = value ? text.find("}}", i) : block ? text.find("%}", i) : std::string::npos;
    if (end == std::string::npos) {
      out += text[i++];
      continue;
    }
    auto code = converted(text.substr(i + 2, end - i - 2));
    if (name_in(code).starts_with("env.")) {
      notes.add(at, "the template reads the environment (`{{" + code + "}}`), which a prompt here can't",
                "put it into `vars:` of the recipe, as `${env.NAME}`, and read it as `{{ vars.name }}`");
    }
    out += text.substr(i, 2) + code + text.substr(end, 2);
    i = end + 2;
    if (block && i < text.size() && text[i] == '\n' && !code.ends_with('-')) out += '\n';
  }
  return out;
}

std::optional<std::string> to_setting(const std::string& text, std::set<std::string>& fields) {
  if (text.find("{%") != std::string::npos) return std::nullopt;
  if (text.find("{{") == std::string::npos) {
    return text.find("${") == std::string::npos ? std::optional(text) : std::nullopt;
  }
  std::string out;
  std::set<std::string> found;
  for (std::size_t i = 0; i < text.size();) {
    if (text.compare(i, 2, "{{") != 0) {
      out += text[i] == '$' ? "$$" : std::string(1, text[i]);
      ++i;
      continue;
    }
    const auto end = text.find("}}", i);
    if (end == std::string::npos) return std::nullopt;
    const auto name = name_in(std::string_view(text).substr(i + 2, end - i - 2));
    if (name.empty() || name.starts_with("env.")) return std::nullopt;
    out += "${case." + name + "}";
    found.insert(name.substr(0, name.find('.')));
    i = end + 2;
  }
  fields.merge(found);
  return out;
}

std::optional<std::string> rendered(const std::string& text, const doc::Node& variables) {
  Notes unused;
  const auto parsed = templating::Template::parse(to_jinja(text, {}, unused), {templating::Undefined::lenient, {}, 0});
  if (!parsed) return std::nullopt;
  const auto out = parsed->render(variables);
  if (!out) return std::nullopt;
  return templating::plain(*out);
}

}  // namespace llmops::migrate::promptfoo
