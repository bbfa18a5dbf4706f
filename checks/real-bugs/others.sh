#!/usr/bin/env bash
# The real bugs under tools beside the suite: on real threads plainly, under ThreadSanitizer, helgrind and DRD; under Miri; and those that
# have a C form under GenMC; as far as these are installed. Not for CI: it takes its time, and but for Miri and GenMC no two runs are alike.
#
#     checks/real-bugs/others.sh [runs of each] > checks/docs/real-bugs-others.md
#
# SECONDS_EACH is what one side of a kernel may take under one tool, SEEDS how many seeds Miri draws schedules from, NICE how nice it all
# is.
#
# A cell says what happened to the broken program and, after a bar, to its twin:
#   N        the run that failed first; "told" where a tool has told of something; "all N" where GenMC has explored N and none failed
#   stuck    it did not end in time
#   failed   the tool itself came to no result
#   -        nothing in all runs
set -uo pipefail
cd "$(dirname "$0")/../.."
runs=${1:-1000}
seconds=${SECONDS_EACH:-10}
seeds=${SEEDS:-8}
# Runs for each of Miri's seeds: starting costs it more than a run does.
runs_of_miri=16
renice -n "${NICE:-10}" -p $$ >/dev/null
target=${CARGO_TARGET_DIR:-target}
triple=$(rustc -vV | sed -n 's/^host: //p')
forms=checks/real-bugs/genmc

has() { command -v "$1" >/dev/null 2>&1; }
build() { cargo "$@" --quiet -p cancelproof-real-bugs --features threads --example threads >&2; }

plain=; tsan=; miri=; valgrind=; genmc=; instrumented=not
build build && plain=$target/debug/examples/threads
[ -n "$plain" ] || { echo "others.sh: the kernels do not build on real threads" >&2; exit 1; }
if cargo +nightly --version >/dev/null 2>&1; then
	std=()
	if [ -d "$(rustc +nightly --print sysroot)/lib/rustlib/src/rust/library" ]; then std=(-Zbuild-std); instrumented=also; fi
	RUSTFLAGS="-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer" \
		build +nightly build "${std[@]}" --target "$triple" --target-dir "$target/tsan" && tsan=$target/tsan/$triple/debug/examples/threads
	cargo +nightly miri --version >/dev/null 2>&1 && miri=yes
fi
has valgrind && valgrind=yes
has "${GENMC:-genmc}" && genmc=${GENMC:-genmc}

# What became of one side of a kernel: its name, the side, and the tool's command.
plainly() {
	local said; said=$(timeout "$seconds" "$plain" "$1" "$2" "$runs" 2>/dev/null)
	case $? in 0) echo "-" ;; 1) echo "${said##* }" ;; 124) echo stuck ;; *) echo failed ;; esac
}
tool() { # its exit code 66 says that the tool has told of something, and 1 that the kernel itself has failed
	timeout "$seconds" "$@" >/dev/null 2>&1
	case $? in 0) echo "-" ;; 1) echo "failed run" ;; 66) echo told ;; 124) echo stuck ;; *) echo failed ;; esac
}
under_tsan() { TSAN_OPTIONS="exitcode=66 halt_on_error=1" tool "$tsan" "$1" "$2" $((runs / 10 + 1)); }
under_valgrind() { tool valgrind --quiet --error-exitcode=66 "--tool=$3" "$plain" "$1" "$2" 3; }
under_miri() {
	MIRIFLAGS="-Zmiri-many-seeds=0..$seeds -Zmiri-preemption-rate=0.1 -Zmiri-ignore-leaks -Zmiri-disable-isolation" timeout $((seconds * 6)) \
		cargo +nightly miri run --quiet -p cancelproof-real-bugs --features threads --example threads -- "$1" "$2" $runs_of_miri >/dev/null 2>&1
	case $? in 0) echo "-" ;; 124) echo stuck ;; *) echo told ;; esac
}
under_genmc() {
	local fixed=(); [ "$2" = fixed ] && fixed=(-DFIXED)
	local said status; said=$(timeout "$seconds" "$genmc" --disable-estimation -- "${fixed[@]}" "$forms/$1.c" 2>&1); status=$?
	local executions; executions=$(sed -n 's/.*complete executions explored: *//p' <<<"$said")
	case $status in 0) echo "all $executions" ;; 124) echo stuck ;; *) if grep -q '^Error' <<<"$said"; then echo told; else echo failed; fi ;; esac
}
both() { local how=$1 name=$2; shift 2; echo "$("$how" "$name" broken "$@") / $("$how" "$name" fixed "$@")"; }

