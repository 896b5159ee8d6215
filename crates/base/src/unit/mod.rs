//! Physical units: quantities as people write them (`10k`, `4.7 uF`, `1/4 W`, `2k7`, `5 ft`), and their
//! exact conversion.
//!
//! Values are rational numbers, so that nothing is lost on the way: an inch is 25.4 mm, not about that.
//! Only roots (`V/Hz^0.5`) and pi are approximations. Whatever is read is bounded in length, depth and the
//! size of its numbers.

mod definitions;
mod expression;
mod quantity;

use std::collections::HashMap;
use std::sync::LazyLock;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use expression::Evaluated;
use quantity::{Quantity, leading_point};

/// Most characters of what is read.
pub const LONGEST: usize = 500;
/// Most bits of a number's numerator or denominator.
const BITS: u64 = 4_096;

/// Number of base dimensions: length, mass, time, current, temperature, luminosity, substance, pixels, and a
/// kind of level over each reference.
const DIMENSIONS: usize = 17;

/// Powers of the base dimensions, in twelfths.
type Dimensions = [i32; DIMENSIONS];

/// Why something cannot be read as a quantity, or not as one in a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnitError {
    /// There is nothing.
    Empty,
    /// It is not written as a quantity, or is too long.
    Malformed,
    /// This is no unit.
    Unknown(String),
    /// Numbers out of range, or a division by zero.
    Range,
    /// The quantity is of another kind than the unit: a length is no weight.
    Incompatible,
    /// The definition of this unit leads back to itself.
    Cycle(String),
}

impl std::fmt::Display for UnitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            UnitError::Empty => f.write_str("Quantity is required."),
            UnitError::Malformed => f.write_str("This is not a valid quantity."),
            UnitError::Unknown(name) => write!(f, "Unknown unit: {name}."),
            UnitError::Range => f.write_str("Quantity is out of range."),
            UnitError::Incompatible => f.write_str("This quantity cannot be converted to the unit."),
            UnitError::Cycle(name) => write!(f, "The definition of the unit {name} refers to itself."),
        }
    }
}

impl std::error::Error for UnitError {}

/// One unit: what it is in base units.
#[derive(Debug, Clone)]
struct Unit {
    name: String,
    factor: BigRational,
    dimensions: Dimensions,
    /// What zero of the unit is in base units, for scales whose zero is elsewhere (degrees Celsius).
    offset: BigRational,
    prefixes: bool,
}

/// A unit that someone added: its name, symbol (may be empty) and definition (`12 * inch`).
#[derive(Debug, Clone)]
pub struct Custom<'a> {
    pub name: &'a str,
    pub symbol: &'a str,
    pub definition: &'a str,
}

/// What `/api/units/all/` tells of a unit.
#[derive(Debug, Clone)]
pub struct About<'a> {
    /// Name, symbol or alias.
    pub name: &'a str,
    /// Whether it is another word for a unit with a name of its own.
    pub is_alias: bool,
    pub is_dimensionless: bool,
    /// Names of units of the same kind.
    pub compatible: Vec<&'a str>,
}

/// The units that are known.
#[derive(Debug, Clone, Default)]
pub struct Units {
    units: Vec<Unit>,
    names: HashMap<String, usize>,
}

static BUILT_IN: LazyLock<Units> = LazyLock::new(definitions::read);

/// The units that everyone knows.
pub fn built_in() -> &'static Units {
    &BUILT_IN
}

/// The magnitude of a quantity in a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Magnitude(BigRational);

impl Magnitude {
    /// As a binary floating-point number; `None` where it is out of range.
    pub fn to_f64(&self) -> Option<f64> {
        self.0.to_f64().filter(|number| number.is_finite())
    }

    /// As an amount, rounded half away from zero; `None` where it is out of range.
    pub fn to_amount<U: crate::amount::Unit>(&self) -> Option<crate::amount::Amount<U>> {
        self.to_scaled(U::PLACES).map(crate::amount::Amount::from_scaled)
    }

