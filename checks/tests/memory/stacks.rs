//! Large frames fit on the stack of a modelled thread.

use cancelproof::engine::shuttle::{self, Strategy};
use cancelproof::engine::{dpor, rc11};
use cancelproof::executor::{Controlled, STACK_BYTES_DEFAULT, stack_bytes_default};
use cancelproof::platform::Shuttle;
use cancelproof_model::runtime::{JoinHandle, Runtime};

/// A frame of 200 KB, in the main thread and in another.
fn large_frames<R: Runtime>() {
    #[inline(never)]
    #[allow(clippy::large_stack_arrays, reason = "that it is large is what is tried")]
    fn large() -> u8 {
        let frame = std::hint::black_box([1_u8; 200_000]);
        std::hint::black_box(frame[100])
    }
    assert_eq!(R::spawn(large).join() + large(), 2);
}

#[test]
fn a_large_frame_fits_under_every_engine_whose_stacks_we_choose() {
    let explored = [
        dpor::explore(&dpor::Options::default(), large_frames::<Controlled>),
        rc11::explore(&rc11::Options::default(), large_frames::<Controlled>),
        shuttle::explore(Strategy::DepthFirst, shuttle::Options::default(), large_frames::<Shuttle>),
    ];
    for exploration in explored {
        assert_eq!(exploration.failure, None);
    }
}

#[test]
fn stacks_are_of_the_default_size_unless_the_variable_says_otherwise() {
    const { assert!(STACK_BYTES_DEFAULT >= 512 << 10) };
    if std::env::var_os("CANCELPROOF_STACK_KIB").is_none() {
        assert_eq!(stack_bytes_default(), STACK_BYTES_DEFAULT);
        assert_eq!(dpor::Options::default().stack_bytes, STACK_BYTES_DEFAULT);
    }
}
