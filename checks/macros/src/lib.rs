//! The attribute `#[cancelproof::test]`. It is re-exported and described by `cancelproof`.
//!
//! # Example
//!
//! What the attribute stands before becomes a test of the standard library's harness, whose body is explored:
//!
//! ```
//! # mod cancelproof {
//! #     pub use cancelproof_macros::test;
//! # }
//! #[cancelproof::test(preemptions = 2)]
//! fn two_additions_make_two() {
//!     // Threads and atomics of `cancelproof::thread` and `cancelproof::sync`, and assertions.
//! }
//! # fn main() {}
//! ```
//!
//! It reads tokens by hand: a parser of the whole language would take longer to build than everything that uses it.

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

/// Makes a function a test whose body is run in every execution; see `cancelproof::closure`.
///
/// Arguments are those of `cancelproof::Model`, with commas between them:
///
/// | argument | meaning |
/// |---|---|
/// | `engines(dpor, rc11)` | by which engines; both if nothing is said |
/// | `preemptions = 2` | no execution with more preemptions |
/// | `executions = 1000` | so many executions at most, for each engine |
/// | `seconds = 5` | so much time at most, for each engine |
/// | `workers = 2` | threads of the machine |
/// | `steps = 5000` | the longest execution |
/// | `stack = 1048576` | the size of each thread's stack, in bytes |
///
/// Other attributes, `#[should_panic]` and `#[ignore]` among them, go below it.
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match expand(arguments, item) {
        Ok(tokens) => tokens,
        Err(Wrong { at, message }) => compile_error(at, &message),
    }
}

/// What was not understood, and where.
struct Wrong {
    at: Span,
    message: String,
}

fn wrong(at: Span, message: impl Into<String>) -> Wrong {
    Wrong { at, message: message.into() }
}

fn expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream, Wrong> {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    let Some(TokenTree::Group(body)) = tokens.pop() else {
        return Err(wrong(Span::call_site(), "#[cancelproof::test] stands before a function"));
    };
    if body.delimiter() != Delimiter::Brace {
        return Err(wrong(body.span(), "#[cancelproof::test] stands before a function with a body"));
    }
    let name = name_of(&tokens)?;
    let mut call = path(&["cancelproof", "closure", "Model", "named"]);
    let mut full_name = path(&["core", "concat"]);
    full_name.extend([punct('!'), group(Delimiter::Parenthesis, name_parts(&name))]);
    call.push(group(Delimiter::Parenthesis, full_name.into_iter().collect()));
    call.extend(options(arguments)?);
    call.extend(method("check", closure(body)));
    call.push(punct(';'));
    let attribute = path(&["core", "prelude", "v1", "test"]);
    let mut output = vec![punct('#'), group(Delimiter::Bracket, attribute.into_iter().collect())];
    output.extend(tokens);
    output.push(group(Delimiter::Brace, call.into_iter().collect()));
    Ok(output.into_iter().collect())
}

/// The name of the function that these tokens declare; it has no parameters.
fn name_of(tokens: &[TokenTree]) -> Result<Ident, Wrong> {
    let keyword =
        |token: &TokenTree, word: &str| matches!(token, TokenTree::Ident(ident) if ident.to_string() == word);
    if let Some(token) = tokens.iter().find(|token| keyword(token, "async")) {
        return Err(wrong(token.span(), "a test is no async function: it may call block_on"));
    }
    let place = tokens.iter().position(|token| keyword(token, "fn"));
    let Some(TokenTree::Ident(name)) = place.and_then(|place| tokens.get(place + 1)) else {
        return Err(wrong(Span::call_site(), "#[cancelproof::test] stands before a function"));
    };
    let parameters = tokens.iter().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => Some(group),
        _ => None,
    });
    match parameters {
        Some(parameters) if parameters.stream().is_empty() => Ok(name.clone()),
        _ => Err(wrong(name.span(), "a test has no parameters")),
    }
}

/// `module_path!(), "::", "name"`
fn name_parts(name: &Ident) -> TokenStream {
    let mut parts = path(&["core", "module_path"]);
    parts.extend([punct('!'), group(Delimiter::Parenthesis, TokenStream::new()), punct(',')]);
    let text = |text: &str| TokenTree::Literal(Literal::string(text));
    parts.extend([text("::"), punct(','), text(&name.to_string())]);
    parts.into_iter().collect()
}

