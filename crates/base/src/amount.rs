//! Amounts: exact decimals whose unit and number of places are part of their type.
//!
//! An amount is an integer scaled by the power of ten of its [`Unit`]. Amounts of different units cannot be added,
//! compared, or assigned to each other; products and quotients are exact and rounded once, half away from zero. The
//! scaled integer itself is for the database and for JSON: see [`Amount::scaled`].

use std::fmt;
use std::hash::Hash;
use std::iter::Sum;
use std::marker::PhantomData;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use crate::decimal::{self, DecimalError, Excess};

/// What an amount counts.
pub trait Unit: Copy + Ord + Hash + 'static {
    /// Decimal places that are kept.
    const PLACES: u8;
}

macro_rules! units {
    ($($(#[$doc:meta])* $name:ident: $places:expr;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub enum $name {}

            impl Unit for $name {
                const PLACES: u8 = $places;
            }
        )*
    };
}

units! {
    /// Parts.
    Pieces: decimal::QUANTITY;
    /// Units of some currency.
    Currency: decimal::MONEY;
    /// What one unit of a currency is worth in another one.
    Exchange: 6;
    /// Parts in one pack.
    PerPack: 10;
    /// Units of some currency that are charged for each order.
    PerOrder: 3;
    /// Assemblies that can be made of what is there.
    ToBuild: 9;
    /// Parts that should be kept, at least or at most.
    ToKeep: 6;
    /// Parts that a supplier has.
    AtSupplier: 3;
    /// Per cent of a quantity that is lost when it is used.
    PercentLost: 3;
    /// Per cent by which a price is reduced.
    PercentOff: 2;
}

/// A quantity of a part.
pub type Quantity = Amount<Pieces>;
/// An amount of money, in a currency that is named beside it.
pub type Money = Amount<Currency>;
/// An exchange rate.
pub type Rate = Amount<Exchange>;
/// How much of a part is in a pack of it.
pub type PackSize = Amount<PerPack>;

/// For how many assemblies stock is enough.
pub type Assemblies = Amount<ToBuild>;
/// How much of a part should be kept, at least or at most.
pub type StockLevel = Amount<ToKeep>;
/// How much a supplier has of a part.
pub type SupplierStock = Amount<AtSupplier>;
/// What a supplier charges for each order, whatever its quantity.
pub type BaseCost = Amount<PerOrder>;
/// How much of a part is lost when it is used, in per cent.
pub type Attrition = Amount<PercentLost>;
/// A discount in per cent.
pub type Discount = Amount<PercentOff>;

/// An exact amount of a unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount<U: Unit>(i64, PhantomData<U>);

impl<U: Unit> Amount<U> {
    /// Nothing.
    pub const ZERO: Self = Self::from_scaled(0);
    /// One whole.
    pub const ONE: Self = Self::from_scaled(decimal::scale(U::PLACES));

    /// The largest amount.
    pub const MAX: Self = Self::from_scaled(i64::MAX);

    /// The amount that is stored as this integer.
    pub const fn from_scaled(scaled: i64) -> Self {
        Amount(scaled, PhantomData)
    }

    /// The integer that is stored: the amount times `10^places`.
    pub const fn scaled(self) -> i64 {
        self.0
    }

    /// A whole number of the unit; `None` where it is out of range.
    pub const fn whole(count: i64) -> Option<Self> {
        match count.checked_mul(decimal::scale(U::PLACES)) {
            Some(scaled) => Some(Self::from_scaled(scaled)),
            None => None,
        }
    }

    /// A whole number of the unit that is known to be small, for constants.
    ///
    /// # Panics
    /// Where it is out of range.
    pub const fn of(count: i64) -> Self {
        match Self::whole(count) {
            Some(amount) => amount,
            None => panic!("an amount is out of range"),
        }
    }

    /// How many whole units it is, without what is beyond the point.
    pub const fn units(self) -> i64 {
        self.0 / decimal::scale(U::PLACES)
    }

    /// How many whole units it is, rounded half away from zero.
    pub fn rounded_units(self) -> i64 {
        divide(i128::from(self.0), i128::from(Self::ONE.0)).unwrap_or(0)
    }

    /// Whether there is nothing beyond the point.
    pub const fn is_whole(self) -> bool {
        self.0 % decimal::scale(U::PLACES) == 0
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self::from_scaled(sum)),
            None => None,
        }
    }

    pub const fn saturating_add(self, other: Self) -> Self {
        Self::from_scaled(self.0.saturating_add(other.0))
    }

    pub const fn saturating_sub(self, other: Self) -> Self {
        Self::from_scaled(self.0.saturating_sub(other.0))
    }

    /// So many times the amount; `None` where it is out of range.
    pub const fn checked_mul(self, count: i64) -> Option<Self> {
        match self.0.checked_mul(count) {
            Some(scaled) => Some(Self::from_scaled(scaled)),
            None => None,
        }
    }

    /// The amount for each unit, times the number of units: a unit price times a quantity. Rounded half away from zero;
    /// `None` where it is out of range.
    pub fn times<V: Unit>(self, count: Amount<V>) -> Option<Self> {
        self.by(count, Amount::<V>::ONE)
    }

    /// The amount in the proportion of two others of one unit, rounded half away from zero; `None` where it is out of
    /// range, or the second is zero.
    pub fn by<V: Unit>(self, over: Amount<V>, under: Amount<V>) -> Option<Self> {
        divide(i128::from(self.0).checked_mul(i128::from(over.0))?, i128::from(under.0)).map(Self::from_scaled)
    }

    /// As [`Amount::by`]; `None` also where the result would have to be rounded.
    pub fn exactly_by<V: Unit>(self, over: Amount<V>, under: Amount<V>) -> Option<Self> {
        let exact = i128::from(self.0).checked_mul(i128::from(over.0))?;
        let quotient = exact.checked_div(i128::from(under.0))?;
        let scaled = i64::try_from(quotient).ok()?;
        (exact % i128::from(under.0) == 0).then_some(Self::from_scaled(scaled))
    }

    /// The amount as an exact number of scaled units of two factors, for sums that are rounded once at their end.
    pub fn exact<V: Unit>(self, count: Amount<V>) -> Exact<U, V> {
        Exact(i128::from(self.0) * i128::from(count.0), PhantomData)
    }

    /// The next multiple of a step that is not smaller; `None` where it is out of range, or the step is not positive.
    pub const fn round_up_to(self, step: Self) -> Option<Self> {
        if step.0 <= 0 {
            return None;
        }
        match self.0.rem_euclid(step.0) {
            0 => Some(self),
            rest => self.checked_add(Self::from_scaled(step.0 - rest)),
        }
    }

    /// Reads a decimal number.
    ///
    /// # Errors
    /// As [`decimal::parse`].
    pub fn parse(text: &str, excess: Excess) -> Result<Self, DecimalError> {
        decimal::parse(text, U::PLACES, excess).map(Self::from_scaled)
    }

    /// Writes it as a JSON number without needless zeros: `1.5`, `3.0`.
    pub fn write_short(self, out: &mut Vec<u8>) {
        decimal::write_short(out, self.0, U::PLACES);
    }
}

