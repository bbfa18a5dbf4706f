#!/usr/bin/env bash
# Shows that a suite can be sharded: two partitions of cargo-nextest whose union is the whole, with a JUnit report each, and
# whose results are put together to the conformance of one run.
set -euo pipefail
cd "$(dirname "$0")"
if ! cargo nextest --version >/dev/null 2>&1; then
	echo "cargo-nextest is not installed, so the partitions are not shown: cargo install cargo-nextest --locked"
	exit 0
fi
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
# One scenario per party is enough to show it; a suite without this filter is sharded in the same way.
only='package(generic) & binary(cancel) & (test(/^mark-cancel::/) | test(/^marked-finish-cancel::/))'
cargo nextest list --cargo-quiet --package generic --filterset "$only" --message-format oneline 2>/dev/null | awk '{print $NF}' | sort >"$results/whole"
for part in 1 2; do
	CANCELPROOF_RESULTS="$results/$part" cargo nextest run --cargo-quiet --package generic --profile ci --filterset "$only" \
		--partition "count:$part/2" --no-tests fail
	grep -o 'testcase name="[^"]*"' target/nextest/ci/junit.xml | sed 's/.*name="//; s/"$//' | sort >"$results/part-$part"
done
test -s "$results/whole"
test -z "$(comm -12 "$results/part-1" "$results/part-2")" || { echo "the partitions overlap"; exit 1; }
sort "$results/part-1" "$results/part-2" | diff - "$results/whole" || { echo "the union is not the whole"; exit 1; }
echo "the union of $(wc -l <"$results/part-1") and $(wc -l <"$results/part-2") tests is the whole of $(wc -l <"$results/whole")"
cargo test --quiet --package generic --test cancel -- conformance "$results/1" "$results/2" | grep '^badge'
