//! A template that has been read.

use std::collections::HashMap;
use std::rc::Rc;

use crate::condition::Condition;
use crate::error::Position;
use crate::expression::Expression;

/// A template that has been read.
#[derive(Debug)]
pub struct Template {
    pub(crate) name: Rc<str>,
    /// Text before `{% extends %}`.
    pub(crate) nodes: Vec<Node>,
    pub(crate) extends: Option<(Position, Expression)>,
    pub(crate) blocks: HashMap<Rc<str>, Rc<Block>>,
    /// Tells the state of its tags from that of other templates' tags.
    pub(crate) id: u64,
}

/// What stands between `{% block %}` and its end.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) nodes: Vec<Node>,
    /// The template that it stands in, for messages.
    pub(crate) template: Rc<str>,
    pub(crate) template_id: u64,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) position: Position,
    pub(crate) kind: NodeKind,
}

#[derive(Debug)]
pub(crate) enum NodeKind {
    Text(Box<str>),
    Variable(Expression),
    If(Vec<(Option<Condition>, Vec<Node>)>),
    For {
        names: Vec<Rc<str>>,
        list: Expression,
        reversed: bool,
        body: Vec<Node>,
        empty: Vec<Node>,
    },
    With(Vec<(Rc<str>, Expression)>, Vec<Node>),
    Block(Rc<str>),
    Include {
        template: Expression,
        with: Vec<(Rc<str>, Expression)>,
        only: bool,
    },
    Cycle {
        id: usize,
        values: Vec<Expression>,
        target: Option<Rc<str>>,
        silent: bool,
    },
    ResetCycle(usize),
    IfChanged {
        id: usize,
        values: Vec<Expression>,
        body: Vec<Node>,
        unchanged: Vec<Node>,
    },
    Regroup {
        list: Expression,
        by: Expression,
        target: Rc<str>,
    },
    Filter(Expression, Vec<Node>),
    FirstOf(Vec<Expression>, Option<Rc<str>>),
    AutoEscape(bool, Vec<Node>),
    Spaceless(Vec<Node>),
    Now(String, Option<Rc<str>>),
    WidthRatio {
        value: Expression,
        most: Expression,
        width: Expression,
        target: Option<Rc<str>>,
    },
    /// Nodes in a scope of their own.
    Scope(Vec<Node>),
    Simple(SimpleCall),
    Translate(Expression, Option<Rc<str>>),
    BlockTranslate(Box<BlockTranslate>),
}

/// A call of a tag that is a function.
#[derive(Debug)]
pub(crate) struct SimpleCall {
    pub(crate) name: Rc<str>,
    pub(crate) arguments: Vec<Expression>,
    pub(crate) named: Vec<(Rc<str>, Expression)>,
    pub(crate) target: Option<Rc<str>>,
}

#[derive(Debug)]
pub(crate) struct BlockTranslate {
    pub(crate) with: Vec<(Rc<str>, Expression)>,
    pub(crate) count: Option<(Rc<str>, Expression)>,
    pub(crate) trimmed: bool,
    pub(crate) target: Option<Rc<str>>,
    pub(crate) singular: Vec<Node>,
    pub(crate) plural: Vec<Node>,
}