/// A sum of products of amounts, not rounded yet.
#[derive(Debug, Clone, Copy)]
pub struct Exact<U: Unit, V: Unit>(i128, PhantomData<(U, V)>);

impl<U: Unit, V: Unit> Exact<U, V> {
    pub const ZERO: Self = Exact(0, PhantomData);

    /// The sum with another one; it stops growing where it is out of range.
    pub const fn saturating_add(self, other: Self) -> Self {
        Exact(self.0.saturating_add(other.0), PhantomData)
    }

    /// The sum as an amount, rounded half away from zero; `None` where it is out of range.
    pub fn round(self) -> Option<Amount<U>> {
        divide(self.0, i128::from(Amount::<V>::ONE.0)).map(Amount::from_scaled)
    }

    /// The sum as an amount, without what is beyond its last place; `None` where it is out of range.
    pub fn truncate(self) -> Option<Amount<U>> {
        i64::try_from(self.0 / i128::from(Amount::<V>::ONE.0)).ok().map(Amount::from_scaled)
    }

    /// What of the amount falls to one weight of the sum of weights, rounded half away from zero; `None` where it is
    /// out of range, or there are no weights.
    pub fn share<W: Unit>(self, weight: Amount<W>, total: Exact<W, V>) -> Option<Amount<U>> {
        divide(self.0.checked_mul(i128::from(weight.0))?, total.0).map(Amount::from_scaled)
    }

