#include "report/progress.h"

#include "base/text.h"
#include "base/units.h"

namespace llmops::report {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Paint paint_of(step::Status status) {
  switch (status) {
    case step::Status::ran:
      return Paint::green;
    case step::Status::failed:
    case step::Status::error:
      return Paint::red;
    case step::Status::inconclusive:
      return Paint::yellow;
    default:
      return Paint::dim;
  }
}

std::string mark_of(step::Status status) {
  switch (status) {
    case step::Status::ran:
      return "✓";
    case step::Status::cached:
      return "=";
    case step::Status::skipped:
      return "–";
    case step::Status::inconclusive:
      return "?";
    default:
      return "✗";
  }
}

/// An error with a place is shown with its line when the run ends: here its place is enough.
std::string reason_of(const step::Outcome& outcome) {
  if (outcome.passed()) return {};
  return outcome.error && outcome.error->at.known() ? outcome.error->at.to_string() : outcome.reason;
}

}  // namespace

void RunProgress::hear(const exec::Event& event) {
  if (const auto* started = std::get_if<exec::RunStarted>(&event)) {
    say(paint(console_.err_colour, Paint::bold, started->recipe + " in " + started->environment) + ": " +
        std::to_string(started->steps) + (started->steps == 1 ? " step, run " : " steps, run ") + started->run);
  } else if (const auto* step = std::get_if<exec::StepStarted>(&event)) {
    Running running;
    running.kind = step->kind;
    running.began = running.said = clock_.monotonic();
    running_[step->id] = std::move(running);
    say("> " + step->id + " (" + step->kind + "): " + text::printable(step->reason));
    redraw();
  } else if (const auto* told = std::get_if<exec::StepTold>(&event)) {
    tell(told->id, told->event);
  } else if (const auto* ended = std::get_if<exec::StepEnded>(&event)) {
    const bool was_running = running_.erase(ended->id) > 0;
    if (!was_running && ended->outcome.status == step::Status::cached) return;
    auto line = paint(console_.err_colour, paint_of(ended->outcome.status), mark_of(ended->outcome.status)) + " " +
                ended->id + " " + std::string(step::to_string(ended->outcome.status));
    if (was_running) line += " in " + units::to_string(ended->outcome.duration);
    if (const auto why = reason_of(ended->outcome); !why.empty()) line += ": " + text::printable(why);
    say(line);
    redraw();
  } else if (std::holds_alternative<exec::RunEnded>(event)) {
    wipe();
  } else if (const auto* said = std::get_if<exec::Said>(&event)) {
    say(said->text);
  }
}

void RunProgress::tell(const std::string& id, const step::StepEvent& event) {
  if (const auto* line = std::get_if<step::LogLine>(&event)) return say(id + " | " + text::printable(line->text));
  if (const auto* note = std::get_if<step::Note>(&event)) return say("  " + id + ": " + text::printable(note->text));
  auto& running = running_[id];
  running.progress = std::get<step::Progress>(event);
  const auto now = clock_.monotonic();
  if (console_.live) {
    if (now - drawn_at_ >= milliseconds(100)) redraw();
  } else if (now - running.said >= seconds(10)) {
    running.said = now;
    say("  " + status_line(id, running));
  }
}

std::string RunProgress::status_line(const std::string& id, const Running& running) const {
  const auto& progress = running.progress;
  const auto elapsed = std::chrono::duration_cast<milliseconds>(clock_.monotonic() - running.began);
  auto line = id;
  if (progress.unit == "bytes") {
    line += "  " + units::to_string(Bytes{static_cast<std::uint64_t>(progress.done)}) + " of its dataset";
  } else if (progress.total > 0) {
    line += "  " + std::to_string(progress.done) + "/" + std::to_string(progress.total) + " " + progress.unit;
    if (progress.errors > 0)
      line += ", " + std::to_string(progress.errors) + (progress.errors == 1 ? " error" : " errors");
    if (progress.cached > 0) line += ", " + std::to_string(progress.cached) + " cached";
    const auto asked = progress.done - progress.cached;
    if (asked > 0 && progress.done < progress.total) {
      const auto left = elapsed * (progress.total - progress.done) / asked;
      line += ", about " + units::to_string(std::chrono::duration_cast<seconds>(left) + seconds(1)) + " left";
    }
  }
  return line + "  " + units::to_string(elapsed);
}

void RunProgress::say(const std::string& line) {
  wipe();
  console_.err(line + "\n");
  if (console_.live) redraw();
}

void RunProgress::wipe() {
  if (drawn_ == 0) return;
  std::string out = "\r";
  for (std::size_t i = 0; i < drawn_; ++i) out += "\x1b[1A\x1b[2K";
  console_.err(out);
  drawn_ = 0;
}

void RunProgress::redraw() {
  if (!console_.live) return;
  wipe();
  std::string out;
  for (const auto& [id, running] : running_) {
    const auto line = shortened(status_line(id, running), console_.width > 4 ? console_.width - 3 : 1);
    out += paint(console_.err_colour, Paint::cyan, "· ") + line + "\n";
    ++drawn_;
  }
  console_.err(out);
  drawn_at_ = clock_.monotonic();
}

}  // namespace llmops::report
