//! Reads the text of a template into nodes.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::condition::Condition;
use crate::engine::Engine;
use crate::error::{Failure, Position, TemplateError};
use crate::expression::{Atom, Expression};
use crate::lexer::{Token, TokenKind, split_words, tokenize};
use crate::node::{Block, BlockTranslate, Node, NodeKind, SimpleCall, Template};
use crate::value::Value;

/// How deep tags nest at the most in one template.
const MAX_DEPTH: usize = 100;

/// Stack that is left, in bytes, when more is made for the next level of nesting; and how much is made.
pub(crate) const STACK_LEFT: usize = 128 << 10;
pub(crate) const STACK_STEP: usize = 2 << 20;

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// Tags that only close or divide another one.
const DIVIDERS: &[&str] = &["else", "elif", "empty", "plural"];

impl Template {
    /// Reads a template. `name` is what errors call it.
    ///
    /// # Errors
    /// Where it is malformed, or uses a tag or filter that is not there: with line and column.
    pub fn parse(name: &str, source: &str, engine: &Engine) -> Result<Template, TemplateError> {
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        let mut parser = Parser {
            engine,
            name: name.into(),
            id,
            tokens: tokenize(source).into_iter(),
            blocks: HashMap::new(),
            extends: None,
            cycles: HashMap::new(),
            last_cycle: None,
            next_state: 0,
            depth: 0,
        };
        let mut nodes = parser.until(None)?.0;
        if let Some((at, _)) = &parser.extends {
            // a child gives its blocks, and what stands before its `extends`
            nodes.retain(|node| node.position.line < at.line && matches!(node.kind, NodeKind::Text(_)));
        }
        Ok(Template { name: parser.name, nodes, extends: parser.extends, blocks: parser.blocks, id })
    }
}

struct Parser<'e> {
    engine: &'e Engine,
    name: Rc<str>,
    id: u64,
    tokens: std::vec::IntoIter<Token>,
    blocks: HashMap<Rc<str>, Rc<Block>>,
    extends: Option<(Position, Expression)>,
    /// Cycles by the name that they were given.
    cycles: HashMap<Rc<str>, (usize, Vec<Expression>)>,
    last_cycle: Option<usize>,
    next_state: usize,
    depth: usize,
}

/// A tag: its words and where it stands.
struct Tag {
    words: Vec<String>,
    position: Position,
}

impl Tag {
    fn name(&self) -> &str {
        &self.words[0]
    }

    fn rest(&self) -> &[String] {
        &self.words[1..]
    }
}

type Parsed<T> = Result<T, TemplateError>;