    /// The amount for each unit of a count, rounded half away from zero; `None` where it is out of range, or there is
    /// nothing to divide by.
    pub fn per(self, count: Amount<V>) -> Option<Amount<U>> {
        divide(self.0, i128::from(count.0)).map(Amount::from_scaled)
    }
}

/// An amount that may be beyond what can be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wide<U: Unit>(i128, PhantomData<U>);

impl<U: Unit> From<Amount<U>> for Wide<U> {
    fn from(amount: Amount<U>) -> Self {
        Wide(i128::from(amount.0), PhantomData)
    }
}

impl<U: Unit> Wide<U> {
    /// The amount for each unit, times the number of units, without what is beyond its last place. It stops growing where
    /// it is out of range.
    pub fn times<V: Unit>(self, count: Amount<V>) -> Self {
        Wide(self.0.saturating_mul(i128::from(count.0)) / i128::from(Amount::<V>::ONE.0), PhantomData)
    }

    /// The amount, if it can be stored.
    pub fn narrow(self) -> Option<Amount<U>> {
        i64::try_from(self.0).ok().map(Amount::from_scaled)
    }

    /// How many whole units it is, without what is beyond the point.
    pub fn units(self) -> i128 {
        self.0 / i128::from(Amount::<U>::ONE.0)
    }
}

/// A quotient, rounded half away from zero; `None` where it is out of range, or the divisor is zero.
pub fn divide(over: i128, under: i128) -> Option<i64> {
    if under == 0 {
        return None;
    }
    let (magnitude, divisor) = (over.unsigned_abs(), under.unsigned_abs());
    let (quotient, rest) = (magnitude / divisor, magnitude % divisor);
    let rounded = i128::try_from(quotient + u128::from(rest >= divisor - rest)).ok()?;
    i64::try_from(if (over < 0) == (under < 0) { rounded } else { -rounded }).ok()
}

impl BaseCost {
    /// The same with the places of money; `None` where it is out of range.
    pub fn money(self) -> Option<Money> {
        decimal::rescale(self.0, PerOrder::PLACES, Currency::PLACES).map(Money::from_scaled)
    }
}

/// An amount of money in its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price<'a> {
    pub amount: Money,
    /// The code of the currency.
    pub currency: &'a str,
}

impl Money {
    /// The amount in a currency.
    pub const fn in_currency(self, currency: &str) -> Price<'_> {
        Price { amount: self, currency }
    }

    /// What a quantity costs at this unit price, less a discount; rounded half away from zero, once. `None` where it is
    /// out of range.
    pub fn total(self, quantity: Quantity, discount: Discount) -> Option<Money> {
        let whole = i128::from(Discount::of(100).0);
        let exact =
            i128::from(quantity.0).checked_mul(i128::from(self.0))?.checked_mul(whole - i128::from(discount.0))?;
        divide(exact, i128::from(Quantity::ONE.0) * whole).map(Money::from_scaled)
    }
}

impl<U: Unit> fmt::Display for Amount<U> {
    /// With all its places: `1.50000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::to_string(self.0, U::PLACES))
    }
}