    /// As [`Magnitude::to_amount`], as an integer scaled by `10^places`.
    pub fn to_scaled(&self, places: u8) -> Option<i64> {
        let scaled = &self.0 * BigRational::from_integer(BigInt::from(10).pow(u32::from(places)));
        let half = BigRational::new(BigInt::one(), BigInt::from(2));
        let rounded = (scaled.abs() + half).floor().to_integer();
        let signed = if scaled.is_negative() { -rounded } else { rounded };
        signed.to_i64()
    }
}

impl Units {
    fn add(&mut self, names: &[&str], value: Evaluated, offset: BigRational, prefixes: bool) {
        let name = names.first().copied().unwrap_or_default().to_owned();
        let at = self.units.len();
        self.units.push(Unit { name, factor: value.value, dimensions: value.dimensions, offset, prefixes });
        for name in names {
            self.names.insert((*name).to_owned(), at);
        }
    }

    /// These units and some more. Definitions may name each other in any order; a name that is there
    /// already gets the new meaning.
    ///
    /// # Errors
    /// [`UnitError::Cycle`] for a unit that is defined by itself, [`UnitError::Unknown`] for names that
    /// are no units, and what is wrong with a definition.
    pub fn with(&self, customs: &[Custom<'_>]) -> Result<Units, UnitError> {
        let mut units = self.clone();
        let mut left: Vec<&Custom<'_>> = customs.iter().collect();
        while !left.is_empty() {
            let defined_later =
                |word: &str| left.iter().any(|c| c.name == word || (!c.symbol.is_empty() && c.symbol == word));
            // first those that stand on what is known, so that the order does not matter
            let ready = left.iter().position(|c| !expression::names(c.definition).iter().any(|w| defined_later(w)));
            let Some(ready) = ready else {
                return Err(UnitError::Cycle(left[0].name.to_owned()));
            };
            let custom = left.remove(ready);
            let mut value = units.evaluate(custom.definition)?;
            if value.offset.take().is_some() {
                return Err(UnitError::Incompatible);
            }
            if value.value.is_zero() {
                return Err(UnitError::Range);
            }
            let names: &[&str] = if custom.symbol.is_empty() { &[custom.name] } else { &[custom.name, custom.symbol] };
            units.add(names, value, BigRational::zero(), true);
        }
        Ok(units)
    }

    /// A unit by its name, symbol, plural (`inches`, `meters`) or with a prefix (`km`, `kilometers`).
    fn find(&self, word: &str) -> Option<(BigRational, &Unit)> {
        let plain = |word: &str| self.names.get(word).map(|at| &self.units[*at]);
        let singular = |word: &str| {
            plain(word).or_else(|| word.strip_suffix('s').filter(|w| w.chars().count() > 2).and_then(plain))
        };
        if let Some(unit) = singular(word) {
            return Some((BigRational::one(), unit));
        }
        definitions::PREFIXES.iter().find_map(|(prefix, power)| {
            let unit = singular(word.strip_prefix(prefix)?).filter(|u| u.prefixes)?;
            Some((definitions::power_of_ten(*power), unit))
        })
    }

    fn evaluate(&self, text: &str) -> Result<Evaluated, UnitError> {
        expression::evaluate(self, text)
    }

    /// Whether a text is a unit in which quantities can be given.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, unit: &str) -> Result<(), UnitError> {
        self.unit(unit).map(|_| ())
    }

    fn unit(&self, unit: &str) -> Result<Evaluated, UnitError> {
        let found = self.evaluate(unit)?;
        // a number alone is no unit
        if found.bare {
            return Err(UnitError::Malformed);
        }
        if found.value.is_zero() {
            return Err(UnitError::Range);
        }
        Ok(found)
    }

