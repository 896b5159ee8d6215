//! Cuts the text of a template into literal text, variables, and tags.

use crate::error::Position;

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    /// Literal text as it stands; of a variable or tag what stands between the marks, trimmed.
    pub(crate) text: String,
    pub(crate) position: Position,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Text,
    Variable,
    Block,
}

/// Cuts a template into tokens. Marks must open and close on one line; what does not is text. Comments (`{# … #}`) are
/// dropped. Between `{% verbatim %}` and its end everything is text.
pub(crate) fn tokenize(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut verbatim: Option<String> = None;
    let mut counter = Counter::default();
    let (mut text_from, mut at) = (0, 0);
    while let Some((start, end)) = next_mark(source, at) {
        at = end;
        let inner = source[start + 2..end - 2].trim();
        let kind = match &source[start..start + 2] {
            "{{" => TokenKind::Variable,
            "{%" => TokenKind::Block,
            _ => TokenKind::Text,
        };
        if let Some(name) = &verbatim {
            if kind != TokenKind::Block || inner != name {
                continue;
            }
            verbatim = None;
        } else if kind == TokenKind::Block && (inner == "verbatim" || inner.starts_with("verbatim ")) {
            verbatim = Some(format!("end{inner}"));
        }
        if start > text_from {
            let text = &source[text_from..start];
            tokens.push(Token { kind: TokenKind::Text, text: text.to_owned(), position: counter.position });
            counter.pass(text);
        }
        if kind != TokenKind::Text {
            tokens.push(Token { kind, text: inner.to_owned(), position: counter.position });
        }
        counter.pass(&source[start..end]);
        text_from = end;
    }
    if text_from < source.len() {
        let text = source[text_from..].to_owned();
        tokens.push(Token { kind: TokenKind::Text, text, position: counter.position });
    }
    tokens
}

/// The next `{{ … }}`, `{% … %}`, or `{# … #}` from this byte on: where it begins and where it ends.
fn next_mark(source: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = source.as_bytes();
    let mut at = from;
    while let Some(found) = source[at..].find('{') {
        let start = at + found;
        at = start + 1;
        let close = match bytes.get(start + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => continue,
        };
        let rest = &source[start + 2..];
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        if let Some(end) = line.find(close) {
            return Some((start, start + 2 + end + 2));
        }
    }
    None
}

#[derive(Default)]
struct Counter {
    position: Position,
}

impl Counter {
    fn pass(&mut self, text: &str) {
        if let Some(last) = text.rfind('\n') {
            self.position.line += text.bytes().filter(|byte| *byte == b'\n').count();
            self.position.column = text[last + 1..].chars().count();
        } else {
            self.position.column += text.chars().count();
        }
    }
}

/// Splits the words of a tag at white space. Quoted strings, also inside of a word (`name="a b"`), stay whole.
pub(crate) fn split_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    let mut escaped = false;
    for c in text.chars() {
        if let Some(q) = quote {
            word.push(c);
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == q {
                quote = None;
            }
        } else if c.is_whitespace() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        } else {
            if c == '"' || c == '\'' {
                quote = Some(c);
            }
            word.push(c);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<(TokenKind, String)> {
        tokenize(source).into_iter().map(|token| (token.kind, token.text)).collect()
    }

    #[test]
    fn marks_are_found_on_one_line_only() {
        use TokenKind::{Block, Text, Variable};
        assert_eq!(
            kinds("a {{ b }}{% c %}{# d #} e"),
            [(Text, "a ".into()), (Variable, "b".into()), (Block, "c".into()), (Text, " e".into())]
        );
        assert_eq!(kinds("{{ a\n}}"), [(Text, "{{ a\n}}".into())]);
        assert_eq!(kinds("{ {x} }"), [(Text, "{ {x} }".into())]);
        assert_eq!(kinds("{% verbatim %}{{ x }}{% endverbatim %}").len(), 3);
        assert_eq!(kinds("{% verbatim y %}{% endverbatim %}{% endverbatim y %}")[1].1, "{% endverbatim %}");
    }

    #[test]
    fn positions_count_lines_and_characters() {
        let tokens = tokenize("ä{{ a }}\n  {% b %}");
        assert_eq!(tokens[1].position, Position { line: 0, column: 1 });
        assert_eq!(tokens[3].position, Position { line: 1, column: 2 });
    }

    #[test]
    fn quoted_words_stay_whole() {
        assert_eq!(split_words(r#"with a="b c" 'd e'|f:"g h""#), ["with", r#"a="b c""#, r#"'d e'|f:"g h""#]);
    }
}
