//! The film: the page itself, and the page as a real browser shows it.

mod browser;
mod command;
mod in_browser;
mod page;
mod traces;
