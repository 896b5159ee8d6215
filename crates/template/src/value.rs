//! What a template works with: texts, numbers, dates, lists, and records of the host program.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use indexmap::IndexMap;
use jiff::{ZonedDateTime, civil};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::error::Failure;

/// Entries by name, in the order in which they were added.
pub type Map = IndexMap<Rc<str>, Value>;

/// A text, and whether it is HTML already.
#[derive(Debug, Clone)]
pub struct Text {
    /// The characters.
    pub value: Rc<str>,
    /// Whether it is written into the output as it is. Other texts are escaped.
    pub safe: bool,
}

/// A value of a template.
#[derive(Clone, Default)]
pub enum Value {
    /// Nothing; also what a name that is not there stands for in conditions.
    #[default]
    None,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A decimal number. It is written with the digits that it has.
    Decimal(Decimal),
    /// An amount and the code of its currency.
    Money(Decimal, Rc<str>),
    /// A text.
    Text(Text),
    /// A day.
    Date(civil::Date),
    /// A time of day.
    Time(civil::Time),
    /// A point in time, with the time zone that it is shown in.
    DateTime(Box<ZonedDateTime>),
    /// A list.
    List(Rc<Vec<Value>>),
    /// Values by name.
    Map(Rc<Map>),
    /// Something of the host program: a record, a list that is read when it is needed.
    Object(Rc<dyn Object>),
}

/// Something of the host program that templates look into.
///
/// All methods may read from a database, and are called only for what a template uses.
pub trait Object {
    /// The value of an attribute, or of a method without arguments; `None` where there is none.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn attribute(&self, name: &str) -> Result<Option<Value>, Failure>;

    /// How it stands in a text.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn text(&self) -> Result<String, Failure>;

    /// Its elements, where it is a list.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn elements(&self) -> Result<Option<Rc<Vec<Value>>>, Failure> {
        Ok(None)
    }

    /// Whether it counts as true.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn truth(&self) -> Result<bool, Failure> {
        Ok(self.elements()?.is_none_or(|list| !list.is_empty()))
    }

    /// What two objects that are the same thing have in common, such as `("part", 4)`.
    fn identity(&self) -> Option<(Rc<str>, i64)> {
        None
    }

    /// For the host program's own tags, which know their objects.
    fn as_any(&self) -> &dyn std::any::Any;
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repr().unwrap_or_else(|failure| failure.message))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::Int(value)
    }
}

impl From<Decimal> for Value {
    fn from(value: Decimal) -> Value {
        Value::Decimal(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::None, Into::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Value {
        Value::List(Rc::new(values.into_iter().map(Into::into).collect()))
    }
}

impl Value {
    /// A text that is escaped where it is written into HTML.
    pub fn text(text: impl Into<Rc<str>>) -> Value {
        Value::Text(Text { value: text.into(), safe: false })
    }

    /// A text that is HTML already.
    pub fn safe(html: impl Into<Rc<str>>) -> Value {
        Value::Text(Text { value: html.into(), safe: true })
    }

    /// Values by name.
    pub fn map<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
        Value::Map(Rc::new(entries.into_iter().map(|(name, value)| (Rc::from(name), value)).collect()))
    }

    /// Whether it is [`Value::None`].
    pub fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }

    /// Whether it counts as true: not nothing, not zero, not empty.
    ///
    /// # Errors
    /// Where an object cannot be read.
    pub fn truth(&self) -> Result<bool, Failure> {
        Ok(match self {
            Value::None => false,
            Value::Bool(value) => *value,
            Value::Int(value) => *value != 0,
            Value::Decimal(value) | Value::Money(value, _) => !value.is_zero(),
            Value::Text(text) => !text.value.is_empty(),
            Value::Date(_) | Value::Time(_) | Value::DateTime(_) => true,
            Value::List(list) => !list.is_empty(),
            Value::Map(map) => !map.is_empty(),
            Value::Object(object) => object.truth()?,
        })
    }

    /// The value as a text, as `str()` gives it.
    ///
    /// # Errors
    /// Where an object cannot be read.
    pub fn to_text(&self) -> Result<String, Failure> {
        Ok(match self {
            Value::None => "None".into(),
            Value::Bool(true) => "True".into(),
            Value::Bool(false) => "False".into(),
            Value::Int(value) => value.to_string(),
            Value::Decimal(value) => value.to_string(),
            Value::Money(amount, currency) => format!("{currency} {}", with_two_places(*amount)),
            Value::Text(text) => text.value.to_string(),
            Value::Date(date) => date.to_string(),
            Value::Time(time) => time.to_string(),
            Value::DateTime(time) => time.strftime("%Y-%m-%d %H:%M:%S%:z").to_string(),
            Value::List(_) | Value::Map(_) => self.repr()?,
            Value::Object(object) => object.text()?,
        })
    }

