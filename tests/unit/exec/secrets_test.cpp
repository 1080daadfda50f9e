#include <doctest/doctest.h>

#include "unit/exec/outside.h"

using namespace llmops;

TEST_CASE("only secrets that were fetched are masked, wherever they stand") {
  exec::Outside outside;
  outside.env.set("TOKEN", "s3cr3t-token");
  CHECK(outside.secrets.mask("s3cr3t-token") == "s3cr3t-token");
  REQUIRE(outside.secrets.get("TOKEN").has_value());
  CHECK(outside.secrets.mask("a s3cr3t-token, s3cr3t-tokens3cr3t-token") == "a ***, ******");
}

TEST_CASE("a secret of less than four bytes is not masked") {
  exec::Outside outside;
  outside.env.set("PIN", "123");
  REQUIRE(outside.secrets.get("PIN").has_value());
  CHECK(outside.secrets.mask("line 123") == "line 123");
}

TEST_CASE("a secret that another one begins with does not leave the rest of it in sight") {
  exec::Outside outside;
  outside.env.set("A", "pass");
  outside.env.set("B", "password-of-the-owner");
  REQUIRE(outside.secrets.get("A").has_value());
  REQUIRE(outside.secrets.get("B").has_value());
  CHECK(outside.secrets.mask("pass password-of-the-owner") == "*** ***");
}

TEST_CASE("a secret that nobody gives is an error that says how to give it") {
  exec::Outside outside;
  const auto missing = outside.secrets.get("TOKEN");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().kind == ErrorKind::environment);
  CHECK(missing.error().message == "the secret `TOKEN` is not set");
  CHECK(missing.error().hint.find("LLMOPS_SECRETS_CMD") != std::string::npos);
}
