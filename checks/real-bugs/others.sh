#!/usr/bin/env bash
# The real bugs under tools beside the suite: on real threads plainly, under ThreadSanitizer, helgrind and DRD; under Miri; and those that
# have a C form under GenMC; as far as these are installed. Not for CI: it takes its time, and but for Miri and GenMC no two runs are alike.
#
#     checks/real-bugs/others.sh [runs of each] > checks/docs/real-bugs-others.md
#
# SECONDS_EACH is what one side of a kernel may take under one tool, SECONDS_ALL what all of it may take, SEEDS how many seeds Miri draws
# schedules from, TOOLS which tools in which order. What was run is kept under target/others, so that a run that was stopped goes on.
#
# A cell says what happened to the broken program and, after a bar, to its twin:
#   N        the run that failed first; "told" where a tool has told of something; "all N" where GenMC has explored N and none failed
#   stuck    it did not end in time
#   failed   the tool itself came to no result
#   not run  the time for all was over before
#   -        nothing in all runs
set -uo pipefail
cd "$(dirname "$0")/../.."
runs=${1:-1000}
seconds=${SECONDS_EACH:-10}
end=$((SECONDS + ${SECONDS_ALL:-86400}))
seeds=${SEEDS:-4}
# Runs for each of Miri's seeds: starting costs it more than a run does.
runs_of_miri=8
tools=${TOOLS:-genmc threads miri tsan helgrind drd}
target=${CARGO_TARGET_DIR:-target}
kept=$target/others
triple=$(rustc -vV | sed -n 's/^host: //p')
forms=checks/real-bugs/genmc
genmc=${GENMC:-genmc}
plain=$target/debug/examples/threads
tsan=$target/tsan/$triple/debug/examples/threads

kernels=(-p cancelproof-real-bugs --no-default-features --features threads --example threads)
build() { cargo "$@" --quiet "${kernels[@]}" >&2; }
build build || { echo "others.sh: the kernels do not build on real threads" >&2; exit 1; }
exec </dev/null

# Whether a tool is there, and built for.
has_threads() { true; }
has_genmc() { command -v "$genmc" >/dev/null 2>&1; }
has_helgrind() { command -v valgrind >/dev/null 2>&1; }
has_drd() { has_helgrind; }
has_miri() { cargo +nightly miri --version >/dev/null 2>&1; }
instrumented=not
has_tsan() {
	cargo +nightly --version >/dev/null 2>&1 || return 1
	local std=()
	if [ -d "$(rustc +nightly --print sysroot)/lib/rustlib/src/rust/library" ]; then std=(-Zbuild-std); instrumented=also; fi
	RUSTFLAGS="-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer" \
		build +nightly build "${std[@]}" --target "$triple" --target-dir "$target/tsan"
}

# What became of one side of a kernel: its name, and the side.
watched() { # its exit code 66 says that the tool has told of something, and 1 that the kernel itself has failed
	timeout "$seconds" "$@" >/dev/null 2>&1
	case $? in 0) echo "-" ;; 1) echo "failed run" ;; 66) echo told ;; 124) echo stuck ;; *) echo failed ;; esac
}
under_threads() {
	local said; said=$(timeout "$seconds" "$plain" "$1" "$2" "$runs" 2>/dev/null)
	case $? in 0) echo "-" ;; 1) echo "${said##* }" ;; 124) echo stuck ;; *) echo failed ;; esac
}
under_tsan() { TSAN_OPTIONS="exitcode=66 halt_on_error=1" watched "$tsan" "$1" "$2" $((runs / 10 + 1)); }
under_helgrind() { watched valgrind --quiet --error-exitcode=66 --tool=helgrind "$plain" "$1" "$2" 3; }
under_drd() { watched valgrind --quiet --error-exitcode=66 --tool=drd "$plain" "$1" "$2" 3; }
under_miri() {
	MIRIFLAGS="-Zmiri-many-seeds=0..$seeds -Zmiri-preemption-rate=0.1 -Zmiri-ignore-leaks -Zmiri-disable-isolation" \
		timeout $((seconds * 6)) cargo +nightly miri run --quiet "${kernels[@]}" -- "$1" "$2" $runs_of_miri >/dev/null 2>&1
	case $? in 0) echo "-" ;; 124) echo stuck ;; *) echo told ;; esac
}
under_genmc() {
	local fixed=() said status executions
	[ "$2" = fixed ] && fixed=(-DFIXED)
	said=$(timeout "$seconds" "$genmc" --disable-estimation -- "${fixed[@]}" "$forms/$1.c" 2>&1); status=$?
	executions=$(sed -n 's/.*complete executions explored: *//p' <<<"$said")
	case $status in 0) echo "all $executions" ;; 124) echo stuck ;; *) if grep -q '^Error' <<<"$said"; then echo told; else echo failed; fi ;; esac
}

