//! Fractions: the exact numbers in which the equations of a reply are computed again.

/// A number as a fraction in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fraction {
    over: i128,
    under: i128, // Invariant: above zero.
}

impl Fraction {
    /// Returns a fraction. None if `under` is zero or a term is too large.
    pub(super) fn new(over: i128, under: i128) -> Option<Self> {
        let divisor = gcd(over, under)?.max(1);
        let (over, under) = (over / divisor, under / divisor);
        match under {
            0 => None,
            1.. => Some(Self { over, under }),
            _ => Some(Self { over: over.checked_neg()?, under: under.checked_neg()? }),
        }
    }

    /// Returns the whole number that the fraction is, or None if it is none.
    pub(super) fn whole(self) -> Option<i128> {
        (self.under == 1).then_some(self.over)
    }

    /// Returns the result of a sign of arithmetic. None if there is none, or it is too large.
    pub(super) fn computed(self, sign: char, other: Self) -> Option<Self> {
        let (a, b, c, d) = (self.over, self.under, other.over, other.under);
        match sign {
            '+' => Self::new(a.checked_mul(d)?.checked_add(c.checked_mul(b)?)?, b.checked_mul(d)?),
            '-' => Self::new(a.checked_mul(d)?.checked_sub(c.checked_mul(b)?)?, b.checked_mul(d)?),
            '*' => Self::new(a.checked_mul(c)?, b.checked_mul(d)?),
            '/' => Self::new(a.checked_mul(d)?, b.checked_mul(c)?),
            '%' => Self::new(self.whole()?.checked_rem_euclid(other.whole()?)?, 1),
            '^' => Self::new(self.whole()?.checked_pow(u32::try_from(other.whole()?).ok()?)?, 1),
            _ => None,
        }
    }

    /// Returns true if `decimal`, which has so many places behind its point, is this number rounded or cut off there.
    pub(super) fn rounds_to(self, decimal: Self, places: u32) -> bool {
        let unit = 10_i128.checked_pow(places).and_then(|unit| Self::new(1, unit));
        let distance = self.computed('-', decimal);
        match (unit, distance) {
            (Some(unit), Some(distance)) => {
                distance.over.checked_abs().and_then(|over| over.checked_mul(unit.under)).is_some_and(
                    |over| unit.over.checked_mul(distance.under).is_some_and(|under| over < under),
                )
            }
            _ => false,
        }
    }

    /// Returns true if `decimal` is the square root of this number, rounded or cut off at so many places.
    pub(super) fn has_root(self, decimal: Self, places: u32) -> bool {
        let unit = 10_i128.checked_pow(places).and_then(|unit| Self::new(1, unit));
        let is_near = |unit: Self| {
            let (low, high) = (decimal.computed('-', unit)?, decimal.computed('+', unit)?);
            let (low, high) = (low.computed('*', low)?, high.computed('*', high)?);
            Some(low.computed('-', self)?.over < 0 && high.computed('-', self)?.over > 0)
        };
        decimal.computed('*', decimal) == Some(self)
            || (places > 0 && decimal.over > 0 && unit.and_then(is_near).unwrap_or(false))
    }
}

/// Returns the greatest common divisor of two numbers. None if it is too large.
pub(super) fn gcd(a: i128, b: i128) -> Option<i128> {
    let (mut a, mut b) = (a.checked_abs()?, b.checked_abs()?);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    Some(a)
}

#[cfg(test)]
mod tests {
    use super::Fraction;

    #[test]
    fn decimals_stand_for_fractions_near_them() {
        let new = |over, under| Fraction::new(over, under).expect("a fraction");
        assert!(new(97, 7).rounds_to(new(13857, 1000), 3) && new(97, 7).rounds_to(new(1386, 100), 2));
        assert!(!new(97, 7).rounds_to(new(139, 10), 1) || new(97, 7).rounds_to(new(138, 10), 1));
        assert!(!new(97, 7).rounds_to(new(14, 1), 0) || !new(97, 7).rounds_to(new(12, 1), 0));
        assert!(new(97, 1).has_root(new(985, 100), 2) && !new(97, 1).has_root(new(95, 10), 1));
        assert!(new(96, 1).computed('%', new(5, 1)) == Fraction::new(1, 1) && Fraction::new(1, 0).is_none());
    }
}
