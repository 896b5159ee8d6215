//! One block of the demo company in the making, and where its parts stand.

use serde_json::Value as Json;

use super::random::Random;
use super::{PARTS, STOCK, record};

/// Places of the kinds of parts within a block: components first, then what is made of them.
pub(super) const FIRST_BOARD: i64 = 300;
pub(super) const FIRST_MODULE: i64 = 380;
pub(super) const FIRST_PRODUCT: i64 = 440;
pub(super) const FIRST_TEMPLATE: i64 = 490;

/// What the parts of a block hold, for the orders around them.
pub(super) struct Block {
    pub(super) number: i64,
    pub(super) random: Random,
    pub(super) out: Vec<Json>,
    /// Lines of bills of materials: key, assembly, part, quantity.
    pub(super) bom: Vec<(i64, i64, i64, i64)>,
}

impl Block {
    /// Key of the part at a place of the block.
    pub(super) fn part(&self, place: i64) -> i64 {
        self.number * PARTS + place + 1
    }

    /// Key of the first stock item of a component.
    pub(super) fn stock_of(&self, place: i64) -> i64 {
        self.number * STOCK + place * 15 + 1
    }

    pub(super) fn push(&mut self, model: &str, pk: i64, fields: Json) {
        self.out.push(record(model, pk, fields));
    }
}
