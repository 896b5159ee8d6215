//! Parses what is given to `ironwood_store::fragment!`: a text as that of `format!`, and its arguments.

use std::collections::VecDeque;

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

/// What `ironwood_store::fragment!` calls, with the path of the module that has the types: `path; "text", arguments`.
#[proc_macro]
pub fn fragment(input: TokenStream) -> TokenStream {
    expand(input).unwrap_or_else(|(span, message)| {
        let call: TokenStream = format!("::core::compile_error!({message:?})").parse().unwrap_or_default();
        call.into_iter().map(|token| spanned(token, span)).collect()
    })
}

type Fault = (Span, String);

/// What a text consists of.
enum Piece {
    /// A literal.
    Text(TokenStream),
    /// `{}`, by its position.
    Position(usize),
    /// `{name}`.
    Name(String),
}

/// What is given for the text.
struct Argument {
    name: Option<String>,
    value: TokenStream,
    /// Holds the value, which is evaluated once.
    variable: TokenTree,
    used: bool,
}

fn expand(input: TokenStream) -> Result<TokenStream, Fault> {
    let mut segments = split(input, ';').into_iter();
    let path = segments.next().unwrap_or_default();
    let mut arguments = split(segments.next().unwrap_or_default(), ',').into_iter();
    let text = literal(arguments.next().unwrap_or_default())?;
    let pieces = parse(&text)?;
    let mut given: Vec<Argument> = Vec::new();
    for tokens in arguments.filter(|argument| !argument.is_empty()) {
        let variable = word(&format!("argument{}", given.len()));
        let (name, value) = named(&tokens).map_or((None, tokens), |(name, value)| (Some(name), value));
        given.push(Argument { name, value, variable, used: false });
    }
    let mut body = TokenStream::new();
    for piece in pieces {
        let known = match &piece {
            Piece::Text(_) => None,
            Piece::Position(at) => {
                let argument = given.iter_mut().filter(|argument| argument.name.is_none()).nth(*at);
                Some(argument.ok_or_else(|| (text.span(), format!("argument {at} is missing")))?)
            }
            Piece::Name(name) => given.iter_mut().find(|argument| argument.name.as_ref() == Some(name)),
        };
        let value = match (known, piece) {
            (Some(argument), _) => {
                argument.used = true;
                argument.variable.clone().into()
            }
            (None, Piece::Text(text)) => text,
            (None, Piece::Name(name)) => {
                [sign('&'), TokenTree::Ident(Ident::new(&name, text.span()))].into_iter().collect()
            }
            (None, Piece::Position(_)) => TokenStream::new(),
        };
        body.extend(push(&path, value));
    }
    if let Some(unused) = given.iter().find(|argument| !argument.used) {
        let span = unused.value.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span());
        return Err((span, "this argument is not used in the text".to_owned()));
    }
    Ok(whole(&path, given, body))
}

/// `{ let argument0 = &(…); …; let mut fragment = path::Fragment::new(); …; fragment }`
fn whole(path: &TokenStream, given: Vec<Argument>, body: TokenStream) -> TokenStream {
    let mut inner = TokenStream::new();
    for argument in given {
        let value = TokenTree::Group(Group::new(Delimiter::Parenthesis, argument.value));
        inner.extend([word("let"), argument.variable, sign('='), sign('&'), value, sign(';')]);
    }
    inner.extend([word("let"), word("mut"), word("fragment"), sign('=')]);
    inner.extend(path.clone());
    inner.extend(tokens("::Fragment::new();"));
    inner.extend(body);
    inner.extend([word("fragment")]);
    TokenTree::Group(Group::new(Delimiter::Brace, inner)).into()
}

/// `path::Fragment::push(&mut fragment, value);`
fn push(path: &TokenStream, value: TokenStream) -> TokenStream {
    let mut call = path.clone();
    call.extend(tokens("::Fragment::push"));
    let mut arguments: TokenStream = [sign('&'), word("mut"), word("fragment"), sign(',')].into_iter().collect();
    arguments.extend(value);
    call.extend([TokenTree::Group(Group::new(Delimiter::Parenthesis, arguments)), sign(';')]);
    call
}

