//! A request and the operation that it asks for.

use crate::http::Request;
use crate::list;
use crate::operations::{Operation, Target, access_of};
use crate::resource::{Access, Args, Resource};

/// A request matched to its address.
pub struct Matched<'r> {
    pub(crate) operations: &'r [Operation],
    pub args: Args,
    /// The operation asked for; `None` for OPTIONS, and where the method is not there.
    pub operation: Option<Operation>,
}

impl Matched<'_> {
    /// Whether anybody may ask for this.
    pub fn is_public(&self) -> bool {
        self.operation.is_some_and(|operation| matches!(access_of(operation), Access::Public))
    }

    /// Whether the request needs a transaction that may write.
    pub fn writes(&self) -> bool {
        match self.operation {
            None => false,
            Some(Operation { target: Target::Action(action), .. }) => action.is_write(),
            Some(Operation { method, .. }) => !method.safe(),
        }
    }

    /// The list that the request wants as a file. The domain makes it ([`Registry::run`] does not): reading the
    /// rows takes its time, and only the record of the file is written.
    pub fn export(&self, request: &Request) -> Option<&'static Resource> {
        match self.operation? {
            Operation { target: Target::List(resource), .. } if list::is_export(request) => Some(resource),
            _ => None,
        }
    }
}