    /// The value as it stands inside of a list that is written out.
    ///
    /// # Errors
    /// Where an object cannot be read.
    pub fn repr(&self) -> Result<String, Failure> {
        Ok(match self {
            Value::Text(text) => {
                let quote = if text.value.contains('\'') && !text.value.contains('"') { '"' } else { '\'' };
                let inner = text.value.replace('\\', "\\\\").replace('\n', "\\n");
                format!("{quote}{}{quote}", if quote == '\'' { inner.replace('\'', "\\'") } else { inner })
            }
            Value::List(list) => {
                let texts: Result<Vec<String>, Failure> = list.iter().map(Value::repr).collect();
                format!("[{}]", texts?.join(", "))
            }
            Value::Map(map) => {
                let mut texts = Vec::new();
                for (name, value) in map.iter() {
                    texts.push(format!("{}: {}", Value::text(name.clone()).repr()?, value.repr()?));
                }
                format!("{{{}}}", texts.join(", "))
            }
            other => other.to_text()?,
        })
    }

    /// Its elements, where it is something to go through: a list, the names of a map, the characters of a text.
    ///
    /// # Errors
    /// Where an object cannot be read.
    pub fn elements(&self) -> Result<Option<Rc<Vec<Value>>>, Failure> {
        Ok(match self {
            Value::List(list) => Some(list.clone()),
            Value::Map(map) => Some(Rc::new(map.keys().map(|name| Value::text(name.clone())).collect())),
            Value::Text(text) => Some(Rc::new(text.value.chars().map(|c| Value::text(c.to_string())).collect())),
            Value::Object(object) => object.elements()?,
            _ => None,
        })
    }

    /// The number that it is or that its text says.
    pub fn as_number(&self) -> Option<Decimal> {
        match self {
            Value::Bool(value) => Some(Decimal::from(u8::from(*value))),
            Value::Int(value) => Some(Decimal::from(*value)),
            Value::Decimal(value) | Value::Money(value, _) => Some(*value),
            Value::Text(text) => parse_number(&text.value),
            _ => None,
        }
    }

    /// The whole number that it is or that its text says; decimals are cut off.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Text(text) => text.value.trim().parse().ok(),
            other => other.as_number()?.trunc().to_i64(),
        }
    }

    /// What stands under a name, without reading objects of a list: the value of a map, the element of a list, the
    /// attribute of an object, or what Python's types offer to templates (`.items`, `.year`, `.amount`, …).
    ///
    /// # Errors
    /// Where an object cannot be read.
    pub fn lookup(&self, name: &str) -> Result<Option<Value>, Failure> {
        if name.starts_with('_') {
            return Err(Failure::new(format!(
                "\"{name}\" is private. Names that begin with an underscore cannot be used."
            )));
        }
        if let Value::Object(object) = self
            && let Some(value) = object.attribute(name)?
        {
            return Ok(Some(value));
        }
        if let Value::Map(map) = self
            && let Some(value) = map.get(name)
        {
            return Ok(Some(value.clone()));
        }
        if let Ok(index) = name.parse::<usize>() {
            return Ok(self.elements()?.and_then(|list| list.get(index).cloned()));
        }
        Ok(match self {
            Value::Map(map) => match name {
                "items" => Some(Value::from(
                    map.iter()
                        .map(|(name, value)| Value::from(vec![Value::text(name.clone()), value.clone()]))
                        .collect::<Vec<_>>(),
                )),
                "keys" => Some(Value::List(Rc::new(map.keys().map(|name| Value::text(name.clone())).collect()))),
                "values" => Some(Value::List(Rc::new(map.values().cloned().collect()))),
                _ => None,
            },
            Value::Text(text) => text_method(&text.value, name),
            Value::Date(date) => date_part(*date, name),
            Value::DateTime(time) => match name {
                "date" => Some(Value::Date(time.date())),
                "time" => Some(Value::Time(time.time())),
                "hour" => Some(Value::Int(time.hour().into())),
                "minute" => Some(Value::Int(time.minute().into())),
                "second" => Some(Value::Int(time.second().into())),
                "isoformat" => Some(Value::text(time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())),
                _ => date_part(time.date(), name),
            },
            Value::Money(amount, currency) => match name {
                "amount" => Some(Value::Decimal(*amount)),
                "currency" => Some(Value::map([("code", Value::text(currency.clone()))])),
                _ => None,
            },
            Value::List(list) => match name {
                // lists of rows are often made by the host: what works for those works for all lists
                "all" => Some(self.clone()),
                "count" => Some(Value::Int(i64::try_from(list.len()).unwrap_or(i64::MAX))),
                "first" => Some(list.first().cloned().unwrap_or_default()),
                "last" => Some(list.last().cloned().unwrap_or_default()),
                "exists" => Some(Value::Bool(!list.is_empty())),
                _ => None,
            },
            _ => None,
        })
    }

    /// Whether both are the same, as `==` says: numbers by value, texts by their characters, objects by identity.
    pub fn equals(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::None, Value::None) => true,
            (Value::Text(a), Value::Text(b)) => a.value == b.value,
            (Value::Money(a, x), Value::Money(b, y)) => a == b && x == y,
            (Value::Date(a), Value::Date(b)) => a == b,
            (Value::Time(a), Value::Time(b)) => a == b,
            (Value::DateTime(a), Value::DateTime(b)) => a.timestamp() == b.timestamp(),
            (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.equals(b)),
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len() && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| value.equals(other)))
            }
            (Value::Object(a), Value::Object(b)) => {
                Rc::ptr_eq(a, b) || a.identity().is_some_and(|identity| b.identity() == Some(identity))
            }
            _ => match (self.plain_number(), other.plain_number()) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            },
        }
    }

    /// Which is less; `None` where they cannot be compared.
    pub fn compare(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Text(a), Value::Text(b)) => Some(a.value.cmp(&b.value)),
            (Value::Money(a, x), Value::Money(b, y)) if x == y => Some(a.cmp(b)),
            (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
            (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
            (Value::DateTime(a), Value::DateTime(b)) => Some(a.timestamp().cmp(&b.timestamp())),
            (Value::List(a), Value::List(b)) => {
                for (a, b) in a.iter().zip(b.iter()) {
                    match a.compare(b)? {
                        Ordering::Equal => {}
                        other => return Some(other),
                    }
                }
                Some(a.len().cmp(&b.len()))
            }
            _ => Some(self.plain_number()?.cmp(&other.plain_number()?)),
        }
    }

    fn plain_number(&self) -> Option<Decimal> {
        match self {
            Value::Bool(_) | Value::Int(_) | Value::Decimal(_) => self.as_number(),
            _ => None,
        }
    }
}

