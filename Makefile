# The habits, one line each; each line can be typed as well.

gate:            ; cargo run --release --quiet -- gate
hunt:            ; cargo run --release --quiet -- hunt
real:            ; cargo run --release --quiet -- gauntlet --of real
report:          ; cargo run --release --quiet -- report --format html --output target/cancelproof/report.html
test:            ; cargo test --workspace --quiet
proofs:          ; cargo test --package cancelproof --test suite --test protocol --test system -- --ignored longest_proofs
witnesses:       ; cargo test --release --package cancelproof --test suite -- --ignored witnesses_do_not_end
axioms:          ; cargo test --release --package cancelproof --test rc11 --test dpor -- --ignored
whims:           ; CANCELPROOF_TEST_WHIMS=all cargo test --package cancelproof --test rogue -- every_whim
examples:        ; cargo test --manifest-path checks/examples/Cargo.toml --workspace --quiet
facade:          ; cargo test --manifest-path checks/loom/Cargo.toml --quiet
tokio:           ; cargo test --manifest-path checks/examples/cancellation-token/Cargo.toml --quiet
lint:            ; cargo clippy --workspace --all-targets --quiet -- --deny warnings
format:          ; cargo fmt --all --check
docs:            ; RUSTDOCFLAGS="--deny warnings" cargo doc --workspace --no-deps --quiet
bench:           ; cargo bench --package cancelproof --bench engines --bench dpor --bench protocol
list:            ; cargo run --release --quiet -- list

.PHONY: gate hunt real report test proofs witnesses axioms whims facade examples tokio lint format docs bench list
