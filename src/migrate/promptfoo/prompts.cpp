#include "migrate/promptfoo/prompts.h"

#include <optional>

#include "base/text.h"
#include "doc/json.h"
#include "doc/yaml.h"
#include "migrate/promptfoo/nunjucks.h"
#include "migrate/yaml_text.h"
#include "prompt/prompt.h"

namespace llmops::migrate::promptfoo {
namespace {

struct Entry {
  std::string label, id, file;
  SourcePos at;
};

bool is_code(const std::string& kind) {
  for (const auto* code : {"js", "ts", "mjs", "cjs", "py", "rb", "sh"}) {
    if (kind == code) return true;
  }
  return false;
}

/// `{{ name | dump }}`, which becomes a JSON text, as such a text.
std::string quoted_dumps(std::string text) {
  for (std::size_t at = text.find("{{"); at != std::string::npos; at = text.find("{{", at + 2)) {
    const auto end = text.find("}}", at);
    if (end == std::string::npos) break;
    const auto inner = text::trim(std::string_view(text).substr(at + 2, end - at - 2));
    const auto pipe = inner.find('|');
    if (pipe == std::string_view::npos || text::trim(inner.substr(pipe + 1)) != "dump") continue;
    const auto name = std::string(text::trim(inner.substr(0, pipe)));
    text.replace(at, end + 2 - at, "\"{{ " + name + " }}\"");
  }
  return text;
}

/// A list of messages, as chat APIs have it.
std::optional<doc::Node> messages_in(const std::string& text) {
  const auto trimmed = std::string(text::trim(text));
  std::optional<doc::Node> node;
  if (trimmed.starts_with('[')) {
    auto json = doc::parse_json_data(trimmed);
    if (!json) json = doc::parse_json_data(quoted_dumps(trimmed));
    if (json) node = *std::move(json);
  }
  if (!node && trimmed.starts_with("- ")) {
    if (auto yaml = doc::parse_yaml("", trimmed)) node = *std::move(yaml);
  }
  if (!node || !node->is_list() || node->size() == 0) return std::nullopt;
  for (const auto& message : node->items()) {
    if (!message.is_map() || !message.find("role")) return std::nullopt;
  }
  return node;
}

class Prompts {
 public:
  Prompts(const Folder& folder, const Frame& frame, Notes& notes) : folder_(folder), frame_(frame), notes_(notes) {}

  void add_all(const doc::Node& written) {
    if (written.is_list()) {
      for (const auto& one : written.items()) add(one);
    } else if (written.is_map() && !written.find("id") && !written.find("raw") && !written.find("label")) {
      for (const auto& entry : written.entries()) {  // An old form: file → label.
        add_reference(entry.key, {entry.value.text(), {}, {}, entry.key_at});
      }
    } else {
      add(written);
    }
  }
  std::vector<Prompt> out;

 private:
  void add(const doc::Node& written) {
    if (written.is_scalar()) return add_reference(written.text(), {{}, {}, {}, written.at()});
    if (written.is_list()) return add_text(doc::to_json(written), {{}, {}, {}, written.at()});
    Entry entry{written.get("label", ""), written.get("id", ""), {}, written.at()};
    for (const auto& [key, key_at, value] : written.entries()) {
      if (key == "label" || key == "id" || key == "raw" || key == "display" || key == "function") continue;
      notes_.lost(key_at, "`" + key + "` of a prompt", "a prompt file here has its own `parameters:`");
    }
    if (const auto* raw = written.find("raw")) return add_reference(raw->text(), entry);
    add_reference(entry.id, entry);
  }

