//! How much of a part assemblies need, with what is lost of it, and for how many assemblies so much of it is enough.

use crate::amount::{Amount, Attrition, Quantity, Unit};

/// All of a quantity, as attrition is scaled.
const WHOLE: i128 = Attrition::of(100).scaled() as i128;
/// One unit of a quantity, as it is scaled.
const ONE: i128 = Quantity::ONE.scaled() as i128;

/// What one assembly needs of a part.
#[derive(Debug, Clone, Copy)]
pub struct Requirement {
    pub quantity: Quantity,
    /// For each batch that is made, however large.
    pub setup_quantity: Quantity,
    pub attrition: Attrition,
    /// What is required is a multiple of this.
    pub rounding_multiple: Option<Quantity>,
}

impl Requirement {
    /// How much so many assemblies need: their quantity, what is lost of it, what setting up takes, and all that rounded
    /// up to the multiple. Digits beyond the last place are rounded half away from zero. `None` where it is out of range.
    pub fn of(&self, assemblies: Quantity) -> Option<Quantity> {
        // over ONE * WHOLE
        let exact = i128::from(self.quantity.scaled())
            .checked_mul(i128::from(assemblies.scaled()))
            .and_then(|n| n.checked_mul(self.with_losses()))
            .and_then(|n| n.checked_add(i128::from(self.setup_quantity.max(Quantity::ZERO).scaled()) * ONE * WHOLE))?;
        let unit = ONE * WHOLE;
        let required = match self.rounding_multiple.filter(|multiple| multiple.is_positive()) {
            Some(multiple) => {
                let step = i128::from(multiple.scaled());
                // how many steps, rounded up
                let steps = exact.div_euclid(unit * step) + i128::from(exact.rem_euclid(unit * step) > 0);
                steps.checked_mul(step)?
            }
            None => (exact + unit / 2).div_euclid(unit),
        };
        i64::try_from(required).ok().map(Quantity::from_scaled)
    }

    /// For how many assemblies so much of the part is enough; `None` where they need nothing of it. Stock that setting
    /// up takes is not there for the assemblies.
    pub fn buildable(&self, available: Quantity) -> Option<Ratio> {
        let left = i128::from(available.scaled()) - i128::from(self.setup_quantity.scaled());
        let under = i128::from(self.quantity.scaled()) * self.with_losses();
        (under > 0).then_some(Ratio { over: left.max(0) * WHOLE, under })
    }

    /// All of a quantity and what is lost of it, as attrition is scaled.
    fn with_losses(&self) -> i128 {
        WHOLE + i128::from(self.attrition.max(Attrition::ZERO).scaled())
    }
}

/// An exact quotient that is not negative.
#[derive(Debug, Clone, Copy)]
pub struct Ratio {
    over: i128,
    under: i128,
}

impl Ratio {
    /// How many whole ones.
    pub fn whole(self) -> i64 {
        i64::try_from(self.over / self.under).unwrap_or(i64::MAX)
    }

    /// The quotient, rounded down; the largest amount where it is out of range.
    pub fn amount<U: Unit>(self) -> Amount<U> {
        let (whole, rest) = (self.over / self.under, self.over % self.under);
        let scale = i128::from(Amount::<U>::ONE.scaled());
        let scaled = whole.saturating_mul(scale).saturating_add(rest.saturating_mul(scale) / self.under);
        i64::try_from(scaled).map_or(Amount::MAX, Amount::from_scaled)
    }
}