/// The calls that set what the arguments say.
fn options(arguments: TokenStream) -> Result<Vec<TokenTree>, Wrong> {
    let mut calls = Vec::new();
    let mut tokens = arguments.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let TokenTree::Ident(option) = &token else {
            return Err(wrong(token.span(), "an argument is `option = value` or `engines(…)`"));
        };
        let option_name = option.to_string();
        let value = match tokens.next() {
            Some(TokenTree::Group(group)) if option_name == "engines" => engines(&group)?,
            Some(TokenTree::Punct(equals)) if equals.as_char() == '=' => {
                value(&option_name, tokens.next(), option.span())?
            }
            _ => return Err(wrong(option.span(), "an argument is `option = value` or `engines(…)`")),
        };
        let known = ["engines", "preemptions", "executions", "seconds", "workers", "steps", "stack"];
        if !known.contains(&option_name.as_str()) {
            return Err(wrong(option.span(), format!("no such argument; there are {}", known.join(", "))));
        }
        calls.extend(method(if option_name == "seconds" { "time" } else { &option_name }, value));
        if let Some(token) = tokens.next()
            && !matches!(&token, TokenTree::Punct(comma) if comma.as_char() == ',')
        {
            return Err(wrong(token.span(), "a comma stands between arguments"));
        }
    }
    Ok(calls)
}

fn value(option: &str, value: Option<TokenTree>, at: Span) -> Result<TokenStream, Wrong> {
    let value = value.ok_or_else(|| wrong(at, "its value is missing"))?;
    if option != "seconds" {
        return Ok(value.into());
    }
    let mut time = path(&["core", "time", "Duration", "from_secs"]);
    time.push(group(Delimiter::Parenthesis, value.into()));
    Ok(time.into_iter().collect())
}

/// The engines as an array.
fn engines(names: &Group) -> Result<TokenStream, Wrong> {
    let mut engines = Vec::new();
    for token in names.stream() {
        match &token {
            TokenTree::Ident(name) => {
                let variant = match name.to_string().as_str() {
                    "dpor" => "Dpor",
                    "rc11" => "Rc11",
                    _ => return Err(wrong(name.span(), "closures run under `dpor` and `rc11`")),
                };
                engines.extend(path(&["cancelproof", "judge", "Engine", variant]));
            }
            TokenTree::Punct(comma) if comma.as_char() == ',' => engines.push(token),
            _ => return Err(wrong(token.span(), "here stand the names of engines")),
        }
    }
    Ok(group(Delimiter::Bracket, engines.into_iter().collect()).into())
}

/// `.name(arguments)`
fn method(name: &str, arguments: TokenStream) -> Vec<TokenTree> {
    vec![punct('.'), ident(name), group(Delimiter::Parenthesis, arguments)]
}

/// `|| { … }`
fn closure(body: Group) -> TokenStream {
    let bar = |spacing| TokenTree::Punct(Punct::new('|', spacing));
    [bar(Spacing::Joint), bar(Spacing::Alone), TokenTree::Group(body)].into_iter().collect()
}

/// `::a::b::c`
fn path(segments: &[&str]) -> Vec<TokenTree> {
    let colons = || [Punct::new(':', Spacing::Joint), Punct::new(':', Spacing::Alone)].map(TokenTree::Punct);
    segments.iter().flat_map(|segment| colons().into_iter().chain([ident(segment)])).collect()
}

fn ident(name: &str) -> TokenTree {
    TokenTree::Ident(Ident::new(name, Span::call_site()))
}

fn punct(character: char) -> TokenTree {
    TokenTree::Punct(Punct::new(character, Spacing::Alone))
}

fn group(delimiter: Delimiter, stream: TokenStream) -> TokenTree {
    TokenTree::Group(Group::new(delimiter, stream))
}

fn compile_error(at: Span, message: &str) -> TokenStream {
    let mut tokens = path(&["core", "compile_error"]);
    let text = TokenTree::Literal(Literal::string(message));
    tokens.extend([punct('!'), group(Delimiter::Parenthesis, text.into()), punct(';')]);
    tokens
        .into_iter()
        .map(|mut token| {
            token.set_span(at);
            token
        })
        .collect()
}
