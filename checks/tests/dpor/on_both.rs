//! One body on both hosts of the engine.

use cancelproof::exploration::{Exploration, Extent, FailureKind};

/// Explores the same body on both hosts, and checks that they agree and that the failure, if there is one, happens
/// again when it is replayed.
macro_rules! explore_both {
    ($options:expr, $body:ident) => {{
        let options: ::cancelproof::engine::dpor::Options = $options;
        let ours =
            ::cancelproof::engine::dpor::explore(&options, $body::<::cancelproof::executor::Controlled>);
        let shuttle = ::cancelproof::engine::dpor::explore_on_shuttle(
            &options,
            $body::<::cancelproof::lens::Lens<::cancelproof::platform::Shuttle>>,
        );
        assert_eq!(ours, shuttle);
        if let Some(::cancelproof::exploration::Failure { kind, decisions, .. }) = &ours.failure {
            let again = ::cancelproof::engine::dpor::replay(
                decisions,
                ::cancelproof::executor::STACK_BYTES_DEFAULT,
                $body::<::cancelproof::executor::Controlled>,
            )
            .outcome;
            match kind {
                ::cancelproof::exploration::FailureKind::Unbounded { .. } => {
                    assert_eq!(again, ::cancelproof::engine::dpor::ReplayOutcome::RanOut)
                }
                _ => assert_eq!(again, ::cancelproof::engine::dpor::ReplayOutcome::Failed(kind.clone())),
            }
        }
        ours
    }};
}

pub(crate) use explore_both;

/// What the exploration stopped at.
pub(crate) fn failure(exploration: Exploration) -> FailureKind {
    assert_eq!(exploration.extent, Extent::StoppedAtFailure);
    exploration.failure.expect("a failure").kind
}
