//! Variables, in scopes; the state of loops.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use crate::error::Failure;
use crate::value::{Map, Object, Value};

/// Variables, in scopes: the innermost one hides the others.
pub(crate) struct Context {
    scopes: Vec<Map>,
}

impl Context {
    pub(crate) fn new(variables: Map) -> Context {
        Context { scopes: vec![variables, Map::new()] }
    }

    pub(crate) fn push(&mut self) {
        self.scopes.push(Map::new());
    }

    pub(crate) fn pop(&mut self) {
        self.scopes.pop();
    }

    pub(crate) fn set(&mut self, name: &Rc<str>, value: Value) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.clone(), value);
        }
    }

    /// The value of a variable in the innermost scope that has it.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    /// Puts aside all scopes, for a template that is included with its own variables only.
    pub(crate) fn replace(&mut self, variables: Map) -> Vec<Map> {
        std::mem::replace(&mut self.scopes, vec![Map::new(), variables])
    }

    pub(crate) fn restore(&mut self, scopes: Vec<Map>) {
        self.scopes = scopes;
    }
}

/// The variable `forloop`.
pub(crate) struct ForLoop {
    pub(crate) index: Cell<usize>,
    pub(crate) length: usize,
    pub(crate) parent: Option<Value>,
    /// What `ifchanged` tags saw last in this loop.
    pub(crate) seen: RefCell<HashMap<(u64, usize), Vec<Value>>>,
}

impl Object for ForLoop {
    fn attribute(&self, name: &str) -> Result<Option<Value>, Failure> {
        let (index, last) = (self.index.get(), self.length.saturating_sub(1));
        let number = |n: usize| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
        Ok(Some(match name {
            "counter" => number(index + 1),
            "counter0" => number(index),
            "revcounter" => number(self.length - index),
            "revcounter0" => number(last - index),
            "first" => Value::Bool(index == 0),
            "last" => Value::Bool(index == last),
            "length" => number(self.length),
            "parentloop" => self.parent.clone().unwrap_or_else(|| Value::map([])),
            _ => return Ok(None),
        }))
    }

    fn text(&self) -> Result<String, Failure> {
        Ok(format!("{{'counter': {}}}", self.index.get() + 1))
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
