#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/session.h"
#include "lineage/graph.h"

namespace llmops::cli {
namespace {

constexpr int kFarthest = 1000;

struct Options {
  std::string object, format = "text";
  int depth = kFarthest;
  bool up = false, down = false, json = false;
};

int show(Shell& shell, const Options& options) {
  auto session = Session::open(shell, Session::Need::repository);
  if (!session) return shell.fail(session.error());
  auto records = lineage::Records::read((*session)->repository());
  if (!records) return shell.fail(records.error());
  tell_unreadable(shell, *records);
  const auto direction = options.up == options.down ? lineage::Direction::both
                         : options.up               ? lineage::Direction::up
                                                    : lineage::Direction::down;
  const auto rooted = (*session)->from_root(options.object);
  auto graph = lineage::lineage_of((*session)->repository(), *records, options.object, direction, options.depth);
  if (!graph && rooted != options.object) {
    graph = lineage::lineage_of((*session)->repository(), *records, rooted, direction, options.depth);
  }
  if (!graph) return shell.fail(graph.error());
  if (options.json || options.format == "json") {
    shell.print(lineage::to_node(*graph));
  } else {
    shell.print(options.format == "dot" ? lineage::to_dot(*graph) : lineage::to_text(*graph));
  }
  return kPassed;
}

}  // namespace

Action declare_lineage(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  auto* of = app.add_subcommand("of", "What an object came from, and what it led to.");
  app.require_subcommand(1);
  of->add_option("object", options->object, "A commit, a run, a file or a digest.")->required();
  of->add_flag("--up", options->up, "Only what it came from.");
  of->add_flag("--down", options->down, "Only what it led to.");
  of->add_option("--depth", options->depth, "At most this many edges away; everything, unless given.")
      ->type_name("N")
      ->check(whole_number(1, kFarthest));
  of->add_option("--format", options->format, "text, json or dot.")
      ->type_name("F")
      ->check(one_of({"text", "json", "dot"}));
  add_json(*of, options->json);
  return [options](Shell& shell) { return show(shell, *options); };
}

}  // namespace llmops::cli
