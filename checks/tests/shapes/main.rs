//! Types that are no request, each judged as the shape that it has: the right ones are refuted nowhere, and each broken twin is
//! for the rule that it breaks.

mod driver;
mod judged;
mod linked;
mod not_offered;
mod operation;
mod properties;
mod registration;
mod token;
mod waiter;
