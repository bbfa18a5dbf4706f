//! The macros that make the `main` of a test target.

/// Makes the `main` of a test target that judges one request type; see [`front_door`](crate::front_door).
///
/// - `suite!(MyRequest<_>)`: a request that is generic over the runtime;
/// - `suite!(MyRequest on Loom)`: a request that was written for one runtime: `Std`, `Loom`, `Shuttle` or `Controlled`.
///   The engines of the others are listed as not applicable;
/// - `suite!(MyType<_> as Token)`, `suite!(MyType as Token on Loom)`: a type that is no request, judged as the
///   [shape](crate::model::shape) of that name: `Token`, `Tokens`, `LinkedToken`, `Registration`, `Registrations`, `Operation`, `Waiter` or
///   [`Driver`](crate::model::driver). `<_>` may be left out;
/// - each with [`Options`](crate::front_door::Options) behind it: `suite!(MyRequest<_>, threads = 2, samples = 500)`.
#[macro_export]
macro_rules! suite {
    ($($segment:ident)::+ <_> $(, $($options:tt)*)?) => {
        fn main() -> ::std::process::ExitCode {
            $crate::front_door::main($crate::subject!($($segment)::+ <_>), $crate::options!($($($options)*)?))
        }
    };
    ($($segment:ident)::+ on $platform:ident $(, $($options:tt)*)?) => {
        fn main() -> ::std::process::ExitCode {
            $crate::front_door::main(
                $crate::subject!($($segment)::+ on $platform),
                $crate::options!($($($options)*)?),
            )
        }
    };
    ($($segment:ident)::+ $(<_>)? as $shape:ident $(, $($options:tt)*)?) => {
        fn main() -> ::std::process::ExitCode {
            $crate::front_door::main(
                $crate::subject!($($segment)::+ as $shape),
                $crate::options!($($($options)*)?),
            )
        }
    };
    ($($segment:ident)::+ as $shape:ident on $platform:ident $(, $($options:tt)*)?) => {
        fn main() -> ::std::process::ExitCode {
            $crate::front_door::main(
                $crate::subject!($($segment)::+ as $shape on $platform),
                $crate::options!($($($options)*)?),
            )
        }
    };
}

/// The options of a suite, from names with their values; programs that are written as text are the author's own.
#[doc(hidden)]
#[macro_export]
macro_rules! options {
    (@ [$($built:tt)*] $(,)?) => {
        $($built)*
    };
    (@ [$($built:tt)*] programs = [$($text:literal),+ $(,)?] $(, $($rest:tt)*)?) => {
        $crate::options!(@ [$($built)*.own_programs([$($text),+])] $($($rest)*)?)
    };
    (@ [$($built:tt)*] $option:ident = $value:expr $(, $($rest:tt)*)?) => {
        $crate::options!(@ [$($built)*.$option($value)] $($($rest)*)?)
    };
    ($($options:tt)*) => {
        $crate::options!(@ [$crate::front_door::Options::default()] $($options)*)
    };
}

/// A request type as a [`Subject`](crate::subject::Subject), for tests of one's own; the forms are those of
/// [`suite!`](crate::suite).
///
/// # Example
///
/// ```
/// use cancelproof::front_door::report;
/// use cancelproof::judge::Engine;
/// use cancelproof::model::requests::Locked as MyRequest;
///
/// let mine = cancelproof::subject!(MyRequest<_>);
/// assert_eq!(mine.name(), "MyRequest");
/// assert_eq!(report(mine, "mark-cancel", Engine::Dpor), Ok("proved"));
/// ```
#[macro_export]
macro_rules! subject {
    ($($segment:ident)::+ <_>) => {{
        struct Kind;

        impl $crate::subject::Generic for Kind {
            fn name(&self) -> &str {
                $crate::front_door::type_name(::core::stringify!($($segment)::+))
            }

            fn contract(&self) -> $crate::model::Contract {
                <$($segment)::+<$crate::model::Std> as $crate::model::CancelableRequest<$crate::model::Std>>::contract()
            }

            fn make<R: $crate::model::Runtime>(&self) -> $crate::subject::Made<R> {
                ::std::boxed::Box::new(<$($segment)::+<R> as $crate::model::CancelableRequest<R>>::new())
            }
        }

        static KIND: Kind = Kind;
        let kind: &'static dyn $crate::subject::Subject = &KIND;
        kind
    }};
    ($($segment:ident)::+ $(<_>)? as $shape:ident) => {{
        struct Kind;

        impl $crate::subject::Generic for Kind {
            fn name(&self) -> &str {
                $crate::front_door::type_name(::core::stringify!($($segment)::+))
            }

            fn contract(&self) -> $crate::model::Contract {
                <$crate::front_door::shapes::$shape<$crate::model::Std, $($segment)::+<$crate::model::Std>>
                    as $crate::model::CancelableRequest<$crate::model::Std>>::contract()
            }

            fn make<R: $crate::model::Runtime>(&self) -> $crate::subject::Made<R> {
                ::std::boxed::Box::new(<$crate::front_door::shapes::$shape<R, $($segment)::+<R>>
                    as $crate::model::CancelableRequest<R>>::new())
            }
        }

        static KIND: Kind = Kind;
        let kind: &'static dyn $crate::subject::Subject = &KIND;
        kind
    }};
    ($($segment:ident)::+ as $shape:ident on $platform:ident) => {{
        static KIND: $crate::subject::OnlyOn<
            $crate::front_door::runtimes::$platform,
            $crate::front_door::shapes::$shape<$crate::front_door::runtimes::$platform, $($segment)::+>,
        > = $crate::subject::OnlyOn::new($crate::front_door::type_name(::core::stringify!($($segment)::+)));
        let kind: &'static dyn $crate::subject::Subject = &KIND;
        kind
    }};
    ($($segment:ident)::+ on $platform:ident) => {{
        static KIND: $crate::subject::OnlyOn<$crate::front_door::runtimes::$platform, $($segment)::+> =
            $crate::subject::OnlyOn::new($crate::front_door::type_name(::core::stringify!($($segment)::+)));
        let kind: &'static dyn $crate::subject::Subject = &KIND;
        kind
    }};
}

