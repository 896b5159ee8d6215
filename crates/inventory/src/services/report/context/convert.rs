//! Values of the database and of the API as values of templates.

use std::any::Any;
use std::cell::OnceCell;
use std::rc::Rc;

use ironwood_base::amount::{Amount, Unit};
use ironwood_rest::table::{Column, ColumnType};
use ironwood_store::Value as Stored;
use ironwood_template::{Failure, Map, Object, Value};
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use rust_decimal::Decimal;
use serde_json::Value as Json;

/// An amount without zeros at its end.
pub(crate) fn decimal<U: Unit>(amount: Amount<U>) -> Decimal {
    of_column(amount.scaled(), U::PLACES)
}

/// What a column of exact decimals of so many places holds, without zeros at its end.
pub(super) fn of_column(scaled: i64, places: u8) -> Decimal {
    Decimal::new(scaled, u32::from(places)).normalize()
}

/// A decimal as an amount; `None` where it is out of range.
pub(crate) fn amount<U: Unit>(number: Decimal) -> Option<Amount<U>> {
    let factor = Decimal::from(Amount::<U>::ONE.scaled());
    i64::try_from(number.checked_mul(factor)?.round()).ok().map(Amount::from_scaled)
}

/// A point in time as it is stored.
pub(crate) fn moment(text: &str, zone: &TimeZone) -> Value {
    match text.parse::<Timestamp>() {
        Ok(at) => Value::DateTime(Box::new(at.to_zoned_datetime(zone.clone()))),
        Err(_) => Value::text(text),
    }
}

/// The value of a column that is no link and no money.
pub(crate) fn stored(column: &Column, value: &Stored, zone: &TimeZone) -> Value {
    match (column.kind, value) {
        (_, Stored::Null | Stored::Bytes(_)) => Value::None,
        (ColumnType::Bool, value) => Value::Bool(value.borrow().as_bool().unwrap_or(false)),
        (ColumnType::Decimal { places, .. }, Stored::Int(scaled)) => Value::Decimal(of_column(*scaled, places)),
        (ColumnType::File | ColumnType::Image, Stored::Text(path)) if path.is_empty() => Value::text(""),
        (ColumnType::File | ColumnType::Image, Stored::Text(path)) => MediaFile::value(path),
        (ColumnType::Date, Stored::Text(text)) => {
            text.parse::<civil::Date>().map_or_else(|_| Value::text(text.as_str()), Value::Date)
        }
        (ColumnType::Time, Stored::Text(text)) => moment(text, zone),
        (ColumnType::Json, Stored::Text(text)) => {
            serde_json::from_str(text).map_or(Value::None, |json: Json| of_json(&json))
        }
        (_, Stored::Int(number)) => Value::Int(*number),
        (_, Stored::Bool(value)) => Value::Bool(*value),
        (_, Stored::Real(number)) => Decimal::try_from(*number).map_or(Value::None, Value::Decimal),
        (_, Stored::Text(text)) => Value::text(text.as_str()),
    }
}

/// A JSON value.
pub(crate) fn of_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::None,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => {
            let text = number.to_string();
            let decimal = || text.parse::<Decimal>().ok().or_else(|| Decimal::from_scientific(&text).ok());
            text.parse::<i64>().map(Value::Int).ok().or_else(|| decimal().map(Value::Decimal)).unwrap_or(Value::None)
        }
        Json::String(text) => Value::text(text.as_str()),
        Json::Array(list) => Value::from(list.iter().map(of_json).collect::<Vec<Value>>()),
        Json::Object(map) => Value::Map(Rc::new(
            map.iter().map(|(name, value)| (Rc::from(name.as_str()), of_json(value))).collect::<Map>(),
        )),
    }
}

/// A file below the media folder.
pub(crate) struct MediaFile {
    /// Its path below the media folder.
    pub path: Rc<str>,
}

impl MediaFile {
    /// The file as a value.
    pub(crate) fn value(path: &str) -> Value {
        Value::Object(Rc::new(MediaFile { path: path.into() }))
    }
}

impl Object for MediaFile {
    fn attribute(&self, name: &str) -> Result<Option<Value>, Failure> {
        Ok(match name {
            "url" => Some(Value::text(format!("/media/{}", self.path))),
            "name" | "path" => Some(Value::text(self.path.clone())),
            _ => None,
        })
    }

    fn text(&self) -> Result<String, Failure> {
        Ok(self.path.to_string())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Values by name that are made when they are first needed.
pub(crate) struct LazyMap<F: Fn() -> Result<Map, Failure>> {
    make: F,
    made: OnceCell<Rc<Map>>,
}

impl<F: Fn() -> Result<Map, Failure> + 'static> LazyMap<F> {
    /// A map that this function makes.
    pub(crate) fn value(make: F) -> Value {
        Value::Object(Rc::new(LazyMap { make, made: OnceCell::new() }))
    }

    fn map(&self) -> Result<Value, Failure> {
        if let Some(made) = self.made.get() {
            return Ok(Value::Map(made.clone()));
        }
        let made = Rc::new((self.make)()?);
        Ok(Value::Map(self.made.get_or_init(|| made).clone()))
    }
}

impl<F: Fn() -> Result<Map, Failure> + 'static> Object for LazyMap<F> {
    fn attribute(&self, name: &str) -> Result<Option<Value>, Failure> {
        self.map()?.lookup(name)
    }

    fn text(&self) -> Result<String, Failure> {
        self.map()?.to_text()
    }

    fn elements(&self) -> Result<Option<Rc<Vec<Value>>>, Failure> {
        self.map()?.elements()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
