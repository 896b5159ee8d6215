//! Reading expressions over numbers and units: `1/4 W`, `m/s^2`, `5 kg per square meter`.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{FromPrimitive, One, Pow, Signed, ToPrimitive, Zero};

use super::{BITS, Dimensions, LONGEST, UnitError, Units, definitions};

/// Most brackets within each other.
const DEEPEST: usize = 20;
/// Largest power of ten in a number, and largest power of a unit.
const LARGEST_POWER: i64 = 300;

/// A quantity in base units.
#[derive(Debug, Clone)]
pub(super) struct Evaluated {
    pub(super) value: BigRational,
    pub(super) dimensions: Dimensions,
    /// A number, without any unit.
    pub(super) bare: bool,
    /// Set for one unit by itself whose zero is elsewhere.
    pub(super) offset: Option<BigRational>,
}

impl Evaluated {
    pub(super) fn number(value: BigRational) -> Self {
        Evaluated { value, dimensions: Dimensions::default(), bare: true, offset: None }
    }

    /// Its value in base units: one degree Celsius is 274.15 K.
    pub(super) fn in_base_units(&self) -> BigRational {
        match &self.offset {
            Some(zero) => &self.value + zero,
            None => self.value.clone(),
        }
    }

    pub(super) fn times(self, other: Evaluated) -> Result<Self, UnitError> {
        // a number of degrees is a temperature; in any other product they are differences
        let offset = match (&self.offset, &other.offset) {
            (None, Some(zero)) if self.bare => Some(zero.clone()),
            (Some(zero), None) if other.bare => Some(zero.clone()),
            _ => None,
        };
        let mut dimensions = self.dimensions;
        for (own, more) in dimensions.iter_mut().zip(other.dimensions) {
            *own = own.checked_add(more).ok_or(UnitError::Range)?;
        }
        let mut value = bounded(self.value * other.value)?;
        if let Some(zero) = offset {
            value += zero;
        }
        Ok(Evaluated { value, dimensions, bare: self.bare && other.bare, offset: None })
    }

    fn inverse(self) -> Result<Self, UnitError> {
        if self.value.is_zero() {
            return Err(UnitError::Range);
        }
        let dimensions = self.dimensions.map(|power| -power);
        Ok(Evaluated { value: self.value.recip(), dimensions, bare: self.bare, offset: None })
    }

    fn plus(self, other: Evaluated) -> Result<Self, UnitError> {
        if self.dimensions != other.dimensions || self.offset.is_some() || other.offset.is_some() {
            return Err(UnitError::Incompatible);
        }
        let value = bounded(self.value + other.value)?;
        Ok(Evaluated { value, dimensions: self.dimensions, bare: self.bare && other.bare, offset: None })
    }

    fn power(self, exponent: &BigRational) -> Result<Self, UnitError> {
        let twelfths = exponent * BigRational::from_integer(BigInt::from(12));
        let large = BigRational::from_integer(BigInt::from(LARGEST_POWER));
        if !twelfths.is_integer() || exponent.abs() > large {
            return Err(UnitError::Range);
        }
        let twelfths = twelfths.to_integer().to_i32().ok_or(UnitError::Range)?;
        let mut dimensions = self.dimensions;
        for power in &mut dimensions {
            let product = i64::from(*power) * i64::from(twelfths);
            if product % 12 != 0 {
                return Err(UnitError::Range);
            }
            *power = i32::try_from(product / 12).map_err(|_| UnitError::Range)?;
        }
        if self.value.is_zero() && twelfths <= 0 {
            return Err(UnitError::Range);
        }
        let value = if twelfths % 12 == 0 {
            let power = twelfths / 12;
            let bits = self.value.numer().bits().max(self.value.denom().bits());
            if bits.saturating_mul(u64::from(power.unsigned_abs())) > BITS {
                return Err(UnitError::Range);
            }
            Pow::pow(self.value, power)
        } else if self.value.is_one() {
            self.value
        } else {
            let root = self.value.to_f64().map(|v| v.powf(f64::from(twelfths) / 12.0));
            root.filter(|v| v.is_finite()).and_then(BigRational::from_f64).ok_or(UnitError::Range)?
        };
        Ok(Evaluated { value, dimensions, bare: self.bare, offset: None })
    }
}

