//! All operations of the server, by their addresses.

use std::collections::HashMap;

use crate::http::Method;
use crate::resource::{Access, Action, Resource, RowEndpoint};

/// What an address leads to.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    List(&'static Resource),
    Row(&'static Resource),
    Action(&'static Action),
    RowEndpoint(&'static Resource, &'static RowEndpoint),
}

/// One operation: what is called, and what it needs.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    pub method: Method,
    pub target: Target,
}

#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) literal: HashMap<&'static str, Node>,
    pub(crate) any: Option<Box<Node>>,
    pub(crate) operations: Vec<Operation>,
}

/// All resources and actions.
#[derive(Debug, Default)]
pub struct Registry {
    pub(crate) root: Node,
    pub resources: Vec<&'static Resource>,
    pub actions: Vec<&'static Action>,
}

/// What an operation needs.
pub fn access_of(operation: Operation) -> Access {
    match operation.target {
        Target::List(resource) | Target::Row(resource) | Target::RowEndpoint(resource, _) => resource.access,
        Target::Action(action) => action.access,
    }
}
