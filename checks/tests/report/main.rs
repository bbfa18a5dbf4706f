//! Reports: each read by code that is not ours, and the page as a real browser shows it.

#[path = "../film/browser.rs"]
mod browser;
mod command;
mod formats;
mod in_browser;
mod markup;
mod results;
