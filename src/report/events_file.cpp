#include "report/events_file.h"

#include "doc/json.h"

namespace llmops::report {
namespace {

doc::Node to_node(const step::StepEvent& event, const std::string& id) {
  auto node = doc::Node::map();
  if (const auto* progress = std::get_if<step::Progress>(&event)) {
    node = doc::Node::map({{"event", "progress"},
                           {"step", id},
                           {"done", progress->done},
                           {"total", progress->total},
                           {"errors", progress->errors},
                           {"cached", progress->cached},
                           {"unit", progress->unit}});
  } else if (const auto* line = std::get_if<step::LogLine>(&event)) {
    node = doc::Node::map({{"event", "line"},
                           {"step", id},
                           {"stream", line->stream == sys::Stream::out ? "stdout" : "stderr"},
                           {"text", line->text}});
  } else {
    node = doc::Node::map({{"event", "note"}, {"step", id}, {"text", std::get<step::Note>(event).text}});
  }
  return node;
}

doc::Node to_node(const exec::Event& event) {
  if (const auto* run = std::get_if<exec::RunStarted>(&event)) {
    return doc::Node::map({{"event", "run_started"},
                           {"run", run->run},
                           {"recipe", run->recipe},
                           {"environment", run->environment},
                           {"steps", static_cast<std::int64_t>(run->steps)}});
  }
  if (const auto* step = std::get_if<exec::StepStarted>(&event)) {
    return doc::Node::map(
        {{"event", "step_started"}, {"step", step->id}, {"kind", step->kind}, {"reason", step->reason}});
  }
  if (const auto* told = std::get_if<exec::StepTold>(&event)) return to_node(told->event, told->id);
  if (const auto* ended = std::get_if<exec::StepEnded>(&event)) {
    return doc::Node::map({{"event", "step_ended"},
                           {"step", ended->id},
                           {"kind", ended->kind},
                           {"outcome", step::to_node(ended->outcome)}});
  }
  if (const auto* ended = std::get_if<exec::RunEnded>(&event)) {
    return doc::Node::map(
        {{"event", "run_ended"}, {"run", ended->run->id}, {"status", lineage::to_string(ended->run->status)}});
  }
  return doc::Node::map({{"event", "said"}, {"text", std::get<exec::Said>(event).text}});
}

}  // namespace

EventsFile::EventsFile(sys::System& system, const sys::Path& path) : system_(system) {
  if (!path.empty()) written_ = open(path);
}

Result<void> EventsFile::open(const sys::Path& path) {
  TRY(const auto stat, system_.files.stat(path));
  if (stat.kind == sys::FileKind::regular) TRY_VOID(system_.files.remove(path));
  TRY(file_, system_.files.append_to(path));
  return {};
}

void EventsFile::hear(const exec::Event& event) {
  if (!file_ || !written_) return;
  auto node = to_node(event);
  node["at"] = sys::to_rfc3339(system_.clock.now());
  written_ = file_->append(doc::to_json(node) + "\n");
}

}  // namespace llmops::report