genmc_version() { "$genmc" --version | sed -n "s/^ *\(GenMC v.*\)/\1/p"; }
said() { if [ -n "$1" ]; then "${@:2}" 2>/dev/null | head -1; else echo "not had: not installed"; fi; }
cat <<HEAD
# Real bugs under other tools

Each kernel on real threads, its twin after the bar: the run that failed first, \`told\` where a tool has told of something, \`failed run\`
where the kernel's own assertion failed under a tool that said nothing, \`stuck\` where it did not end in $seconds s (under Miri in
$((seconds * 6)) s), \`-\` where nothing was seen. That nothing was seen proves nothing: these tools see the runs that there were. What a twin is
told of is a false alarm. helgrind and DRD were asked of bugs that need races to be seen, since they look for nothing else.

GenMC explores all executions of a C form of a kernel, under RC11: \`told\` where one fails, \`all N\` where N were explored and none did. The
kernels of pure atomics have such a form in \`checks/real-bugs/genmc\`.

\`SECONDS_EACH=$seconds SEEDS=$seeds checks/real-bugs/others.sh $runs\` has written this on $(date -u +%Y-%m-%d); no two runs are alike.

| tool | version | runs of each |
|---|---|---|
| threads | $(rustc --version) | $runs |
| ThreadSanitizer | $(said "$tsan" rustc +nightly --version), the standard library $instrumented instrumented | $((runs / 10 + 1)) |
| helgrind, DRD | $(said "$valgrind" valgrind --version) | 3 |
| Miri | $(said "$miri" cargo +nightly miri --version), a tenth of all steps preempted | $((seeds * runs_of_miri)) |
| GenMC | $(said "$genmc" genmc_version) | all executions |

| bug | needs | threads | ThreadSanitizer | helgrind | DRD | Miri | GenMC |
|---|---|---|---|---|---|---|---|
HEAD
exec 3< <("$plain") </dev/null
# Nothing is to be built under the clock.
[ -z "$miri" ] || under_miri waker_freed_while_taken fixed >/dev/null
rows=
while read -r name needs <&3; do
	cells="$(both plainly "$name")"
	if [ -n "$tsan" ]; then cells+=" | $(both under_tsan "$name")"; else cells+=" | not had"; fi
	for checker in helgrind drd; do
		if [ -z "$valgrind" ]; then cells+=" | not had"
		elif [ "$needs" = Races ]; then cells+=" | $(both under_valgrind "$name" "$checker")"
		else cells+=" | not asked"; fi
	done
	if [ -n "$miri" ]; then cells+=" | $(both under_miri "$name")"; else cells+=" | not had"; fi
	if [ ! -e "$forms/$name.c" ]; then cells+=" | no C form"
	elif [ -n "$genmc" ]; then cells+=" | $(both under_genmc "$name")"
	else cells+=" | not had"; fi
	echo "| $name | $needs | $cells |"
	rows+="| $name | $needs | $cells |"$'\n'
done

# A column in a line: how many it was asked of, how many broken programs it noticed, and of how many twins it told something.
cat <<SUM

| tool | asked of | broken ones noticed | twins told of |
|---|---|---|---|
SUM
column=3
for tool in threads ThreadSanitizer helgrind DRD Miri GenMC; do
	awk -F' [|] ' -v column="$column" -v tool="$tool" '
		$column ~ / \/ / {
			asked++
			split($column, side, " / ")
			sub(/ *[|]$/, "", side[2])
			noticed += side[1] !~ /^(-|all|failed$)/
			false_alarms += side[2] !~ /^(-|all|failed$)/
		}
		END { printf "| %s | %d | %d | %d |\n", tool, asked, noticed, false_alarms }' <<<"$rows"
	column=$((column + 1))
done