impl Parser<'_> {
    fn fail<T>(&self, position: Position, failure: impl Into<Failure>) -> Parsed<T> {
        Err(TemplateError {
            template: self.name.to_string(),
            line: position.line + 1,
            column: position.column + 1,
            message: failure.into().message,
        })
    }

    fn at<T>(&self, position: Position, result: Result<T, Failure>) -> Parsed<T> {
        result.or_else(|failure| self.fail(position, failure))
    }

    fn expression(&self, tag: &Tag, word: &str) -> Parsed<Expression> {
        self.at(tag.position, Expression::parse(word, self.engine))
    }

    fn expressions(&self, tag: &Tag, words: &[String]) -> Parsed<Vec<Expression>> {
        words.iter().map(|word| self.expression(tag, word)).collect()
    }

    fn state(&mut self) -> usize {
        self.next_state += 1;
        self.next_state
    }

    /// Reads nodes up to one of the tags that end them, or up to the end of the template.
    fn until(&mut self, ends: Option<(&Tag, &[&str])>) -> Parsed<(Vec<Node>, Tag)> {
        let mut nodes = Vec::new();
        while let Some(token) = self.tokens.next() {
            let position = token.position;
            let kind = match token.kind {
                TokenKind::Text => NodeKind::Text(token.text.into()),
                TokenKind::Variable if token.text.is_empty() => {
                    return self.fail(position, "A variable is missing between \"{{\" and \"}}\".");
                }
                TokenKind::Variable => {
                    NodeKind::Variable(self.at(position, Expression::parse(&token.text, self.engine))?)
                }
                TokenKind::Block => {
                    let tag = Tag { words: split_words(&token.text), position };
                    let Some(name) = tag.words.first() else {
                        return self.fail(position, "A tag is missing between \"{%\" and \"%}\".");
                    };
                    if ends.is_some_and(|(_, ends)| ends.contains(&name.as_str())) {
                        return Ok((nodes, tag));
                    }
                    if self.depth >= MAX_DEPTH {
                        return self.fail(position, format!("Tags are nested more than {MAX_DEPTH} deep."));
                    }
                    self.depth += 1;
                    // tags nest: the stack grows with them
                    let node = stacker::maybe_grow(STACK_LEFT, STACK_STEP, || self.tag(&tag))?;
                    self.depth -= 1;
                    match node {
                        Some(kind) => kind,
                        None => continue,
                    }
                }
            };
            nodes.push(Node { position, kind });
        }
        match ends {
            None => Ok((nodes, Tag { words: vec![String::new()], position: Position::default() })),
            Some((open, ends)) => self.fail(
                open.position,
                format!("\"{}\" is not closed. Add \"{{% {} %}}\".", open.name(), ends.last().unwrap_or(&"")),
            ),
        }
    }

    /// Reads the nodes of a tag that has one body.
    fn body(&mut self, tag: &Tag, end: &str) -> Parsed<Vec<Node>> {
        Ok(self.until(Some((tag, &[end])))?.0)
    }

    /// Passes over everything up to a tag; gives the text on the way.
    fn skip(&mut self, tag: &Tag, end: &str) -> Parsed<String> {
        let mut text = String::new();
        for token in self.tokens.by_ref() {
            match token.kind {
                TokenKind::Block if token.text == end => return Ok(text),
                TokenKind::Text => text.push_str(&token.text),
                _ => {}
            }
        }
        self.fail(tag.position, format!("\"{}\" is not closed. Add \"{{% {end} %}}\".", tag.name()))
    }

    fn tag(&mut self, tag: &Tag) -> Parsed<Option<NodeKind>> {
        Ok(Some(match tag.name() {
            "comment" => {
                self.skip(tag, "endcomment")?;
                return Ok(None);
            }
            // every library is at hand; one that is not there is noticed by the tags that are missed
            "load" | "csrf_token" | "debug" => return Ok(None),
            "verbatim" => {
                let end = format!("end{}", tag.words.join(" "));
                NodeKind::Text(self.skip(tag, &end)?.into())
            }
            "if" => self.if_tag(tag)?,
            "for" => self.for_tag(tag)?,
            "with" => self.with_tag(tag)?,
            "block" => self.block_tag(tag)?,
            "extends" => {
                let [word] = tag.rest() else {
                    return self.fail(tag.position, "\"extends\" takes the name of one template.");
                };
                if self.extends.is_some() {
                    return self.fail(tag.position, "A template can extend only one other template.");
                }
                self.extends = Some((tag.position, self.expression(tag, word)?));
                return Ok(None);
            }
            "include" => self.include_tag(tag)?,
            "cycle" => self.cycle_tag(tag)?,
            "resetcycle" => {
                let id = match tag.rest() {
                    [] => self.last_cycle,
                    [name, ..] => self.cycles.get(name.as_str()).map(|(id, _)| *id),
                };
                let Some(id) = id else {
                    return self.fail(tag.position, "There is no \"cycle\" to reset before this tag.");
                };
                NodeKind::ResetCycle(id)
            }
            "ifchanged" => {
                let values = self.expressions(tag, tag.rest())?;
                let (body, end) = self.until(Some((tag, &["else", "endifchanged"])))?;
                let unchanged = if end.name() == "else" { self.body(tag, "endifchanged")? } else { Vec::new() };
                NodeKind::IfChanged { id: self.state(), values, body, unchanged }
            }
            "regroup" => match tag.rest() {
                [list, by, name, keyword, target] if by == "by" && keyword == "as" => NodeKind::Regroup {
                    list: self.expression(tag, list)?,
                    by: self.expression(tag, &format!("item.{name}"))?,
                    target: target.as_str().into(),
                },
                _ => return self.fail(tag.position, "Write \"regroup LIST by ATTRIBUTE as NAME\"."),
            },
            "filter" => {
                let source = tag.rest().join(" ");
                let mut expression = self.expression(tag, &format!("item|{source}"))?;
                expression.atom = Atom::Constant(Value::None);
                NodeKind::Filter(expression, self.body(tag, "endfilter")?)
            }
            "firstof" => {
                let (words, target) = split_target(tag.rest());
                NodeKind::FirstOf(self.expressions(tag, words)?, target)
            }
            "autoescape" => {
                let on = match tag.rest() {
                    [word] if word == "on" => true,
                    [word] if word == "off" => false,
                    _ => return self.fail(tag.position, "Write \"autoescape on\" or \"autoescape off\"."),
                };
                NodeKind::AutoEscape(on, self.body(tag, "endautoescape")?)
            }
            "spaceless" => NodeKind::Spaceless(self.body(tag, "endspaceless")?),
            "now" => {
                let (words, target) = split_target(tag.rest());
                let [format] = words else {
                    return self.fail(tag.position, "\"now\" takes a format, such as \"Y-m-d\".");
                };
                NodeKind::Now(format.trim_matches(['"', '\'']).to_owned(), target)
            }
            "widthratio" => {
                let (words, target) = split_target(tag.rest());
                let [value, most, width] = words else {
                    return self.fail(tag.position, "\"widthratio\" takes a value, the highest value, and a width.");
                };
                let [value, most, width] = [value, most, width].map(|word| self.expression(tag, word));
                NodeKind::WidthRatio { value: value?, most: most?, width: width?, target }
            }
            "templatetag" => NodeKind::Text(self.template_tag(tag)?.into()),
            // numbers are written the same way everywhere, and times in the zone that they come with
            "localize" | "localtime" | "timezone" | "language" | "cache" => {
                let end = format!("end{}", tag.name());
                NodeKind::Scope(self.body(tag, &end)?)
            }
            "trans" | "translate" => self.translate_tag(tag)?,
            "blocktrans" | "blocktranslate" => self.block_translate_tag(tag)?,
            name if name.starts_with("end") || DIVIDERS.contains(&name) => {
                return self.fail(tag.position, format!("\"{name}\" has no opening tag before it."));
            }
            _ => NodeKind::Simple(self.simple_tag(tag)?),
        }))
    }

    fn if_tag(&mut self, tag: &Tag) -> Parsed<NodeKind> {
        let mut branches = Vec::new();
        let mut condition = Some(self.at(tag.position, Condition::parse(tag.rest(), self.engine))?);
        loop {
            let ends: &[&str] = if condition.is_some() { &["elif", "else", "endif"] } else { &["endif"] };
            let (nodes, end) = self.until(Some((tag, ends)))?;
            branches.push((condition.take(), nodes));
            match end.name() {
                "elif" => condition = Some(self.at(end.position, Condition::parse(end.rest(), self.engine))?),
                "else" => {}
                _ => return Ok(NodeKind::If(branches)),
            }
        }
    }

    fn for_tag(&mut self, tag: &Tag) -> Parsed<NodeKind> {
        let words = tag.rest();
        let reversed = words.len() > 3 && words.last().is_some_and(|word| word == "reversed");
        let words = if reversed { &words[..words.len() - 1] } else { words };
        let malformed = "Write \"for NAME in LIST\".";
        let Some(at) = words.iter().rposition(|word| word == "in").filter(|at| *at > 0 && at + 2 == words.len()) else {
            return self.fail(tag.position, malformed);
        };
        let names: Vec<Rc<str>> =
            words[..at].join(" ").split([',', ' ']).filter(|name| !name.is_empty()).map(Rc::from).collect();
        if names.is_empty() || names.iter().any(|name| name.contains(['"', '\'', '|', '.'])) {
            return self.fail(tag.position, malformed);
        }
        let list = self.expression(tag, &words[at + 1])?;
        let (body, end) = self.until(Some((tag, &["empty", "endfor"])))?;
        let empty = if end.name() == "empty" { self.body(tag, "endfor")? } else { Vec::new() };
        Ok(NodeKind::For { names, list, reversed, body, empty })
    }

    fn with_tag(&mut self, tag: &Tag) -> Parsed<NodeKind> {
        let words = tag.rest();
        let pairs = match words {
            [value, keyword, name] if keyword == "as" => vec![(name.as_str().into(), self.expression(tag, value)?)],
            _ => self.assignments(tag, words)?,
        };
        if pairs.is_empty() {
            return self.fail(tag.position, "Write \"with NAME=VALUE\".");
        }
        Ok(NodeKind::With(pairs, self.body(tag, "endwith")?))
    }

    /// Reads `name=value` words.
    fn assignments(&self, tag: &Tag, words: &[String]) -> Parsed<Vec<(Rc<str>, Expression)>> {
        let mut pairs = Vec::new();
        for word in words {
            let Some((name, value)) = named_argument(word) else {
                return self.fail(tag.position, format!("Expected NAME=VALUE instead of \"{word}\"."));
            };
            pairs.push((name.into(), self.expression(tag, value)?));
        }
        Ok(pairs)
    }

    fn block_tag(&mut self, tag: &Tag) -> Parsed<NodeKind> {
        let [name] = tag.rest() else {
            return self.fail(tag.position, "\"block\" takes one name.");
        };
        let name: Rc<str> = name.as_str().into();
        let (nodes, end) = self.until(Some((tag, &["endblock"])))?;
        if let Some(other) = end.words.get(1).filter(|other| ***other != *name) {
            return self.fail(end.position, format!("This closes block \"{other}\", but block \"{name}\" is open."));
        }
        if self.blocks.contains_key(&name) {
            return self.fail(tag.position, format!("There are two blocks named \"{name}\"."));
        }
        let block = Block { nodes, template: self.name.clone(), template_id: self.id };
        self.blocks.insert(name.clone(), Rc::new(block));
        Ok(NodeKind::Block(name))
    }

    fn include_tag(&mut self, tag: &Tag) -> Parsed<NodeKind> {
        let Some((template, mut words)) = tag.rest().split_first() else {
            return self.fail(tag.position, "\"include\" takes the name of a template.");
        };
        let template = self.expression(tag, template)?;
        let only = words.last().is_some_and(|word| word == "only");
        if only {
            words = &words[..words.len() - 1];
        }
        let with = match words.split_first() {
            None => Vec::new(),
            Some((first, pairs)) if first == "with" => self.assignments(tag, pairs)?,
            Some((first, _)) => return self.fail(tag.position, format!("Unexpected \"{first}\" in \"include\".")),
        };
        Ok(NodeKind::Include { template, with, only })
    }

    fn cycle_tag(&mut self, tag: &Tag) -> Parsed<NodeKind> {
        let mut words = tag.rest();
        if let [name] = words
            && let Some((id, values)) = self.cycles.get(name.as_str())
        {
            return Ok(NodeKind::Cycle {
                id: *id,
                values: values.clone(),
                target: Some(name.as_str().into()),
                silent: false,
            });
        }
        let silent = words.len() > 3 && words[words.len() - 1] == "silent" && words[words.len() - 3] == "as";
        if silent {
            words = &words[..words.len() - 1];
        }
        let (words, target) = split_target(words);
        let values = self.expressions(tag, words)?;
        if values.is_empty() {
            return self.fail(tag.position, "\"cycle\" takes at least one value.");
        }
        let id = self.state();
        self.last_cycle = Some(id);
        if let Some(name) = &target {
            self.cycles.insert(name.clone(), (id, values.clone()));
        }
        Ok(NodeKind::Cycle { id, values, target, silent })
    }

    fn template_tag(&self, tag: &Tag) -> Parsed<&'static str> {
        let word = tag.words.get(1).map_or("", String::as_str);
        Ok(match word {
            "openblock" => "{%",
            "closeblock" => "%}",
            "openvariable" => "{{",
            "closevariable" => "}}",
            "openbrace" => "{",
            "closebrace" => "}",
            "opencomment" => "{#",
            "closecomment" => "#}",
            _ => return self.fail(tag.position, format!("\"{word}\" is not a valid name for \"templatetag\".")),
        })
    }

    fn translate_tag(&mut self, tag: &Tag) -> Parsed<NodeKind> {
        let Some((text, mut words)) = tag.rest().split_first() else {
            return self.fail(tag.position, "\"trans\" takes a string.");
        };
        let mut target = None;
        loop {
            words = match words {
                [] => break,
                [word, rest @ ..] if word == "noop" => rest,
                [word, _, rest @ ..] if word == "context" => rest,
                [word, name, rest @ ..] if word == "as" => {
                    target = Some(name.as_str().into());
                    rest
                }
                [word, ..] => return self.fail(tag.position, format!("Unexpected \"{word}\" in \"trans\".")),
            };
        }
        Ok(NodeKind::Translate(self.expression(tag, text)?, target))
    }

    fn block_translate_tag(&mut self, tag: &Tag) -> Parsed<NodeKind> {
        let mut found = BlockTranslate {
            with: vec![],
            count: None,
            trimmed: false,
            target: None,
            singular: vec![],
            plural: vec![],
        };
        let mut words = tag.rest();
        loop {
            words = match words {
                [] => break,
                [word, rest @ ..] if word == "with" || word == "and" => rest,
                [word, rest @ ..] if word == "trimmed" => {
                    found.trimmed = true;
                    rest
                }
                [word, name, rest @ ..] if word == "asvar" => {
                    found.target = Some(name.as_str().into());
                    rest
                }
                [word, _, rest @ ..] if word == "context" => rest,
                [word, pair, rest @ ..] if word == "count" => {
                    found.count = self.assignments(tag, std::slice::from_ref(pair))?.pop();
                    rest
                }
                [value, word, name, rest @ ..] if word == "as" => {
                    found.with.push((name.as_str().into(), self.expression(tag, value)?));
                    rest
                }
                [pair, rest @ ..] => {
                    found.with.append(&mut self.assignments(tag, std::slice::from_ref(pair))?);
                    rest
                }
            };
        }
        let end = format!("end{}", tag.name());
        let (nodes, last) = self.until(Some((tag, &["plural", &end])))?;
        found.singular = nodes;
        if last.name() == "plural" {
            found.plural = self.body(tag, &end)?;
        }
        Ok(NodeKind::BlockTranslate(Box::new(found)))
    }

    fn simple_tag(&self, tag: &Tag) -> Parsed<SimpleCall> {
        if !self.engine.has_tag(tag.name()) {
            return self.fail(tag.position, format!("Unknown tag \"{}\".", tag.name()));
        }
        let (words, target) = split_target(tag.rest());
        let (mut arguments, mut named) = (Vec::new(), Vec::new());
        for word in words {
            match named_argument(word) {
                Some((name, value)) => named.push((Rc::from(name), self.expression(tag, value)?)),
                None if named.is_empty() => arguments.push(self.expression(tag, word)?),
                None => {
                    return self.fail(
                        tag.position,
                        format!("\"{word}\" follows a named argument. Positional arguments must come first."),
                    );
                }
            }
        }
        Ok(SimpleCall { name: tag.name().into(), arguments, named, target })
    }
}

/// Cuts `as NAME` off the words of a tag.
fn split_target(words: &[String]) -> (&[String], Option<Rc<str>>) {
    match words {
        [rest @ .., keyword, name] if keyword == "as" => (rest, Some(name.as_str().into())),
        _ => (words, None),
    }
}

/// The name and the value of `name=value`.
fn named_argument(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_name && !value.is_empty()).then_some((name, value))
}