/// Makes the `main` of a test target for a request whose code imports its primitives from a `sync` module beside it. The
/// code is compiled once for each runtime, unchanged, each time beside another module of [`sync`](crate::sync); in the
/// adapter, `Platform` is that runtime.
///
/// ```text
/// cancelproof::suite_per_runtime! {
///     request = Adapter, threads = 2;
///
///     #[path = "../src/token.rs"] // which says `use super::sync::…`
///     mod token;
///
///     struct Adapter(token::Token);
///
///     impl CancelableRequest<Platform> for Adapter { … }
/// }
/// ```
///
/// `request = Adapter as Token` is for an adapter that implements the [shape](crate::model::shape) of that name.
#[macro_export]
macro_rules! suite_per_runtime {
    (request = $request:ident $(as $shape:ident)? $(, $option:ident = $value:expr)* ; $($items:tt)*) => {
        $crate::subject_per_runtime! { request = $request $(as $shape)?; $($items)* }

        fn main() -> ::std::process::ExitCode {
            $crate::front_door::main(subject(), $crate::front_door::Options::default()$(.$option($value))*)
        }
    };
}

/// The same as [`suite_per_runtime!`](crate::suite_per_runtime) for tests of one's own: makes a function `subject()`
/// instead of a `main`.
#[macro_export]
macro_rules! subject_per_runtime {
    (request = $request:ident as $shape:ident; $($items:tt)*) => {
        $crate::subject_per_runtime! { @all $request, $crate::front_door::shapes::$shape<Platform, $request>, $($items)* }
    };
    (request = $request:ident; $($items:tt)*) => {
        $crate::subject_per_runtime! { @all $request, $request, $($items)* }
    };
    (@all $request:ident, $judged:ty, $($items:tt)*) => {
        $crate::subject_per_runtime! { @on on_std, std, Std, $judged, $($items)* }
        $crate::subject_per_runtime! { @on on_loom, loom, Loom, $judged, $($items)* }
        $crate::subject_per_runtime! { @on on_shuttle, shuttle, Shuttle, $judged, $($items)* }
        $crate::subject_per_runtime! { @on on_controlled, controlled, Controlled, $judged, $($items)* }

        fn subject() -> &'static dyn $crate::subject::Subject {
            struct Kind;

            impl $crate::subject::Subject for Kind {
                fn name(&self) -> &str {
                    ::core::stringify!($request)
                }

                fn contract(&self) -> $crate::model::Contract {
                    on_std::contract()
                }

                fn runs_on(&self, _platform: $crate::subject::Platform) -> bool {
                    true
                }

                fn on_std(&self) -> ::core::option::Option<$crate::subject::Made<on_std::Platform>> {
                    ::core::option::Option::Some(on_std::make())
                }

                fn on_loom(&self) -> ::core::option::Option<$crate::subject::Made<on_loom::Platform>> {
                    ::core::option::Option::Some(on_loom::make())
                }

                fn on_shuttle(&self) -> ::core::option::Option<$crate::subject::Made<on_shuttle::Platform>> {
                    ::core::option::Option::Some(on_shuttle::make())
                }

                fn on_controlled(
                    &self,
                ) -> ::core::option::Option<$crate::subject::Made<on_controlled::Platform>> {
                    ::core::option::Option::Some(on_controlled::make())
                }
            }

            &Kind
        }
    };
    (@on $module:ident, $sync:ident, $platform:ident, $judged:ty, $($items:tt)*) => {
        // The path of the items is relative to the file of the test, not to a folder of this module's name.
        #[path = "."]
        #[allow(dead_code, reason = "a test uses what its adapter needs")]
        mod $module {
            #[allow(unused_imports, reason = "the code beside it uses what it needs")]
            pub(crate) use $crate::sync::$sync as sync;

            pub(super) type Platform = $crate::front_door::runtimes::$platform;

            $($items)*

            pub(super) fn make() -> $crate::subject::Made<Platform> {
                ::std::boxed::Box::new(<$judged as $crate::model::CancelableRequest<Platform>>::new())
            }

            pub(super) fn contract() -> $crate::model::Contract {
                <$judged as $crate::model::CancelableRequest<Platform>>::contract()
            }
        }
    };
}