# Whether a tool is asked of a kernel: helgrind and DRD look for races and nothing else, GenMC reads C.
is_asked() {
	case $1 in helgrind | drd) [ "$3" = Races ] ;; genmc) [ -e "$forms/$2.c" ] ;; *) true ;; esac
}

list=$("$plain")
declare -A had
for tool in $tools; do
	mkdir -p "$kept/$tool"
	"has_$tool" && had[$tool]=yes || continue
	# Nothing is to be built under the clock.
	[ "$tool" != miri ] || under_miri waker_freed_while_taken fixed >/dev/null
	while read -r name needs; do
		for side in broken fixed; do
			cell=$kept/$tool/$name.$side
			if [ "$SECONDS" -ge "$end" ]; then break 2; fi
			if is_asked "$tool" "$name" "$needs" && [ ! -s "$cell" ]; then "under_$tool" "$name" "$side" >"$cell"; fi
		done
	done <<<"$list"
	echo "others.sh: $tool after $SECONDS s" >&2
done

side() { if [ -s "$kept/$1/$2.$3" ]; then cat "$kept/$1/$2.$3"; else echo "not run"; fi; }
cell() { # tool, kernel, what it needs
	if [[ " $tools " != *" $1 "* ]]; then echo "not run"
	elif [ -z "${had[$1]:-}" ]; then echo "not had"
	elif ! is_asked "$@"; then case $1 in genmc) echo "no C form" ;; *) echo "not asked" ;; esac
	elif [ ! -s "$kept/$1/$2.broken" ]; then echo "not run"
	else echo "$(side "$1" "$2" broken) / $(side "$1" "$2" fixed)"; fi
}
versions_of_tsan() { echo "$(rustc +nightly --version), the standard library $instrumented instrumented"; }
genmc_version() { "$genmc" --version | sed -n 's/^ *\(GenMC v.*\)/\1/p'; }
said() {
	if [[ " $tools " != *" $1 "* ]]; then echo "not run"
	elif [ -n "${had[$1]:-}" ]; then "${@:2}" 2>/dev/null | head -1
	else echo "not had: not installed"; fi
}
cat <<HEAD
# Real bugs under other tools

Each kernel on real threads, its twin after the bar: the run that failed first, \`told\` where a tool has told of something, \`failed run\`
where the kernel's own assertion failed under a tool that said nothing, \`stuck\` where it did not end in $seconds s (under Miri in
$((seconds * 6)) s), \`-\` where nothing was seen. That nothing was seen proves nothing: these tools see the runs that there were. What a twin is
told of is a false alarm, and \`stuck\` is one too, unless the machine was busy. helgrind and DRD were asked of bugs that need races to be
seen, since they look for nothing else. \`not run\` is a cell for which there was no time.

GenMC explores all executions of a C form of a kernel, under RC11: \`told\` where one fails, \`all N\` where N were explored and none did. Ten
kernels of pure atomics have such a form in \`checks/real-bugs/genmc\`. A loop that waits is one execution to it, so where a twin has one its
number is smaller than that of [rc11](real-bugs.md).

\`SECONDS_EACH=$seconds SEEDS=$seeds checks/real-bugs/others.sh $runs\` has written this on $(date -u +%Y-%m-%d); no two runs are alike.

| tool | version | runs of each |
|---|---|---|
| threads | $(rustc --version) | $runs |
| ThreadSanitizer | $(said tsan versions_of_tsan) | $((runs / 10 + 1)) |
| helgrind, DRD | $(said helgrind valgrind --version) | 3 |
| Miri | $(said miri cargo +nightly miri --version), a tenth of all steps preempted | $((seeds * runs_of_miri)) |
| GenMC | $(said genmc genmc_version) | all executions |

| bug | needs | threads | ThreadSanitizer | helgrind | DRD | Miri | GenMC |
|---|---|---|---|---|---|---|---|
HEAD
columns="threads tsan helgrind drd miri genmc"
while read -r name needs; do
	line="| $name | $needs |"
	for tool in $columns; do line+=" $(cell "$tool" "$name" "$needs") |"; done
	echo "$line"
done <<<"$list"

cat <<SUM

| tool | broken ones run | noticed | twins run | told of |
|---|---|---|---|---|
SUM
# Of a tool, how many broken programs and twins were run, and of how many something was noticed.
for tool in $columns; do
	counts=
	for side in broken fixed; do
		cells=$(while read -r name _; do cat "$kept/$tool/$name.$side" 2>/dev/null; done <<<"$list")
		counts+=" $(grep -c . <<<"$cells") | $(grep -c . <<<"$(grep -vE '^(-|all .*|failed)$' <<<"$cells")") |"
	done
	echo "| $tool |$counts"
done