fn bounded(value: BigRational) -> Result<BigRational, UnitError> {
    if value.numer().bits() > BITS || value.denom().bits() > BITS { Err(UnitError::Range) } else { Ok(value) }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(BigRational),
    Name(String),
    Times,
    Over,
    Power,
    Plus,
    Minus,
    Open,
    Close,
}

/// The names in an expression.
pub(super) fn names(text: &str) -> Vec<String> {
    let tokens = tokens(text).unwrap_or_default();
    tokens.into_iter().filter_map(|t| if let Token::Name(name) = t { Some(name) } else { None }).collect()
}

/// What an expression is in base units.
pub(super) fn evaluate(units: &Units, text: &str) -> Result<Evaluated, UnitError> {
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Err(UnitError::Empty);
    }
    let mut reader = Reader { units, tokens, at: 0, depth: 0 };
    let value = reader.sum()?;
    if reader.at == reader.tokens.len() { Ok(value) } else { Err(UnitError::Malformed) }
}

fn tokens(text: &str) -> Result<Vec<Token>, UnitError> {
    // twice: a unit may stand behind a text that is as long as it may be
    if text.chars().count() > LONGEST * 2 {
        return Err(UnitError::Malformed);
    }
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        match c {
            _ if c.is_whitespace() => at += 1,
            // `N.m`: a point between units
            '.' if next.is_some_and(char::is_alphabetic) && matches!(tokens.last(), Some(Token::Name(_))) => {
                tokens.push(Token::Times);
                at += 1;
            }
            '0'..='9' | '.' => {
                let (number, end) = number(&chars, at)?;
                tokens.push(Token::Number(number));
                at = end;
            }
            '*' if next == Some('*') => {
                tokens.push(Token::Power);
                at += 2;
            }
            '*' | '·' | '×' => {
                tokens.push(Token::Times);
                at += 1;
            }
            '/' | '÷' => {
                tokens.push(Token::Over);
                at += 1;
            }
            '^' => {
                tokens.push(Token::Power);
                at += 1;
            }
            '+' => {
                tokens.push(Token::Plus);
                at += 1;
            }
            '-' | '−' => {
                tokens.push(Token::Minus);
                at += 1;
            }
            '(' => {
                tokens.push(Token::Open);
                at += 1;
            }
            ')' => {
                tokens.push(Token::Close);
                at += 1;
            }
            '²' | '³' => {
                tokens.push(Token::Power);
                tokens.push(Token::Number(definitions::integer(if c == '²' { 2 } else { 3 })));
                at += 1;
            }
            '%' | '‰' => {
                tokens.push(Token::Name(c.to_string()));
                at += 1;
            }
            _ if c.is_alphabetic() || matches!(c, '_' | '°') => {
                let start = at;
                at += 1;
                while chars.get(at).is_some_and(|c| c.is_alphanumeric() && !matches!(c, '²' | '³') || *c == '_') {
                    at += 1;
                }
                tokens.push(name(chars[start..at].iter().collect()));
            }
            _ => return Err(UnitError::Malformed),
        }
    }
    Ok(tokens)
}

fn name(word: String) -> Token {
    match word.as_str() {
        "per" => Token::Over,
        _ => Token::Name(word),
    }
}

/// A number with its point, thousands separators (`1,000`) and power of ten.
pub(super) fn number(chars: &[char], start: usize) -> Result<(BigRational, usize), UnitError> {
    let is_digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let mut at = start;
    let mut digits = String::new();
    while is_digit(at) {
        digits.push(chars[at]);
        at += 1;
        let group = (1..=3).all(|n| is_digit(at + n)) && !is_digit(at + 4);
        if chars.get(at) == Some(&',') && group && digits.len() <= 3 + digits.len() / 4 * 3 {
            at += 1;
        }
    }
    if chars.get(at) == Some(&',') {
        return Err(UnitError::Malformed);
    }
    let mut places = 0_i64;
    if chars.get(at) == Some(&'.') {
        at += 1;
        while is_digit(at) {
            digits.push(chars[at]);
            places += 1;
            at += 1;
        }
        if chars.get(at) == Some(&'.') {
            return Err(UnitError::Malformed);
        }
    }
    if digits.is_empty() {
        return Err(UnitError::Malformed);
    }
    let mut power = 0_i64;
    if matches!(chars.get(at), Some('e' | 'E')) {
        let signed = matches!(chars.get(at + 1), Some('+' | '-'));
        let first = at + 1 + usize::from(signed);
        if is_digit(first) {
            let mut end = first;
            while is_digit(end) {
                end += 1;
            }
            let text: String = chars[first..end].iter().collect();
            let size: i64 = text.parse().map_err(|_| UnitError::Range)?;
            power = if chars.get(at + 1) == Some(&'-') { -size } else { size };
            at = end;
        }
    }
    let power = power.checked_sub(places).filter(|p| p.abs() <= LARGEST_POWER + LONGEST as i64);
    let power = i32::try_from(power.ok_or(UnitError::Range)?).map_err(|_| UnitError::Range)?;
    let whole: BigInt = digits.parse().map_err(|_| UnitError::Malformed)?;
    let value = bounded(BigRational::from_integer(whole) * definitions::power_of_ten(power))?;
    Ok((value, at))
}

