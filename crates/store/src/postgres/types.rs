//! Values in the form that the server expects for each type, and back.

use std::error::Error as StdError;

use bytes::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::value::{Value, ValueRef};

type Fail = Box<dyn StdError + Sync + Send>;

pub(crate) fn read(row: &postgres::Row, i: usize) -> ValueRef<'_> {
    row.try_get(i).unwrap_or(ValueRef::Null)
}

impl<'a> FromSql<'a> for ValueRef<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Fail> {
        Ok(match *ty {
            Type::BOOL => ValueRef::Bool(bool::from_sql(ty, raw)?),
            Type::INT8 => ValueRef::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => ValueRef::Int(i64::from(i32::from_sql(ty, raw)?)),
            Type::INT2 => ValueRef::Int(i64::from(i16::from_sql(ty, raw)?)),
            Type::OID => ValueRef::Int(i64::from(u32::from_sql(ty, raw)?)),
            Type::FLOAT8 => ValueRef::Real(f64::from_sql(ty, raw)?),
            Type::FLOAT4 => ValueRef::Real(f64::from(f32::from_sql(ty, raw)?)),
            Type::NUMERIC => numeric(raw)?,
            Type::BYTEA => ValueRef::Bytes(raw),
            _ => match std::str::from_utf8(raw) {
                Ok(text) => ValueRef::Text(text),
                Err(_) => ValueRef::Bytes(raw),
            },
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Fail> {
        Ok(ValueRef::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A number of arbitrary length: groups of four digits, the first of weight `10000^weight`.
fn numeric(raw: &[u8]) -> Result<ValueRef<'static>, Fail> {
    let word = |at: usize| -> Result<[u8; 2], Fail> {
        raw.get(2 * at..2 * at + 2).and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| "short numeric".into())
    };
    let count = usize::from(u16::from_be_bytes(word(0)?));
    let weight = i32::from(i16::from_be_bytes(word(1)?));
    let sign = u16::from_be_bytes(word(2)?);
    if sign & 0xC000 == 0xC000 {
        return Ok(ValueRef::Real(match sign {
            0xD000 => f64::INFINITY,
            0xF000 => f64::NEG_INFINITY,
            _ => f64::NAN,
        }));
    }
    let negative = sign == 0x4000;
    let mut whole = Some(0_i128);
    let mut real = 0_f64;
    let groups = count.max(usize::try_from(weight + 1).unwrap_or(0));
    for group in 0..groups {
        let digits = if group < count { u16::from_be_bytes(word(4 + group)?) } else { 0 };
        let power = weight - i32::try_from(group)?;
        real += f64::from(digits) * 10000_f64.powi(power);
        whole = match whole {
            Some(value) if power >= 0 => {
                value.checked_mul(10000).and_then(|value| value.checked_add(i128::from(digits)))
            }
            Some(value) if digits == 0 => Some(value),
            _ => None,
        };
    }
    let signed = whole.map(|value| if negative { -value } else { value });
    Ok(match signed.and_then(|value| i64::try_from(value).ok()) {
        Some(value) => ValueRef::Int(value),
        None => ValueRef::Real(if negative { -real } else { real }),
    })
}

/// The server says which type it takes each parameter for; the value is converted the way SQLite
/// would do it for a column of that type.
impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Fail> {
        let value = match self {
            Value::Null => return Ok(IsNull::Yes),
            Value::Bool(value) => {
                return if *ty == Type::BOOL {
                    value.to_sql(ty, out)
                } else {
                    Value::Int(i64::from(*value)).to_sql(ty, out)
                };
            }
            Value::Bytes(bytes) => return bytes.as_slice().to_sql(ty, out),
            other => other,
        };
        match *ty {
            Type::BOOL => (int(value)? != 0).to_sql(ty, out),
            Type::INT8 => int(value)?.to_sql(ty, out),
            // where a function takes nothing wider, the nearest number has to do
            Type::INT4 => (int(value)?.clamp(i32::MIN.into(), i32::MAX.into()) as i32).to_sql(ty, out),
            Type::INT2 => (int(value)?.clamp(i16::MIN.into(), i16::MAX.into()) as i16).to_sql(ty, out),
            Type::OID => u32::try_from(int(value)?)?.to_sql(ty, out),
            Type::FLOAT8 => real(value)?.to_sql(ty, out),
            Type::FLOAT4 => (real(value)? as f32).to_sql(ty, out),
            Type::NUMERIC => {
                write_numeric(int(value)?, out);
                Ok(IsNull::No)
            }
            Type::BYTEA => match value {
                Value::Text(text) => text.as_bytes().to_sql(ty, out),
                _ => Err("a number where bytes are expected".into()),
            },
            _ => {
                match value {
                    Value::Text(text) => out.extend_from_slice(text.as_bytes()),
                    Value::Int(value) => out.extend_from_slice(value.to_string().as_bytes()),
                    Value::Real(value) => out.extend_from_slice(value.to_string().as_bytes()),
                    _ => return Err(format!("no value for the type {ty}").into()),
                }
                Ok(IsNull::No)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn int(value: &Value) -> Result<i64, Fail> {
    match value {
        Value::Int(value) => Ok(*value),
        Value::Text(text) => Ok(text.trim().parse()?),
        // exact, or refused
        Value::Real(value) if value.fract() == 0.0 && value.abs() < 9e15 => Ok(*value as i64),
        other => Err(format!("{other:?} where a whole number is expected").into()),
    }
}

fn real(value: &Value) -> Result<f64, Fail> {
    match value {
        Value::Real(value) => Ok(*value),
        Value::Int(value) => Ok(*value as f64),
        Value::Text(text) => Ok(text.trim().parse()?),
        other => Err(format!("{other:?} where a number is expected").into()),
    }
}

fn write_numeric(value: i64, out: &mut BytesMut) {
    let mut groups = Vec::with_capacity(5);
    let mut rest = value.unsigned_abs();
    while rest > 0 {
        groups.push((rest % 10000) as u16);
        rest /= 10000;
    }
    let mut word = |word: u16| out.extend_from_slice(&word.to_be_bytes());
    word(groups.len() as u16);
    word(groups.len().saturating_sub(1) as u16); // weight of the first group
    word(if value < 0 { 0x4000 } else { 0 });
    word(0); // decimal places
    for group in groups.iter().rev() {
        word(*group);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerics_survive_the_way_there_and_back() {
        for value in [0, 1, -1, 9_999, 10_000, 100_000_000, -123_456_789, i64::MAX, i64::MIN] {
            let mut out = BytesMut::new();
            write_numeric(value, &mut out);
            assert_eq!(numeric(&out).ok(), Some(ValueRef::Int(value)));
        }
    }
}