  void add_reference(const std::string& text, const Entry& entry) {
    const auto uri = file_uri(text);
    const auto path = uri.value_or(text);
    if (text.starts_with("exec:")) return notes_.lost(entry.at, "this prompt", "a program makes it");
    if (text.starts_with("langfuse://") || text.starts_with("portkey://") || text.starts_with("helicone://")) {
      return notes_.lost(entry.at, "the prompt `" + text + "`", "it is kept by a service", "save its text as a file");
    }
    const bool one_line = path.find('\n') == std::string::npos;
    if (!uri && !(one_line && folder_.has_file(path)) && !is_pattern(path) && !looks_like_a_file(path)) {
      return add_text(text, entry);
    }
    const auto files = folder_.glob(path);
    if (files.empty()) return notes_.lost(entry.at, "the prompt `" + path + "`", "no file is so named");
    for (const auto& file : files) add_file(file, entry);
  }

  static bool is_pattern(const std::string& path) {
    return path.find('*') != std::string::npos && path.find_first_of(" \n{") == std::string::npos;
  }
  static bool looks_like_a_file(const std::string& path) {
    if (path.find_first_of(" \n{") != std::string::npos) return false;
    for (const auto* kind : {"txt", "json", "jsonl", "yaml", "yml", "md", "j2", "csv"}) {
      if (ending(path) == kind) return true;
    }
    return is_code(ending(path));
  }

  void add_file(const std::string& file, Entry entry) {
    const auto kind = ending(file);
    entry.file = file;
    if (is_code(kind)) return notes_.lost(entry.at, "the prompt `" + file + "`", "a program makes it");
    const auto text = folder_.read(file);
    if (!text) return notes_.lost(entry.at, "the prompt `" + file + "`", text.error().message);
    if (kind == "jsonl") {
      for (const auto& line : text::split(*text, '\n')) {
        if (!text::trim(line).empty()) add_text(line, entry);
      }
    } else if (kind == "csv") {
      const auto rows = folder_.parse(file);
      if (!rows) return notes_.lost(entry.at, "the prompt `" + file + "`", rows.error().front().message);
      for (const auto& row : rows->items()) {
        if (row.size() > 0) add_text(row.entries().front().value.text(), entry);
      }
    } else if (kind == "yaml" || kind == "yml") {
      add_yaml(*text, entry);
    } else if (kind == "json" || kind == "j2" || kind == "md") {
      add_text(*text, entry);
    } else {
      add_parts(*text, entry);
    }
  }

  /// A text file holds several prompts with lines of dashes between them.
  void add_parts(const std::string& text, const Entry& entry) {
    std::string part;
    const auto close = [&] {
      if (const auto trimmed = text::trim(part); !trimmed.empty()) add_text(std::string(trimmed), entry);
      part.clear();
    };
    for (const auto& line : text::split(text, '\n')) {
      if (text::trim(line) == "---") {
        close();
      } else {
        part += line + "\n";
      }
    }
    close();
  }

  void add_yaml(const std::string& text, const Entry& entry) {
    if (messages_in(text)) return add_text(text, entry);
    const auto node = doc::parse_yaml(folder_.shown(entry.file), text);
    if (node && !node->is_scalar()) return add_text(doc::to_json(*node), entry);
    add_text(text, entry);
  }

