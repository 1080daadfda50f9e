#pragma once
/// \file  yaml-cpp's events → Node, with everything refused that yaml-cpp lets through. Included by this room only.
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "doc/node.h"
#include "doc/yaml_scalar.h"
#include "doc/yaml_text.h"

namespace llmops::doc {

/// Builds one document. Mistakes go into `errors()` and building goes on.
class YamlBuilder : public YAML::EventHandler {
 public:
  /// Thrown through the parser where going on would be unsafe; the reason is already among the errors.
  struct Abandoned {};

  explicit YamlBuilder(YamlText& text) : text_(text) {}

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override;
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

  /// After the document's end.
  Node& root() { return root_; }
  std::vector<Error>& errors() { return errors_; }

  // For the error of a parser that stopped in the middle.
  /// The place of the innermost `{` or `[` that is still open, and which of the two it is.
  struct OpenFlow {
    SourcePos at;
    char bracket = '[';
  };
  std::optional<OpenFlow> open_flow() const;
  /// The byte behind the last value that was seen.
  std::size_t seen_until() const { return seen_until_; }
  /// True where an unquoted expression was found, which makes a later syntax error its consequence.
  bool found_bare_expression() const { return bare_expression_; }

 private:
  struct Cost {
    std::size_t nodes = 0;
    std::size_t bytes = 0;
  };
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    bool flow = false;
    bool awaits_value = false;  ///< Of a map: the key was read.
    bool key_refused = false;   ///< Its value goes nowhere.
    Cost before;                ///< What the document cost when this began.
  };
  struct Anchored {
    Node node;
    Cost cost;
  };
  struct Scalar {
    const YAML::Mark& mark;
    std::string_view tag;
    const std::string& value;
    std::size_t byte;  ///< Where the value itself starts, behind its anchor and tag.
  };

  SourcePos place(const YAML::Mark& mark);
  void begin(Node node, const YAML::Mark& mark, YAML::anchor_t anchor, YAML::EmitterStyle::value style);
  void end();
  void add(Node node, YAML::anchor_t anchor, Cost cost);
  void add_key(Node node);
  void report_repeated_keys(const std::vector<Entry>& entries);
  void refuse_tag(std::string_view tag, const SourcePos& at);
  void check_raw(const Scalar& scalar, bool plain);
  void check_bare_expression(const Scalar& scalar);
  std::optional<Node> value_of(const Scalar& scalar, ScalarRole role, bool plain);
  SourcePos place_of_null(const YAML::Mark& mark);
  bool expects_key() const;
  bool in_flow() const { return !frames_.empty() && frames_.back().flow; }
  void spend(Cost cost, const SourcePos& at);
  void report(std::string message, SourcePos at, std::string hint = {});

  YamlText& text_;
  Node root_;
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, Anchored> anchors_;
  std::vector<Error> errors_;
  Cost spent_;
  std::size_t seen_until_ = 0;
  bool bare_expression_ = false;
};

}  // namespace llmops::doc
