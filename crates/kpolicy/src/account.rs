//! The shared account: one budget that every decision of a job reserves from and is debited to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number of the account's units in one unit of a budget. Whole numbers add without a rounding error, so
/// an account that is returned everything is as full as before.
const UNITS: f64 = 1e6;

/// A budget that several decisions share, in the unit of the policy's cost. Clones are the same account.
///
/// The account is never below zero: an amount is reserved before it is spent, and a reservation that does not
/// fit is refused. Amounts are rounded up to millionths, and the budget down.
#[derive(Clone, Debug)]
pub struct Account {
    /// The millionths that are neither spent nor reserved. None if there is no limit.
    left: Option<Arc<AtomicU64>>,
}

/// An amount that was taken out of an account. What is not spent returns to the account when this is dropped.
#[derive(Debug)]
#[must_use = "a reservation that is dropped returns its amount to the account"]
pub struct Reservation {
    account: Account,
    units: u64,
}

/// The refusal of a reservation that exceeds what the account has left.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("the account has {left} left, and {wanted} is needed")]
pub struct Short {
    /// The amount that was asked for.
    pub wanted: f64,
    /// The amount that is neither spent nor reserved.
    pub left: f64,
}

impl Account {
    /// Returns an account with this budget, or without a limit if it is None. A budget that is negative or NaN
    /// is empty.
    #[must_use]
    pub fn new(budget: Option<f64>) -> Self {
        // The cast saturates: NaN and negative numbers become 0, and infinity the largest amount.
        let left = budget.map(|budget| Arc::new(AtomicU64::new((budget * UNITS).floor() as u64)));
        Self { left }
    }

    /// Returns the amount that is neither spent nor reserved. None if there is no limit.
    #[must_use]
    pub fn left(&self) -> Option<f64> {
        self.left.as_ref().map(|left| amount(left.load(Ordering::SeqCst)))
    }

    /// Takes `wanted` out of the account. An amount that is negative or NaN counts as 0.
    ///
    /// # Errors
    /// Returns [`Short`] if less is left. The account is unchanged then.
    pub fn reserve(&self, wanted: f64) -> Result<Reservation, Short> {
        let units = units(wanted);
        if let Some(left) = &self.left {
            let take = |left: u64| left.checked_sub(units);
            left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
                .map_err(|left| Short { wanted, left: amount(left) })?;
        }
        Ok(Reservation { account: self.clone(), units })
    }
}

impl Reservation {
    /// Returns the amount that is reserved and not spent yet.
    #[must_use]
    pub fn amount(&self) -> f64 {
        amount(self.units)
    }

    /// Spends `cost` of the reservation. An amount that is negative or NaN counts as 0.
    ///
    /// # Errors
    /// Returns [`Short`] if less is reserved. Nothing is spent then.
    pub fn spend(&mut self, cost: f64) -> Result<(), Short> {
        let left = self.units.checked_sub(units(cost));
        self.units = left.ok_or(Short { wanted: cost, left: self.amount() })?;
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if let Some(left) = &self.account.left {
            // The units were taken out of this account, so the sum is at most its budget.
            left.fetch_add(self.units, Ordering::SeqCst);
        }
    }
}

/// Returns `cost` in millionths, rounded up. The cast saturates, and NaN becomes 0.
fn units(cost: f64) -> u64 {
    (cost * UNITS).ceil() as u64
}

fn amount(units: u64) -> f64 {
    // Amounts below 2^53 millionths are exact; larger ones are only shown.
    units as f64 / UNITS
}
