#!/usr/bin/env bash
# Follows checks/docs/book/src/first-verdict.md: from cargo new to a first verdict in a folder outside of this repository, then the first failure and
# its fix. Prints the lines of adapter and macro, and how long it took. The target folder is a new one, so that the first
# build is included, unless CARGO_TARGET_DIR names another.
set -euo pipefail
repository=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The block of the page that begins with the given line, without that line.
block() {
	awk -v first="$1" '/^```/ { inside = !inside; wanted = 0; fresh = 1; next }
		inside && fresh { wanted = ($0 == first); fresh = 0; if (wanted) next }
		inside && wanted { print }' "$repository/checks/docs/book/src/first-verdict.md"
}

begin=$(date +%s)
cargo new --quiet --lib "$folder/my-crate"
cd "$folder/my-crate"
cat >>Cargo.toml <<TOML
cancelproof-model = { path = "$repository/model" }

[dev-dependencies]
cancelproof = { path = "$repository/checks" }

[[test]]
name = "cancel"
harness = false
TOML
mkdir tests
block "// src/lib.rs" >src/lib.rs
block "// tests/cancel.rs" >tests/cancel.rs
cp "$repository/Cargo.lock" .
echo "lines of adapter and macro: $(grep -c . tests/cancel.rs)"
test "$(grep -c . tests/cancel.rs)" -le 15
cargo test --quiet --offline --test cancel >verdict.txt || { cat verdict.txt; exit 1; }
grep -E '^test result|^conformance|^badge' verdict.txt
echo "from cargo new to the first verdict: $(($(date +%s) - begin)) s"

cp src/lib.rs right.rs
block "// breaks it" >broken.txt
awk '{ print } /state.cancel_asked = true;/ { while ((getline line < "broken.txt") > 0) print line }' right.rs >src/lib.rs
cargo test --quiet --offline --test cancel -- --exact marked-finish-cancel::dpor >failure.txt && { echo "not refuted"; exit 1; }
grep -E 'is broken|src/lib.rs:[0-9]+|lib.rs:[0-9]+' failure.txt | head -3
cp right.rs src/lib.rs
cargo test --quiet --offline --test cancel -- --exact marked-finish-cancel::dpor | grep '^test result: ok'

# What init writes passes as it stands, for every shape; and a command goes to the target.
(cd "$repository" && cargo build --quiet --offline -p cargo-cancelproof)
tool="${CARGO_TARGET_DIR:-$repository/target}/debug/cargo-cancelproof"
cargo new --quiet --lib "$folder/set-up"
cd "$folder/set-up"
cp "$repository/Cargo.lock" .
for shape in request token registration closure; do
	"$tool" cancelproof init --shape "$shape" >"$shape.txt" || { cat "$shape.txt"; exit 1; }
done
CARGO_NET_OFFLINE=true "$tool" cancelproof --test token gate --list >listed.txt 2>&1 || { cat listed.txt; exit 1; }
cargo test --quiet --offline --tests >all.txt 2>&1 || { cat all.txt; exit 1; }
test "$(grep -c '^test result: ok' all.txt)" -ge 4
echo "every shape that init writes passes"
