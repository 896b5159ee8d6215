//! The conditions of `{% if %}`.

use crate::engine::Engine;
use crate::error::Failure;
use crate::expression::Expression;

#[derive(Debug)]
pub(crate) enum Condition {
    Value(Expression),
    Not(Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Compare(Comparison, Box<Condition>, Box<Condition>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    Is,
    IsNot,
}

/// How deep conditions nest at the most.
const MAX_DEPTH: usize = 50;

impl Condition {
    /// Reads the words behind `if`.
    pub(crate) fn parse(words: &[String], engine: &Engine) -> Result<Condition, Failure> {
        let mut reader = Reader { words, at: 0, engine };
        let condition = reader.read(0, 0)?;
        match reader.word() {
            None => Ok(condition),
            Some(word) => Err(Failure::new(format!("Unexpected \"{word}\" in the condition."))),
        }
    }
}

struct Reader<'a> {
    words: &'a [String],
    at: usize,
    engine: &'a Engine,
}

impl Reader<'_> {
    fn word(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    /// The operator at this place: how tightly it binds, and of how many words it consists.
    fn operator(&self) -> Option<(u8, usize, Option<Comparison>)> {
        let next = self.words.get(self.at + 1).map(String::as_str);
        Some(match self.word()? {
            "or" => (1, 1, None),
            "and" => (2, 1, None),
            "in" => (4, 1, Some(Comparison::In)),
            "not" if next == Some("in") => (4, 2, Some(Comparison::NotIn)),
            "is" if next == Some("not") => (5, 2, Some(Comparison::IsNot)),
            "is" => (5, 1, Some(Comparison::Is)),
            "==" => (5, 1, Some(Comparison::Equal)),
            "!=" => (5, 1, Some(Comparison::NotEqual)),
            "<" => (5, 1, Some(Comparison::Less)),
            "<=" => (5, 1, Some(Comparison::LessOrEqual)),
            ">" => (5, 1, Some(Comparison::Greater)),
            ">=" => (5, 1, Some(Comparison::GreaterOrEqual)),
            _ => return None,
        })
    }

    fn read(&mut self, binding: u8, depth: usize) -> Result<Condition, Failure> {
        if depth > MAX_DEPTH {
            return Err(Failure::new("The condition is too long."));
        }
        let Some(word) = self.word() else {
            return Err(Failure::new("The condition is incomplete."));
        };
        let mut left = if word == "not" {
            self.at += 1;
            Condition::Not(Box::new(self.read(3, depth + 1)?))
        } else if self.operator().is_some() {
            return Err(Failure::new(format!("Unexpected \"{word}\" in the condition.")));
        } else {
            let value = Expression::parse(word, self.engine)?;
            self.at += 1;
            Condition::Value(value)
        };
        let mut count = 0;
        while let Some((strength, words, comparison)) = self.operator() {
            if strength <= binding {
                break;
            }
            count += 1;
            if count > MAX_DEPTH * 4 {
                return Err(Failure::new("The condition is too long."));
            }
            let or = self.word() == Some("or");
            self.at += words;
            let right = Box::new(self.read(strength, depth + 1)?);
            let known = Box::new(left);
            left = match comparison {
                Some(comparison) => Condition::Compare(comparison, known, right),
                None if or => Condition::Or(known, right),
                None => Condition::And(known, right),
            };
        }
        Ok(left)
    }
}