struct Reader<'u> {
    units: &'u Units,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    fn take_word(&mut self, words: &[&str]) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(name)) if words.contains(&name.as_str()));
        self.at += usize::from(found);
        found
    }

    fn sum(&mut self) -> Result<Evaluated, UnitError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(UnitError::Malformed);
        }
        let mut value = self.product()?;
        loop {
            if self.take(&Token::Plus) {
                value = value.plus(self.product()?)?;
            } else if self.take(&Token::Minus) {
                let mut other = self.product()?;
                other.value = -other.value;
                value = value.plus(other)?;
            } else {
                break;
            }
        }
        self.depth -= 1;
        Ok(value)
    }

    // what stands side by side is multiplied, from the left: `1/4 W` is a quarter of a watt
    fn product(&mut self) -> Result<Evaluated, UnitError> {
        let mut value = self.factor()?;
        loop {
            if self.take(&Token::Over) {
                value = value.times(self.factor()?.inverse()?)?;
            } else if self.take(&Token::Times)
                || matches!(self.peek(), Some(Token::Number(_) | Token::Name(_) | Token::Open))
            {
                value = value.times(self.factor()?)?;
            } else {
                return Ok(value);
            }
        }
    }

    fn factor(&mut self) -> Result<Evaluated, UnitError> {
        let mut negative = false;
        loop {
            if self.take(&Token::Minus) {
                negative = !negative;
            } else if !self.take(&Token::Plus) {
                break;
            }
        }
        let squared = self.take_word(&["square", "sq"]);
        let cubed = !squared && self.take_word(&["cubic"]);
        let mut value = self.power()?;
        if squared || cubed {
            value = value.power(&definitions::integer(if squared { 2 } else { 3 }))?;
        }
        if self.take_word(&["squared"]) {
            value = value.power(&definitions::integer(2))?;
        } else if self.take_word(&["cubed"]) {
            value = value.power(&definitions::integer(3))?;
        }
        if negative {
            value.value = -value.value;
        }
        Ok(value)
    }

    fn power(&mut self) -> Result<Evaluated, UnitError> {
        let value = self.atom()?;
        if !self.take(&Token::Power) {
            return Ok(value);
        }
        let negative = self.take(&Token::Minus);
        let exponent = self.atom()?;
        if !exponent.bare {
            return Err(UnitError::Malformed);
        }
        value.power(&if negative { -exponent.value } else { exponent.value })
    }

    fn atom(&mut self) -> Result<Evaluated, UnitError> {
        let token = self.peek().cloned().ok_or(UnitError::Malformed)?;
        self.at += 1;
        match token {
            Token::Number(number) => Ok(Evaluated::number(number)),
            Token::Name(name) => {
                let (prefix, unit) = self.units.find(&name).ok_or(UnitError::Unknown(name))?;
                let offset = Some(unit.offset.clone()).filter(|zero| !zero.is_zero());
                let value = bounded(prefix * &unit.factor)?;
                Ok(Evaluated { value, dimensions: unit.dimensions, bare: false, offset })
            }
            Token::Open => {
                let value = self.sum()?;
                if self.take(&Token::Close) { Ok(value) } else { Err(UnitError::Malformed) }
            }
            _ => Err(UnitError::Malformed),
        }
    }
}
