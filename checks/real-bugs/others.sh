#!/usr/bin/env bash
# The real bugs under tools beside the suite, on real threads: plain runs, ThreadSanitizer, helgrind, DRD, Miri and GenMC, as far as
# they are installed. Not for CI: it takes its time, and but for Miri no two runs are alike.
#
#     checks/real-bugs/others.sh [runs of each] > checks/docs/real-bugs-others.md
#
# A cell says what happened to the broken program and, after a bar, to its twin:
#   N        the run that failed first, or for the other tools "told"
#   stuck    it did not end in time
#   -        nothing in all runs
set -uo pipefail
cd "$(dirname "$0")/../.."
runs=${1:-1000}
seconds=${SECONDS_EACH:-10}
target=${CARGO_TARGET_DIR:-target}
triple=$(rustc -vV | sed -n 's/^host: //p')

has() { command -v "$1" >/dev/null 2>&1; }
build() { cargo "$@" --quiet -p cancelproof-real-bugs --features threads --example threads >&2; }

plain=; tsan=; miri=; valgrind=; genmc=
build build && plain=$target/debug/examples/threads
[ -n "$plain" ] || { echo "others.sh: the kernels do not build on real threads" >&2; exit 1; }
if cargo +nightly --version >/dev/null 2>&1; then
	RUSTFLAGS="-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer" \
		build +nightly build --target "$triple" --target-dir "$target/tsan" && tsan=$target/tsan/$triple/debug/examples/threads
	cargo +nightly miri --version >/dev/null 2>&1 && miri=yes
fi
has valgrind && valgrind=yes
has genmc && genmc=yes

# What became of one side of a kernel: its name, the side, and the tool's command.
plainly() {
	local said; said=$(timeout "$seconds" "$plain" "$1" "$2" "$runs" 2>/dev/null)
	case $? in 0) echo "-" ;; 124) echo stuck ;; *) echo "${said##* }" ;; esac
}
tool() { # its exit code 66 says that the tool has told of something
	timeout "$seconds" "$@" >/dev/null 2>&1
	case $? in 0) echo "-" ;; 66) echo told ;; 124) echo stuck ;; *) echo failed ;; esac
}
under_tsan() { TSAN_OPTIONS="exitcode=66 halt_on_error=1" tool "$tsan" "$1" "$2" $((runs / 10 + 1)); }
under_valgrind() { tool valgrind --quiet --error-exitcode=66 "--tool=$3" "$plain" "$1" "$2" 3; }
under_miri() {
	MIRIFLAGS="-Zmiri-many-seeds=0..64 -Zmiri-ignore-leaks" timeout $((seconds * 6)) cargo +nightly miri run --quiet -p cancelproof-real-bugs \
		--features threads --example threads -- "$1" "$2" 1 >/dev/null 2>&1
	case $? in 0) echo "-" ;; 124) echo stuck ;; *) echo told ;; esac
}
both() { local how=$1 name=$2; shift 2; echo "$("$how" "$name" broken "$@") / $("$how" "$name" fixed "$@")"; }

said() { if [ -n "$1" ]; then "${@:2}" 2>/dev/null | head -1; else echo "not had: not installed"; fi; }
cat <<HEAD
# Real bugs under other tools

Each kernel on real threads, its twin after the bar: the run that failed first, \`told\` where a tool has told of something, \`stuck\` where
it did not end in $seconds s, \`-\` where nothing was seen. That nothing was seen proves nothing: these tools see the runs that there were.
What a twin is told of is a false alarm. helgrind and DRD were asked of bugs that need races to be seen, since they look for nothing else.

\`checks/real-bugs/others.sh $runs\` has written this on $(date -u +%Y-%m-%d); no two runs are alike.

| tool | version | runs of each |
|---|---|---|
| threads | $(rustc --version) | $runs |
| ThreadSanitizer | $(said "$tsan" rustc +nightly --version), the standard library not instrumented | $((runs / 10 + 1)) |
| helgrind, DRD | $(said "$valgrind" valgrind --version) | 3 |
| Miri | $(said "$miri" cargo +nightly miri --version) | 64 seeds |
| GenMC | $(said "$genmc" genmc --version) | the kernels are Rust and have no form that it reads |

| bug | needs | threads | ThreadSanitizer | helgrind | DRD | Miri | GenMC |
|---|---|---|---|---|---|---|---|
HEAD
"$plain" | while read -r name needs; do
	cells="$(both plainly "$name")"
	if [ -n "$tsan" ]; then cells+=" | $(both under_tsan "$name")"; else cells+=" | not had"; fi
	for checker in helgrind drd; do
		if [ -z "$valgrind" ]; then cells+=" | not had"
		elif [ "$needs" = Races ]; then cells+=" | $(both under_valgrind "$name" "$checker")"
		else cells+=" | not asked"; fi
	done
	if [ -n "$miri" ]; then cells+=" | $(both under_miri "$name")"; else cells+=" | not had"; fi
	echo "| $name | $needs | $cells | not had |"
done
