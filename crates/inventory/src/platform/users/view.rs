//! Users as other records show them.

use ironwood_rest::view::{View, col, pk};

use crate::schema::users::USER;

/// A user in a few words.
pub(crate) static BRIEF: View = View::new(
    "User",
    &USER,
    &[
        pk(),
        col("username").required().described_read_only(),
        col("first_name").required(),
        col("last_name").required(),
        col("email").required().described_read_only(),
    ],
);