    /// What a quantity is in a unit. Numbers without a unit are in that unit already; a unit may be
    /// shortened to its prefix (`10k` ohm), which may stand in the place of the point (`2k7`). With no
    /// unit (empty), the magnitude is that in base units.
    ///
    /// # Errors
    /// Why the text is no such quantity.
    pub fn convert(&self, text: &str, unit: &str) -> Result<Magnitude, UnitError> {
        let (text, unit) = (imperial(text.trim()), unit.trim());
        if text.is_empty() {
            return Err(UnitError::Empty);
        }
        if text.chars().count() > LONGEST {
            return Err(UnitError::Malformed);
        }
        let target = if unit.is_empty() { None } else { Some(self.unit(unit)?) };
        let marked = target.as_ref().filter(|target| self.is_marked(target)).and_then(|_| leading_point(&text));
        let readings = match quantity::readings(&text) {
            Ok(readings) => readings,
            Err(why) => quantity::readings(&marked.ok_or(why)?)?,
        };
        let mut why = None;
        for reading in readings {
            let mut units = vec![reading.unit.clone()];
            if target.is_some() && !reading.unit.is_empty() {
                // a prefix alone shortens the unit
                units.push(format!("{}{unit}", reading.unit));
            }
            for unit in units {
                match self.measured(&reading, &unit).and_then(|value| within(value, target.as_ref())) {
                    Ok(magnitude) => return Ok(magnitude),
                    Err(error) => drop(why.get_or_insert(error)),
                }
            }
        }
        Err(why.unwrap_or(UnitError::Malformed))
    }

    /// A number in a unit.
    fn measured(&self, quantity: &Quantity, unit: &str) -> Result<Evaluated, UnitError> {
        let number = Evaluated::number(quantity.value.clone());
        match unit {
            "" => Ok(number),
            // per second
            _ if unit.starts_with('/') => number.times(self.evaluate(&format!("1{unit}"))?),
            _ if unit.starts_with("per ") => number.times(self.evaluate(&format!("1 {unit}"))?),
            _ => number.times(self.evaluate(unit)?),
        }
    }

    /// Whether values in a unit are marked with a prefix before their digits: those of resistors, capacitors and
    /// inductors.
    fn is_marked(&self, target: &Evaluated) -> bool {
        ["ohm", "farad", "henry"]
            .into_iter()
            .filter_map(|name| self.find(name))
            .any(|(_, u)| u.dimensions == target.dimensions)
    }

    /// Every unit with what it can be converted to, by name.
    pub fn all(&self) -> Vec<About<'_>> {
        let mut kinds: HashMap<Dimensions, Vec<&str>> = HashMap::new();
        for unit in self.units.iter().enumerate().filter(|(at, u)| self.names.get(&u.name) == Some(at)).map(|(_, u)| u)
        {
            kinds.entry(unit.dimensions).or_default().push(&unit.name);
        }
        kinds.values_mut().for_each(|names| names.sort_unstable());
        let mut all: Vec<About<'_>> = self
            .names
            .iter()
            .map(|(name, at)| {
                let unit = &self.units[*at];
                About {
                    name,
                    is_alias: *name != unit.name,
                    is_dimensionless: unit.dimensions == Dimensions::default(),
                    compatible: kinds.get(&unit.dimensions).cloned().unwrap_or_default(),
                }
            })
            .collect();
        all.sort_unstable_by_key(|about| about.name);
        all
    }
}

fn within(value: Evaluated, target: Option<&Evaluated>) -> Result<Magnitude, UnitError> {
    let base = value.in_base_units();
    let Some(target) = target else { return Ok(Magnitude(base)) };
    let plain = Dimensions::default();
    // `3 dozen` of a unit is a number of it
    if value.dimensions == plain && (value.bare || target.dimensions != plain) {
        return Ok(Magnitude(base));
    }
    if value.dimensions != target.dimensions {
        return Err(UnitError::Incompatible);
    }
    let zero = target.offset.clone().unwrap_or_else(BigRational::zero);
    Ok(Magnitude((base - zero) / &target.value))
}

/// `5'` are feet, `5"` are inches.
fn imperial(text: &str) -> String {
    for (sign, word) in [('\'', " feet"), ('"', " inch")] {
        if let Some(number) = text.strip_suffix(sign).filter(|rest| !rest.contains(sign)) {
            return format!("{number}{word}");
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests;
