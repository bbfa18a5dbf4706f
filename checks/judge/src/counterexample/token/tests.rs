use quickcheck::{Arbitrary, Gen, QuickCheck};

use super::content::{ENGINES, RULES, STEPS};
use super::*;
use crate::engine::dpor::Fingerprint;
use crate::operation::TaskId;

/// The number of tokens that are drawn at random or mutated.
const FUZZED: u64 = 100_000;

#[derive(Clone, Debug)]
struct Any(Token);

impl Arbitrary for Any {
    fn arbitrary(g: &mut Gen) -> Self {
        let pick = |g: &mut Gen| *g.choose(&STEPS).unwrap();
        let threads =
            (0..=usize::arbitrary(g) % 4).map(|_| (0..usize::arbitrary(g) % 5).map(|_| pick(g)).collect());
        let program = Program { threads: threads.collect(), callback: *g.choose(&BEHAVIOURS).unwrap() };
        let decisions = if bool::arbitrary(g) {
            let mut step = 0;
            let mut deviation = || {
                step += 1 + u32::arbitrary(g) % 300;
                Deviation {
                    step,
                    task: TaskId(u8::arbitrary(g) % 16),
                    performs: Fingerprint { kind: u8::arbitrary(g) % 18, object: u16::arbitrary(g) },
                }
            };
            let deviations = (0..5).map(|_| deviation()).collect();
            Decisions::Deviations { deviations, execution: u64::arbitrary(g) }
        } else {
            let (engine, _) = *g.choose(&ENGINES).unwrap();
            Decisions::Numbered { engine, execution: u64::arbitrary(g), seed: u64::arbitrary(g) }
        };
        Any(Token {
            request: "some-request".to_owned(),
            program,
            scope: *g.choose(&SCOPES).unwrap(),
            rule: *g.choose(&RULES).unwrap(),
            decisions,
        })
    }
}

#[test]
fn every_token_survives_the_round_trip_in_any_case() {
    fn survives(Any(token): Any) -> bool {
        let text = token.to_string();
        text.parse() == Ok(token.clone()) && text.to_uppercase().parse() == Ok(token)
    }
    QuickCheck::new().tests(5_000).quickcheck(survives as fn(Any) -> bool);
}

/// A small generator of our own, so that this many cases take no time.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

fn mutate(draw: &mut Draw, mut bytes: Vec<u8>) -> Vec<u8> {
    for _ in 0..=draw.below(3) {
        let place = draw.below(bytes.len());
        match draw.below(4) {
            0 if !bytes.is_empty() => bytes[place] ^= 1 << draw.below(8),
            1 if !bytes.is_empty() => {
                bytes.remove(place);
            }
            2 => bytes.truncate(place),
            _ => bytes.insert(place, draw.next() as u8),
        }
    }
    bytes
}

#[test]
fn random_and_mutated_tokens_are_read_or_refused_and_never_panic() {
    let mut g = Gen::new(20);
    let mut draw = Draw(0x1234_5678_9ABC_DEF1);
    let (mut refused, mut read) = (0u64, 0u64);
    for round in 0..FUZZED {
        let Any(token) = Any::arbitrary(&mut g);
        let text = token.to_string();
        let result = match round % 4 {
            // Text that was copied badly.
            0 => String::from_utf8_lossy(&mutate(&mut draw, text.into_bytes())).parse::<Token>(),
            // Text of no meaning.
            1 => {
                let noise: String = (0..draw.below(80)).map(|_| char::from(draw.next() as u8)).collect();
                format!("cp1-{noise}").parse()
            }
            // Content that is wrong although the checksum is right.
            2 => {
                let mut writer = Writer::default();
                token.write(&mut writer);
                Token::read(&mutate(&mut draw, writer.into_bytes()))
            }
            // Content of no meaning.
            _ => Token::read(&(0..draw.below(60)).map(|_| draw.next() as u8).collect::<Vec<_>>()),
        };
        match result {
            Ok(other) => {
                assert_eq!(other.to_string().parse(), Ok(other));
                read += 1;
            }
            Err(error) => {
                assert_eq!(error.to_string().lines().count(), 1);
                refused += 1;
            }
        }
    }
    assert!(refused > 3 * read && read > 0, "{refused} refused, {read} read");
}

#[test]
fn what_is_wrong_with_a_token_is_said_in_one_line() {
    let Any(token) = Any::arbitrary(&mut Gen::new(10));
    let text = token.to_string();
    let refused = |text: &str| text.parse::<Token>().unwrap_err().to_string();
    assert!(refused("ref:refs/heads/main").contains("is no replay token: one begins with cp1-"));
    assert!(refused("").contains("is no replay token"));
    assert!(refused("cp0-000").contains("is no replay token"));
    let next = VERSION_MAX + 1;
    let newer = format!("newer version of this program (layout {next}, known up to {VERSION_MAX})");
    assert!(refused(&format!("cp{next}-000")).contains(&newer));
    assert!(refused(&text[..text.len() - 3]).contains("damaged or was cut short"));
    assert!(refused(&format!("{text}?")).contains("'?' at place"));
}

#[test]
fn every_rule_scope_callback_and_repeatable_engine_has_a_number() {
    assert!(
        Rule::ALL.iter().chain(&Rule::OF_SYSTEMS).chain(&Rule::OF_MEMORY).all(|rule| RULES.contains(rule))
    );
    let repeatable = Engine::ALL.into_iter().filter(|engine| engine.is_repeatable());
    for engine in repeatable {
        assert!(ENGINES.iter().any(|(known, _)| *known == engine), "{engine}");
    }
}