/// Reads a number: digits with a sign, a decimal point, an exponent.
pub(crate) fn parse_number(text: &str) -> Option<Decimal> {
    let text = text.trim();
    text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
}

fn with_two_places(amount: Decimal) -> String {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount.to_string()
}

fn date_part(date: civil::Date, name: &str) -> Option<Value> {
    Some(match name {
        "year" => Value::Int(date.year().into()),
        "month" => Value::Int(date.month().into()),
        "day" => Value::Int(date.day().into()),
        "weekday" => Value::Int(date.weekday().to_monday_zero_offset().into()),
        "isoweekday" => Value::Int(date.weekday().to_monday_one_offset().into()),
        "isoformat" => Value::text(date.to_string()),
        _ => return None,
    })
}

fn text_method(text: &str, name: &str) -> Option<Value> {
    Some(match name {
        "upper" => Value::text(text.to_uppercase()),
        "lower" => Value::text(text.to_lowercase()),
        "title" => Value::text(crate::filters::text::title_case(text)),
        "capitalize" => Value::text(crate::filters::text::capitalize(&text.to_lowercase())),
        "strip" => Value::text(text.trim()),
        "split" => Value::from(text.split_whitespace().collect::<Vec<_>>()),
        "splitlines" => Value::from(text.lines().collect::<Vec<_>>()),
        "isdigit" => Value::Bool(!text.is_empty() && text.chars().all(|c| c.is_ascii_digit())),
        "isalpha" => Value::Bool(!text.is_empty() && text.chars().all(char::is_alphabetic)),
        "isnumeric" => Value::Bool(!text.is_empty() && text.chars().all(char::is_numeric)),
        _ => return None,
    })
}

/// A list that is made when it is first needed.
pub struct LazyList<F: Fn() -> Result<Vec<Value>, Failure>> {
    make: F,
    made: OnceCell<Rc<Vec<Value>>>,
}

impl<F: Fn() -> Result<Vec<Value>, Failure> + 'static> LazyList<F> {
    /// A list that this function makes.
    pub fn value(make: F) -> Value {
        Value::Object(Rc::new(LazyList { make, made: OnceCell::new() }))
    }

    fn list(&self) -> Result<Rc<Vec<Value>>, Failure> {
        if self.made.get().is_none() {
            let made = Rc::new((self.make)()?);
            let _ = self.made.set(made);
        }
        Ok(self.made.get().cloned().unwrap_or_default())
    }
}

impl<F: Fn() -> Result<Vec<Value>, Failure> + 'static> Object for LazyList<F> {
    fn attribute(&self, name: &str) -> Result<Option<Value>, Failure> {
        Value::List(self.list()?).lookup(name)
    }

    fn text(&self) -> Result<String, Failure> {
        Value::List(self.list()?).to_text()
    }

    fn elements(&self) -> Result<Option<Rc<Vec<Value>>>, Failure> {
        Ok(Some(self.list()?))
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
