//! Bugs of the list that the benchmark began with which have no kernel, each with the reason.

/// A bug without a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The report, as `owner/project#number`.
    pub reference: &'static str,
    /// What the list says of it.
    pub listed: &'static str,
    /// Why it has no kernel, in a sentence.
    pub reason: &'static str,
}

/// Every one.
pub static ELSEWHERE: &[Elsewhere] = &[
    Elsewhere {
        reference: "faern/oneshot#17",
        listed: "orderings of parking and unparking",
        reason: "Its report was not to be had; the state that the change brought in is what `claim_missing_from_drop` and \
                 `claim_missing_from_try_recv` are about.",
    },
    Elsewhere {
        reference: "faern/oneshot#22",
        listed: "a poll and then a `try_recv` meet a state that nobody has thought of",
        reason: "It is where the bug of `claim_missing_from_try_recv` was found; that kernel names the change that mended it.",
    },
    Elsewhere {
        reference: "fereidani/kanal#35",
        listed: "a data race of a channel for one value",
        reason: "What could be read of it is what Miri prints and not the steps; the project has taken the channel out since.",
    },
    Elsewhere {
        reference: "microsoft/oxidizer#736",
        listed: "a cancel of a wait on a condition variable",
        reason: "Neither its report nor its change was to be had.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels;

    /// The list that the benchmark began with.
    #[rustfmt::skip]
    const LISTED: [&str; 83] = [
        "faern/oneshot#87", "faern/oneshot#73", "faern/oneshot#69", "faern/oneshot#17", "faern/oneshot#22",
        "apache/asyncband#111", "apache/asyncband#41", "apache/asyncband#189", "apache/asyncband#101",
        "irrustible/async-oneshot#20", "tokio-rs/tokio#2096", "tokio-rs/tokio#4605", "tokio-rs/tokio#904",
        "tokio-rs/tokio#2340", "tokio-rs/tokio#5404", "tokio-rs/tokio#5429", "tokio-rs/tokio#3929",
        "tokio-rs/tokio#1649", "tokio-rs/tokio#1788", "tokio-rs/tokio#4497", "tokio-rs/tokio#8185",
        "tokio-rs/tokio#8056", "tokio-rs/mio#2004", "tokio-rs/mio#534", "tokio-rs/tokio-uring#164",
        "neondatabase/tokio-epoll-uring#39", "compio-rs/compio#52", "ntex-rs/ntex#527",
        "DataDog/glommio#104", "foyer-rs/foyer#1286", "rustfs/rustfs#4625", "rustfs/rustfs#4498",
        "talex-touch/tuff#840", "crossbeam-rs/crossbeam#1187", "rustsec/advisory-db#2884",
        "fereidani/kanal#35", "austinjones/postage-rs#44", "rust-lang/futures-rs#339",
        "rust-lang/futures-rs#1491", "rust-lang/futures-rs#2886", "microsoft/oxidizer#736",
        "microsoft/demikernel#1149", "blackbeam/named_pipe#5", "tursodatabase/turso#4518",
        "embassy-rs/embassy#1045", "embassy-rs/embassy#2180", "embassy-rs/embassy#6013",
        "embassy-rs/embassy#4204", "embassy-rs/embassy#1332", "rtic-rs/rtic#1027", "rtic-rs/rtic#1208",
        "microsoft/STL#1196", "NVIDIA/stdexec#1889", "NVIDIA/stdexec#2115", "NVIDIA/stdexec#1395",
        "NVIDIA/stdexec#1426", "NVIDIA/stdexec#1746", "NVIDIA/stdexec#1812", "NVIDIA/stdexec#1416",
        "facebookexperimental/libunifex#670", "microsoft/cppwinrt#1598", "Jamol/libkev#10",
        "dotnet/runtime#59090", "dotnet/runtime#49896", "microsoft/vs-threading#186",
        "microsoft/vs-threading#202", "timcassell/ProtoPromise#96", "timcassell/ProtoPromise#234",
        "Kotlin/kotlinx.coroutines#450", "Kotlin/kotlinx.coroutines#892", "Kotlin/kotlinx.coroutines#3380",
        "Kotlin/kotlinx.coroutines#1915", "temporalio/sdk-go#721", "hashicorp/go-eventlogger#7",
        "tigerbeetle/tigerbeetle#2430", "Cloudef/zig-aio#57", "apple/swift-async-algorithms#80",
        "ray-project/ray#52703", "rohanpm/more-executors#151", "fgmacedo/python-statemachine#627",
        "status-im/nim-chronos#208", "axboe/liburing#294", "microsoft/STL#1632",
    ];

    /// How many of the list have to have a kernel.
    const LEAST: usize = 60;

    #[test]
    fn what_is_listed_has_a_kernel_or_a_reason() {
        let has_kernel = |reference: &str| kernels::all().any(|kernel| kernel.bug.reference == reference);
        let is_elsewhere = |reference: &str| ELSEWHERE.iter().any(|bug| bug.reference == reference);
        let (with, without): (Vec<&str>, Vec<&str>) =
            LISTED.iter().partition(|reference| has_kernel(reference));
        assert!(with.len() >= LEAST, "{} of the list have a kernel", with.len());
        for reference in without {
            assert!(is_elsewhere(reference), "{reference} is listed, and has neither a kernel nor a reason");
        }
    }

    #[test]
    fn none_of_them_has_a_kernel() {
        for bug in ELSEWHERE {
            assert!(kernels::all().all(|kernel| kernel.bug.reference != bug.reference), "{}", bug.reference);
            assert!(bug.reason.ends_with('.'), "{}", bug.reason);
        }
    }
}