impl<U: Unit> fmt::Debug for Amount<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<U: Unit> Default for Amount<U> {
    fn default() -> Self {
        Self::ZERO
    }
}
impl<U: Unit> Add for Amount<U> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::from_scaled(self.0 + other.0)
    }
}
impl<U: Unit> Sub for Amount<U> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::from_scaled(self.0 - other.0)
    }
}
impl<U: Unit> Neg for Amount<U> {
    type Output = Self;
    fn neg(self) -> Self {
        Self::from_scaled(-self.0)
    }
}
impl<U: Unit> AddAssign for Amount<U> {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}
impl<U: Unit> SubAssign for Amount<U> {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}
impl<U: Unit> Sum for Amount<U> {
    /// The sum; it stops growing where it is out of range.
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Self::saturating_add)
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_proportions_are_rounded_once_half_away_from_zero() {
        let (price, half) = (Money::from_scaled(3), Quantity::from_scaled(50_000));
        assert_eq!(price.times(half), Some(Money::from_scaled(2)));
        assert_eq!((-price).times(half), Some(Money::from_scaled(-2)));
        assert_eq!(Money::of(10).times(Quantity::of(3)), Some(Money::of(30)));
        assert_eq!(Money::from_scaled(i64::MAX).times(Quantity::of(2)), None);
        assert_eq!(Quantity::of(100).by(PackSize::of(2), PackSize::of(3)), Some(Quantity::from_scaled(6_666_667)));
        assert_eq!(Quantity::of(1).by(PackSize::ONE, PackSize::ZERO), None);
        let sum = price.exact(half).saturating_add(price.exact(half));
        assert_eq!(sum.round(), Some(price), "two halves of three are three, not four");
        assert_eq!(sum.per(Quantity::ONE), Some(price));
        let weights = Quantity::of(1).exact(Quantity::ONE).saturating_add(Quantity::of(2).exact(Quantity::ONE));
        let ten = Money::of(10).exact(Quantity::ONE);
        assert_eq!(ten.share(Quantity::of(2), weights), Some(Money::from_scaled(6_666_667)));
        assert_eq!([divide(5, 2), divide(-5, 2), divide(4, 3), divide(5, 3)], [3, -3, 1, 2].map(Some));
        assert_eq!((divide(i128::MAX, 1), divide(1, 0)), (None, None));
        assert_eq!(divide(i128::MIN, i128::MAX), Some(-1));
    }

    #[test]
    fn totals_are_exact_and_rounded_half_away_from_zero() {
        let total = |quantity: i64, price: i64, discount: i64| {
            let discount = Discount::from_scaled(discount);
            Money::from_scaled(price).total(Quantity::from_scaled(quantity), discount).map(Money::scaled)
        };
        // 3 at 0.333333
        assert_eq!(total(300_000, 333_333, 0), Some(999_999));
        // half of 0.000001
        assert_eq!(total(50_000, 1, 0), Some(1));
        assert_eq!(total(50_000, -1, 0), Some(-1));
        assert_eq!(total(49_999, 1, 0), Some(0));
        // 12.5 % off 10 at 8
        assert_eq!(total(1_000_000, 8_000_000, 1_250), Some(70_000_000));
        assert_eq!(total(1_000_000, 8_000_000, 10_000), Some(0));
        assert_eq!(total(i64::MAX, i64::MAX, 0), None);
        assert_eq!(total(1_000_000_000_000_000, 1_000_000_000_000_000, 0), None);
    }

    #[test]
    fn amounts_are_read_and_written_with_their_own_places() {
        assert_eq!(Quantity::parse("1.5", Excess::Refuse).map(Quantity::scaled), Ok(150_000));
        assert_eq!(Money::parse("1.5", Excess::Refuse).map(Money::scaled), Ok(1_500_000));
        assert_eq!((Quantity::ONE.to_string(), Money::ONE.to_string()), ("1.00000".into(), "1.000000".into()));
        assert_eq!((Quantity::of(7).units(), Quantity::from_scaled(1).is_whole()), (7, false));
        assert_eq!(Quantity::whole(i64::MAX), None);
        assert_eq!([Quantity::of(1), Quantity::of(2)].into_iter().sum::<Quantity>(), Quantity::of(3));
    }
}