  void add_text(const std::string& text, const Entry& entry) {
    Prompt made;
    auto messages = messages_in(text);
    if (!messages && looks_like_a_chat(text)) messages = unrolled_messages(text, entry);
    if (!messages && looks_like_a_chat(text)) {
      return notes_.lost(entry.at, what(entry), "it is no JSON before its template is rendered",
                         "write its messages in the prompt file's front matter");
    }
    if (messages) {
      if (!simplify(*messages, entry)) return;
      made.text = "---\n" + yaml_text(doc::Node::map({{"messages", *std::move(messages)}})) + "---\n";
    } else {
      auto body = to_jinja(frame_.prefix + text + frame_.suffix, entry.at, notes_);
      if (body.starts_with("---")) {
        const auto message = doc::Node::map({{"role", "user"}, {"content", std::move(body)}});
        made.text = "---\n" + yaml_text(doc::Node::map({{"messages", doc::Node(doc::List{message})}})) + "---\n";
      } else {
        made.text = std::move(body) + "\n";
      }
    }
    const auto parsed = prompt::Prompt::parse(entry.file, made.text);
    if (!parsed) {
      return notes_.lost(entry.at, what(entry), parsed.error().front().message,
                         "Nunjucks and Jinja differ here; write it anew");
    }
    for (const auto& [name, at] : parsed->case_fields()) made.variables.push_back(name);
    for (const auto* name : {"_conversation", "vars", "case", "examples"}) {
      for (const auto& used : made.variables) {
        if (used != name) continue;
        return notes_.lost(entry.at, what(entry), "it reads `" + used + "`, which is something else here, or nothing");
      }
    }
    const auto wanted = !entry.label.empty()  ? slug(entry.label)
                        : !entry.file.empty() ? slug(stem(entry.file))
                                              : slug(entry.id);
    made.name = names_.fresh(wanted, "prompt");
    for (const auto& name : {entry.label, entry.id, entry.file, text}) {
      if (!name.empty()) made.called.push_back(name);
    }
    if (!entry.file.empty()) made.called.push_back("file://" + entry.file);
    out.push_back(std::move(made));
  }

  /// A chat whose messages come from a list that all tests share.
  std::optional<doc::Node> unrolled_messages(const std::string& text, const Entry& entry) {
    const auto made = unrolled(text, frame_.variables);
    auto messages = made ? messages_in(*made) : std::nullopt;
    if (messages) {
      notes_.add(entry.at, what(entry) + " has the messages that `defaultTest` gives it, for every test",
                 "write it anew where a test has other ones");
    }
    return messages;
  }

  static bool looks_like_a_chat(const std::string& text) {
    const auto trimmed = text::trim(text);
    return trimmed.starts_with('[') && trimmed.find("\"role\"") != std::string_view::npos;
  }

  static std::string what(const Entry& entry) {
    const auto& name = !entry.label.empty() ? entry.label : !entry.file.empty() ? entry.file : entry.id;
    return name.empty() ? "this prompt" : "the prompt `" + name + "`";
  }

  /// Leaves `role` and `content`, each a text. False where more is said.
  bool simplify(doc::Node& messages, const Entry& entry) {
    auto out_list = doc::Node::list();
    for (const auto& message : messages.items()) {
      auto content = std::string();
      for (const auto& [key, key_at, value] : message.entries()) {
        if (key == "role") continue;
        const auto text = key == "content" ? text_of(value) : std::nullopt;
        if (!text) {
          notes_.lost(entry.at, what(entry),
                      key == "content" ? "a message holds more than text" : "a message has `" + key + "`",
                      "messages here are a role and a text");
          return false;
        }
        content = *text;
      }
      out_list.push_back(doc::Node::map(
          {{"role", message.get("role", "user")}, {"content", to_jinja(std::move(content), entry.at, notes_)}}));
    }
    messages = std::move(out_list);
    return true;
  }

  static std::optional<std::string> text_of(const doc::Node& content) {
    if (content.is_scalar()) return content.is_null() ? std::string() : content.text();
    if (!content.is_list()) return std::nullopt;
    std::string out;
    for (const auto& part : content.items()) {
      const auto kind = part.get("type", part.get("modality", ""));
      const auto* text = part.find("text") ? part.find("text") : part.find("value");
      if ((kind != "text" && kind != "input_text") || !text) return std::nullopt;
      out += (out.empty() ? "" : "\n") + text->text();
    }
    return out;
  }

  const Folder& folder_;
  const Frame& frame_;
  Notes& notes_;
  Names names_;
};

}  // namespace

std::vector<Prompt> prompts_of(const doc::Node& written, const Folder& folder, const Frame& frame, Notes& notes) {
  Prompts prompts(folder, frame, notes);
  prompts.add_all(written);
  return std::move(prompts.out);
}

}  // namespace llmops::migrate::promptfoo