fn tokens(text: &str) -> TokenStream {
    text.parse().unwrap_or_default()
}

/// A keyword, or a variable that the code around the macro cannot see.
fn word(text: &str) -> TokenTree {
    TokenTree::Ident(Ident::new(text, Span::mixed_site()))
}

fn sign(c: char) -> TokenTree {
    TokenTree::Punct(Punct::new(c, Spacing::Alone))
}

fn spanned(mut token: TokenTree, span: Span) -> TokenTree {
    token.set_span(span);
    token
}

fn split(input: TokenStream, at: char) -> Vec<TokenStream> {
    let mut parts = vec![Vec::new()];
    for token in input {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == at => parts.push(Vec::new()),
            _ => {
                if let Some(last) = parts.last_mut() {
                    last.push(token);
                }
            }
        }
    }
    parts.into_iter().map(|part| part.into_iter().collect()).collect()
}

/// The text, which may come from another macro.
fn literal(argument: TokenStream) -> Result<Literal, Fault> {
    let mut tokens = argument.into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Literal(text)), None) => Ok(text),
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::None => literal(group.stream()),
        (first, _) => {
            let span = first.map_or_else(Span::call_site, |token| token.span());
            Err((span, "the text of a fragment is a literal".to_owned()))
        }
    }
}

/// `name = value`
fn named(argument: &TokenStream) -> Option<(String, TokenStream)> {
    let mut tokens = argument.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(name)), Some(TokenTree::Punct(equals)))
            if equals.as_char() == '=' && equals.spacing() == Spacing::Alone =>
        {
            Some((name.to_string(), tokens.collect()))
        }
        _ => None,
    }
}

/// Divides a literal, as it stands in the source, at its arguments.
fn parse(text: &Literal) -> Result<Vec<Piece>, Fault> {
    let source = text.to_string();
    let fault = |message: &str| (text.span(), message.to_owned());
    let hashes = source.strip_prefix('r').map(|rest| rest.len() - rest.trim_start_matches('#').len());
    let is_raw = hashes.is_some();
    let open = hashes.map_or_else(|| "\"".to_owned(), |hashes| format!("r{}\"", "#".repeat(hashes)));
    let close = format!("\"{}", "#".repeat(hashes.unwrap_or(0)));
    let inner = source.strip_prefix(&open).and_then(|rest| rest.strip_suffix(&close));
    let mut rest: VecDeque<char> = inner.ok_or_else(|| fault("the text of a fragment is a string"))?.chars().collect();
    let (mut pieces, mut segment, mut position) = (Vec::new(), String::new(), 0);
    let finish = |segment: &mut String, pieces: &mut Vec<Piece>| {
        if !segment.is_empty() {
            let literal: TokenStream = format!("{open}{segment}{close}").parse().unwrap_or_default();
            pieces.push(Piece::Text(literal.into_iter().map(|token| spanned(token, text.span())).collect()));
            segment.clear();
        }
    };
    while let Some(c) = rest.pop_front() {
        match c {
            '\\' if !is_raw => {
                segment.push(c);
                let escaped = rest.pop_front().unwrap_or_default();
                segment.push(escaped);
                // the braces of `\u{1f}` are none of an argument
                while escaped == 'u' && !segment.ends_with('}') {
                    segment.push(rest.pop_front().ok_or_else(|| fault("this escape has no end"))?);
                }
            }
            '{' | '}' if rest.front() == Some(&c) => {
                rest.pop_front();
                segment.push(c);
            }
            '}' => return Err(fault("write `}}` for a brace that ends no argument")),
            '{' => {
                finish(&mut segment, &mut pieces);
                let end = rest.iter().position(|c| *c == '}').ok_or_else(|| fault("an argument has no end"))?;
                let name: String = rest.drain(..=end).take(end).collect();
                let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
                pieces.push(match name.as_str() {
                    "" => {
                        position += 1;
                        Piece::Position(position - 1)
                    }
                    _ if !is_name => return Err(fault("an argument is `{}`, `{0}`, or `{name}`")),
                    _ => name.parse().map_or(Piece::Name(name), Piece::Position),
                });
            }
            c => segment.push(c),
        }
    }
    finish(&mut segment, &mut pieces);
    Ok(pieces)
}
