#pragma once
/// \file  Jinja templates, through the engine that llama.cpp brings along. The only user of it.
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/source.h"
#include "doc/node.h"
#include "templating/message.h"

namespace llmops::templating {

/// What a template does with a name that is not there.
enum class Undefined {
  error,    ///< Prompts and transforms: an error at its place, at the latest when rendered.
  lenient,  ///< A model's own chat template: renders as nothing, as its authors expect.
};

struct TemplateOptions {
  Undefined undefined = Undefined::error;
  /// Where the template's first character stands in its file (a front matter may come before it).
  SourcePos first = {};
  /// Columns that stand before the template's text on each further line (a block scalar's indentation).
  std::uint32_t indent = 0;
};

/// A name that a template may use; the value is borrowed for the call.
struct Binding {
  std::string_view name;
  const doc::Node* value = nullptr;
  Origin origin = Origin::data;
};

/// A parsed template. Immutable; rendering is safe from many threads.
///
/// The language is Jinja's, as models' chat templates use it: a block's own line leaves no blank line behind
/// (`trim_blocks`, `lstrip_blocks`), one newline at the very end is dropped, null renders as nothing, and there is no
/// `include`, `import`, `extends` or `raw`. Texts are counted, cut and indexed by code points. Under `Undefined::error`
/// a map's own key wins over a method of the same name (`case.items`), and a name that is not there may only be asked
/// about (`is defined`) or given a default (`| default(…)`); a filter that nothing has is an error when parsed.
///
/// Errors are of kind `invalid`, with the template's `file:line:col` and never the values of variables. Templates are
/// foreign text: parsing and rendering are bounded in nesting (200), in steps (2 million), in text built on the way
/// (256 MiB) and in output (16 MiB), and passing a bound is an error like any other.
class Template {
 public:
  /// `source` names the file for messages; its text is the file's, of which `text` is the template's part.
  static Result<Template> parse(std::string text, TemplateOptions options);
  /// `context` is a map: its keys are the names a template may use. Everything from it has `Origin::data` in the
  /// result, except what stands under the keys in `trusted`, which counts as the author's. A text made of both is data.
  Result<Text> render(const doc::Node& context, const std::vector<std::string>& trusted = {}) const;
  /// The same without building a map first; of two bindings of one name the later counts.
  Result<Text> render(std::span<const Binding> bindings) const;
  /// Top-level names that the template reads and does not set itself, sorted; with the place of the first use. Names
  /// that it only asks about (`is defined`) or gives a default are left out: they need not be there.
  std::vector<std::pair<std::string, SourcePos>> names() const;
  const std::string& text() const;

  struct Program;

 private:
  std::shared_ptr<const Program> program_;
};

}  // namespace llmops::templating
