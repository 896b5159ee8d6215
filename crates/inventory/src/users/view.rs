//! Users as other records show them.

use ironwood_rest::view::{View, col, pk};

use super::tables::USER;

/// A user in a few words.
pub static BRIEF: View = View::new(
    "User",
    &USER,
    &[
        pk(),
        col("username").read_only(),
        col("first_name").read_only(),
        col("last_name").read_only(),
        col("email").read_only(),
    ],
);
