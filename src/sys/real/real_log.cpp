#define FMT_HEADER_ONLY
#include "sys/real/real_log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/text.h"

namespace llmops::sys {
namespace {

Log::Level level_of(std::string_view text) {
  if (text == "info") return Log::Level::info;
  if (text == "warning" || text == "warn") return Log::Level::warning;
  if (text == "error") return Log::Level::error;
  return Log::Level::debug;
}

spdlog::level::level_enum to_spdlog(Log::Level level) {
  switch (level) {
    case Log::Level::debug:
      return spdlog::level::debug;
    case Log::Level::info:
      return spdlog::level::info;
    case Log::Level::warning:
      return spdlog::level::warn;
    case Log::Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::unique_ptr<spdlog::logger> open_logger(const std::string& file) {
  std::shared_ptr<spdlog::sinks::sink> sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  if (!file.empty()) {
    try {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
    } catch (const spdlog::spdlog_ex&) {
      sink->log({"llmops", spdlog::level::warn, "can't write the log file; logging to standard error"});
    }
  }
  auto logger = std::make_unique<spdlog::logger>("llmops", std::move(sink));
  logger->set_level(spdlog::level::debug);
  logger->flush_on(spdlog::level::debug);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %P %l: %v");
  return logger;
}

}  // namespace

struct RealLog::Sink {
  std::unique_ptr<spdlog::logger> logger;
};

RealLog::RealLog(const Env& env) {
  const auto level = env.get("LLMOPS_LOG");
  file_ = env.get("LLMOPS_LOG_FILE").value_or("");
  on_ = (level && !level->empty()) || !file_.empty();
  least_ = level_of(level.value_or(""));
}
RealLog::~RealLog() = default;

void RealLog::write(Level level, std::string_view message) {
  if (!on_ || level < least_) return;
  std::call_once(opened_, [this] { sink_ = std::make_unique<Sink>(Sink{open_logger(file_)}); });
  sink_->logger->log(to_spdlog(level), spdlog::string_view_t(text::printable(message)));
}

}  // namespace llmops::sys
