#include <cstdio>
#include <exception>
#include <memory>

#include "cli/application.h"
#include "cli/terminal.h"
#include "steps/all.h"
#include "sys/real/event_loop.h"
#include "sys/real/real_clock.h"
#include "sys/real/real_env.h"
#include "sys/real/real_file_system.h"
#include "sys/real/real_git.h"
#include "sys/real/real_http.h"
#include "sys/real/real_log.h"
#include "sys/real/real_process.h"
#include "sys/real/real_terminal.h"
#include "sys/real/stop_on_signal.h"

namespace {

int run(int argc, char** argv) {
  using namespace llmops;
  sys::RealEnv env;
  sys::RealLog log(env);
  sys::RealClock clock;
  sys::RealFileSystem files;
  sys::RealGit git(files, clock, env);
  sys::EventLoop loop;
  sys::RealProcess process(loop);
  sys::RealHttp http(loop, sys::http_trust(env));
  sys::System system{files, process, http, git, clock, env, log};
  std::unique_ptr<sys::StopOnSignal> signals;
  sys::RealTerminal streams;
  auto console = cli::console_of(streams, env);
  cli::Shell shell{system, steps::all(), console, env.current_folder(), {}, argv[0]};
  shell.stop = [&] {
    if (!signals) {
      static_cast<void>(process.start_supervisor());  // Forked before there are threads.
      signals = std::make_unique<sys::StopOnSignal>();
    }
    return signals->token();
  };
  const int status = cli::run_application(argc, argv, shell);
  const auto written = streams.written();
  return written ? status : cli::worse(status, shell.fail(written.error()));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& thrown) {
    std::fprintf(stderr,
                 "internal error: %s\nhint: this is a bug in llmops; please report it with the command that you ran\n",
                 thrown.what());
    return 70;
  }
}
