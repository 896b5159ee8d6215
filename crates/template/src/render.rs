//! Renders templates.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::time::Instant;

use crate::condition::{Comparison, Condition};
use crate::context::{Context, ForLoop};
use crate::engine::{Call, Engine, Rendered};
use crate::error::{Failure, Position, TemplateError};
use crate::expression::{Atom, Expression};
use crate::filters::FilterContext;
use crate::html::escape_into;
use crate::node::{Block, BlockTranslate, Node, NodeKind, SimpleCall, Template};
use crate::parser::{STACK_LEFT, STACK_STEP};
use crate::value::{Map, Value};

/// How many missing names are told.
const MAX_MISSING: usize = 100;

/// How deep tags nest at the most, over all templates together.
const MAX_NESTING: usize = 500;

pub(crate) struct Renderer<'e> {
    engine: &'e Engine,
    context: Context,
    out: String,
    escape: bool,
    steps: u64,
    deadline: Instant,
    depth: usize,
    nesting: usize,
    missing: BTreeSet<String>,
    /// State of cycles and of changes outside of loops, by template and tag.
    cycles: HashMap<(u64, usize), usize>,
    seen: HashMap<(u64, usize), Vec<Value>>,
    /// The blocks of the template that is rendered and of those it extends: the child's first.
    blocks: HashMap<Rc<str>, Vec<Rc<Block>>>,
    /// The blocks that are open, and how far each is from the child's.
    open: Vec<(Rc<str>, usize)>,
    /// The template that is rendered: its name, for messages, and its number.
    template: Rc<str>,
    template_id: u64,
}

type Done<T = ()> = Result<T, TemplateError>;

/// What a name stands for.
enum Found {
    Value(Value),
    Missing,
}

impl<'e> Renderer<'e> {
    pub(crate) fn new(engine: &'e Engine, variables: Map) -> Renderer<'e> {
        Renderer {
            engine,
            context: Context::new(variables),
            out: String::new(),
            escape: true,
            steps: 0,
            deadline: Instant::now() + engine.limits.time,
            depth: 0,
            nesting: 0,
            missing: BTreeSet::new(),
            cycles: HashMap::new(),
            seen: HashMap::new(),
            blocks: HashMap::new(),
            open: Vec::new(),
            template: "".into(),
            template_id: 0,
        }
    }

    pub(crate) fn run(mut self, template: &Rc<Template>) -> Done<Rendered> {
        self.template(template, Position::default())?;
        Ok(Rendered { text: self.out, missing: self.missing })
    }

    fn fail<T>(&self, position: Position, failure: Failure) -> Done<T> {
        Err(TemplateError {
            template: self.template.to_string(),
            line: position.line + 1,
            column: position.column + 1,
            message: failure.message,
        })
    }

    fn at<T>(&self, position: Position, result: Result<T, Failure>) -> Done<T> {
        result.or_else(|failure| self.fail(position, failure))
    }

    /// Renders a template with those that it extends.
    fn template(&mut self, template: &Rc<Template>, position: Position) -> Done {
        self.depth += 1;
        if self.depth > self.engine.limits.depth {
            let most = self.engine.limits.depth;
            return self.fail(position, Failure::limit(format!("Templates are nested more than {most} deep.")));
        }
        let outer = (std::mem::take(&mut self.blocks), std::mem::take(&mut self.open));
        let outer_template = (self.template.clone(), self.template_id);
        let mut current = template.clone();
        let mut levels = 0;
        loop {
            (self.template, self.template_id) = (current.name.clone(), current.id);
            for (name, block) in &current.blocks {
                self.blocks.entry(name.clone()).or_default().push(block.clone());
            }
            let Some((at, expression)) = &current.extends else { break };
            self.nodes(&current.nodes)?;
            levels += 1;
            if levels > self.engine.limits.depth {
                return self.fail(*at, Failure::limit("Templates extend each other in a cycle."));
            }
            let parent = self.load(*at, expression)?;
            current = parent;
        }
        self.nodes(&current.nodes)?;
        (self.blocks, self.open) = outer;
        (self.template, self.template_id) = outer_template;
        self.depth -= 1;
        Ok(())
    }

    fn load(&mut self, position: Position, expression: &Expression) -> Done<Rc<Template>> {
        let name = self.value(position, expression)?;
        let name = self.at(position, name.to_text())?;
        let loaded = self.engine.load(&name);
        self.at(position, loaded)?
    }

    fn nodes(&mut self, nodes: &[Node]) -> Done {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            let position = nodes.first().map(|node| node.position).unwrap_or_default();
            return self.fail(position, Failure::limit("Tags and templates are nested too deeply."));
        }
        for node in nodes {
            self.step(node.position)?;
            stacker::maybe_grow(STACK_LEFT, STACK_STEP, || self.node(node))?;
        }
        self.nesting -= 1;
        Ok(())
    }

    fn step(&mut self, position: Position) -> Done {
        self.steps += 1;
        let limits = &self.engine.limits;
        if self.steps > limits.steps {
            return self
                .fail(position, Failure::limit("The template requires too much processing. Shorten its loops."));
        }
        if self.steps.is_multiple_of(64) && Instant::now() > self.deadline {
            let seconds = limits.time.as_secs_f32();
            return self.fail(position, Failure::limit(format!("The template took longer than {seconds} seconds.")));
        }
        if self.out.len() > limits.output {
            let most = limits.output >> 20;
            return self.fail(position, Failure::limit(format!("The result is larger than {most} MB.")));
        }
        Ok(())
    }

    /// Renders nodes into a text of their own.
    fn captured(&mut self, nodes: &[Node]) -> Done<String> {
        let outer = std::mem::take(&mut self.out);
        let done = self.nodes(nodes);
        let text = std::mem::replace(&mut self.out, outer);
        done.map(|()| text)
    }

    fn scoped(&mut self, nodes: &[Node]) -> Done {
        self.context.push();
        let done = self.nodes(nodes);
        self.context.pop();
        done
    }

    fn node(&mut self, node: &Node) -> Done {
        let position = node.position;
        match &node.kind {
            NodeKind::Text(text) => self.out.push_str(text),
            NodeKind::Variable(expression) => {
                let value = self.value(position, expression)?;
                self.write(position, &value)?;
            }
            NodeKind::If(branches) => {
                for (condition, body) in branches {
                    if condition.as_ref().map_or(Ok(true), |condition| self.holds(position, condition))? {
                        return self.nodes(body);
                    }
                }
            }
            NodeKind::For { names, list, reversed, body, empty } => {
                self.for_loop(position, names, list, *reversed, body, empty)?;
            }
            NodeKind::With(pairs, body) => {
                let values = self.evaluated(position, pairs)?;
                self.context.push();
                for (name, value) in values {
                    self.context.set(&name, value);
                }
                let done = self.nodes(body);
                self.context.pop();
                done?;
            }
            NodeKind::Block(name) => {
                self.context.push();
                let done = self.block(name, 0);
                self.context.pop();
                done?;
            }
            NodeKind::Include { template, with, only } => self.include(position, template, with, *only)?,
            NodeKind::Cycle { id, values, target, silent } => {
                let count = self.cycles.entry((self.template_id, *id)).or_default();
                let at = *count % values.len();
                *count += 1;
                let value = self.value(position, &values[at])?;
                if let Some(name) = target {
                    self.context.set(name, value.clone());
                }
                if !silent {
                    self.write(position, &value)?;
                }
            }
            NodeKind::ResetCycle(id) => {
                self.cycles.remove(&(self.template_id, *id));
            }
            NodeKind::IfChanged { id, values, body, unchanged } => {
                self.if_changed(position, *id, values, body, unchanged)?;
            }
            NodeKind::Regroup { list, by, target } => self.regroup(position, list, by, target)?,
            NodeKind::Filter(expression, body) => {
                let text = self.captured(body)?;
                let filtered = self.filtered(expression, Value::safe(text));
                let value = self.at(position, filtered)?;
                self.write(position, &value)?;
            }
            NodeKind::FirstOf(values, target) => {
                let mut first = Value::text("");
                for expression in values {
                    let value = self.quiet(position, expression)?;
                    if self.at(position, value.truth())? {
                        first = value;
                        break;
                    }
                }
                self.give(position, first, target.as_ref())?;
            }
            NodeKind::AutoEscape(on, body) => {
                let outer = std::mem::replace(&mut self.escape, *on);
                let done = self.nodes(body);
                self.escape = outer;
                done?;
            }
            NodeKind::Spaceless(body) => {
                let text = self.captured(body)?;
                self.out.push_str(&without_space_between_tags(text.trim()));
            }
            NodeKind::Now(format, target) => {
                let text = crate::date::format(&Value::DateTime(Box::new(self.engine.now.clone())), format);
                self.give(position, Value::text(text.unwrap_or_default()), target.as_ref())?;
            }
            NodeKind::WidthRatio { value, most, width, target } => {
                let ratio = self.width_ratio(position, value, most, width)?;
                self.give(position, ratio, target.as_ref())?;
            }
            NodeKind::Scope(body) => self.scoped(body)?,
            NodeKind::Simple(call) => self.simple(position, call)?,
            NodeKind::Translate(text, target) => {
                let value = self.value(position, text)?;
                self.give(position, value, target.as_ref())?;
            }
            NodeKind::BlockTranslate(block) => self.block_translate(position, block)?,
        }
        Ok(())
    }

    /// Writes a value, or keeps it under a name.
    fn give(&mut self, position: Position, value: Value, target: Option<&Rc<str>>) -> Done {
        match target {
            Some(name) => {
                self.context.set(name, value);
                Ok(())
            }
            None => self.write(position, &value),
        }
    }

    fn write(&mut self, position: Position, value: &Value) -> Done {
        match value {
            Value::Text(text) if text.safe || !self.escape => self.out.push_str(&text.value),
            value => {
                let text = self.at(position, crate::date::localized(value))?;
                if self.escape {
                    escape_into(&text, &mut self.out);
                } else {
                    self.out.push_str(&text);
                }
            }
        }
        Ok(())
    }

    /// The value of an expression; an empty text where its name is not there.
    fn value(&mut self, position: Position, expression: &Expression) -> Done<Value> {
        self.evaluate(position, expression, Value::safe(""))
    }

    /// The value of an expression; nothing where its name is not there.
    fn quiet(&mut self, position: Position, expression: &Expression) -> Done<Value> {
        self.evaluate(position, expression, Value::None)
    }

    fn evaluate(&mut self, position: Position, expression: &Expression, missing: Value) -> Done<Value> {
        let value = match self.resolve(position, &expression.atom)? {
            Found::Value(value) => value,
            Found::Missing => {
                let has_default = expression.filters.iter().any(|call| call.filter.name.starts_with("default"));
                if !missing.is_none() && !has_default && self.missing.len() < MAX_MISSING {
                    self.missing.insert(path_of(&expression.atom));
                }
                missing
            }
        };
        if expression.filters.is_empty() {
            return Ok(value);
        }
        let filtered = self.filtered(expression, value);
        self.at(position, filtered)
    }

    fn resolve(&mut self, position: Position, atom: &Atom) -> Done<Found> {
        let path = match atom {
            Atom::Constant(value) => return Ok(Found::Value(value.clone())),
            Atom::Path(path) => path,
        };
        if let [first, second] = path.as_slice()
            && **first == *"block"
            && **second == *"super"
            && let Some((name, level)) = self.open.last().cloned()
        {
            let outer = std::mem::take(&mut self.out);
            let done = self.block(&name, level + 1);
            let text = std::mem::replace(&mut self.out, outer);
            return done.map(|()| Found::Value(Value::safe(text)));
        }
        let found = lookup(&self.context, path);
        self.at(position, found)
    }

    fn filtered(&self, expression: &Expression, mut value: Value) -> Result<Value, Failure> {
        let filter_context = FilterContext { escape: self.escape, now: &self.engine.now };
        for call in &expression.filters {
            let argument = match &call.argument {
                None => None,
                Some(Atom::Constant(value)) => Some(value.clone()),
                Some(Atom::Path(path)) => match lookup(&self.context, path)? {
                    Found::Value(value) => Some(value),
                    Found::Missing => {
                        return Err(Failure::new(format!("\"{}\" does not exist.", path.join("."))));
                    }
                },
            };
            value = call.filter.apply(&value, argument.as_ref(), &filter_context)?;
            check_size(&value, self.engine.limits.output)?;
        }
        Ok(value)
    }

    fn holds(&mut self, position: Position, condition: &Condition) -> Done<bool> {
        let value = self.condition(position, condition)?;
        self.at(position, value.truth())
    }

    fn condition(&mut self, position: Position, condition: &Condition) -> Done<Value> {
        Ok(Value::Bool(match condition {
            Condition::Value(expression) => return self.quiet(position, expression),
            Condition::Not(inner) => !self.holds(position, inner)?,
            Condition::Or(left, right) => self.holds(position, left)? || self.holds(position, right)?,
            Condition::And(left, right) => self.holds(position, left)? && self.holds(position, right)?,
            Condition::Compare(comparison, left, right) => {
                let (left, right) = (self.condition(position, left)?, self.condition(position, right)?);
                self.at(position, compare(*comparison, &left, &right))?
            }
        }))
    }

    fn evaluated(&mut self, position: Position, pairs: &[(Rc<str>, Expression)]) -> Done<Vec<(Rc<str>, Value)>> {
        pairs.iter().map(|(name, expression)| Ok((name.clone(), self.value(position, expression)?))).collect()
    }

    fn for_loop(
        &mut self,
        position: Position,
        names: &[Rc<str>],
        list: &Expression,
        reversed: bool,
        body: &[Node],
        empty: &[Node],
    ) -> Done {
        let value = self.quiet(position, list)?;
        let elements = self.at(position, value.elements())?;
        let elements = match elements {
            Some(elements) => elements,
            None if value.is_none() => Rc::default(),
            None => {
                let message = format!("\"{}\" is not a list.", list.source);
                return self.fail(position, Failure::new(message));
            }
        };
        if elements.is_empty() {
            return self.nodes(empty);
        }
        let parent = self.context.get("forloop").cloned();
        let state = Rc::new(ForLoop { index: 0.into(), length: elements.len(), parent, seen: Default::default() });
        for place in 0..elements.len() {
            state.index.set(place);
            let element = &elements[if reversed { elements.len() - 1 - place } else { place }];
            self.step(position)?;
            self.context.push();
            self.context.set(&"forloop".into(), Value::Object(state.clone()));
            let unpacked = unpack(names, element);
            match unpacked {
                Ok(values) => names.iter().zip(values).for_each(|(name, value)| self.context.set(name, value)),
                Err(failure) => return self.fail(position, failure),
            }
            let done = self.nodes(body);
            self.context.pop();
            done?;
        }
        Ok(())
    }

    fn block(&mut self, name: &Rc<str>, level: usize) -> Done {
        let Some(block) = self.blocks.get(name).and_then(|chain| chain.get(level)).cloned() else {
            return Ok(());
        };
        let outer = (self.template.clone(), self.template_id);
        (self.template, self.template_id) = (block.template.clone(), block.template_id);
        self.open.push((name.clone(), level));
        if self.open.len() > 200 {
            return self.fail(Position::default(), Failure::limit("Blocks contain each other in a cycle."));
        }
        self.nodes(&block.nodes)?;
        self.open.pop();
        (self.template, self.template_id) = outer;
        Ok(())
    }

    fn include(
        &mut self,
        position: Position,
        template: &Expression,
        with: &[(Rc<str>, Expression)],
        only: bool,
    ) -> Done {
        let template = self.load(position, template)?;
        let values = self.evaluated(position, with)?;
        if only {
            let scopes = self.context.replace(values.into_iter().collect());
            let done = self.template(&template, position);
            self.context.restore(scopes);
            return done;
        }
        self.context.push();
        for (name, value) in values {
            self.context.set(&name, value);
        }
        let done = self.template(&template, position);
        self.context.pop();
        done
    }

    fn if_changed(
        &mut self,
        position: Position,
        id: usize,
        values: &[Expression],
        body: &[Node],
        unchanged: &[Node],
    ) -> Done {
        let key = (self.template_id, id);
        let (now, text) = if values.is_empty() {
            let text = self.captured(body)?;
            (vec![Value::text(text.clone())], Some(text))
        } else {
            let mut now = Vec::new();
            for expression in values {
                now.push(self.quiet(position, expression)?);
            }
            (now, None)
        };
        let state = self.context.get("forloop").cloned();
        let state = match &state {
            Some(Value::Object(object)) => object.as_any().downcast_ref::<ForLoop>(),
            _ => None,
        };
        let before = match state {
            Some(state) => state.seen.borrow_mut().insert(key, now.clone()),
            None => self.seen.insert(key, now.clone()),
        };
        let same = before.is_some_and(|before| before.iter().zip(&now).all(|(a, b)| a.equals(b)));
        match text {
            _ if same => self.nodes(unchanged),
            Some(text) => {
                self.out.push_str(&text);
                Ok(())
            }
            None => self.nodes(body),
        }
    }

    fn regroup(&mut self, position: Position, list: &Expression, by: &Expression, target: &Rc<str>) -> Done {
        let value = self.quiet(position, list)?;
        let elements = self.at(position, value.elements())?.unwrap_or_default();
        let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
        self.context.push();
        for element in elements.iter() {
            self.step(position)?;
            self.context.set(&"item".into(), element.clone());
            let grouper = self.quiet(position, by)?;
            match groups.last_mut() {
                Some((last, members)) if last.equals(&grouper) => members.push(element.clone()),
                _ => groups.push((grouper, vec![element.clone()])),
            }
        }
        self.context.pop();
        let groups: Vec<Value> = groups
            .into_iter()
            .map(|(grouper, members)| Value::map([("grouper", grouper), ("list", Value::from(members))]))
            .collect();
        self.context.set(target, Value::from(groups));
        Ok(())
    }

    fn width_ratio(
        &mut self,
        position: Position,
        value: &Expression,
        most: &Expression,
        width: &Expression,
    ) -> Done<Value> {
        let [value, most, width] = [value, most, width].map(|expression| self.value(position, expression));
        let numbers = (value?.as_number(), most?.as_number(), width?.as_number());
        let (Some(value), Some(most), Some(width)) = numbers else { return Ok(Value::text("")) };
        let ratio = value.checked_div(most).and_then(|ratio| ratio.checked_mul(width));
        Ok(Value::text(ratio.map_or_else(|| "0".to_owned(), |ratio| ratio.round().normalize().to_string())))
    }

    fn simple(&mut self, position: Position, call: &SimpleCall) -> Done {
        let Some(tag) = self.engine.tag(&call.name) else {
            return self.fail(position, Failure::new(format!("Unknown tag \"{}\".", call.name)));
        };
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for expression in &call.arguments {
            arguments.push(self.value(position, expression)?);
        }
        let named = self.evaluated(position, &call.named)?;
        let context = &self.context;
        let variables = |name: &str| context.get(name).cloned();
        let given = tag(&Call { arguments, named, now: &self.engine.now, variables: &variables });
        let given = given.and_then(|value| check_size(&value, self.engine.limits.output).map(|()| value));
        let value = self.at(
            position,
            given.map_err(|failure| Failure { message: format!("{}: {}", call.name, failure.message), ..failure }),
        )?;
        self.give(position, value, call.target.as_ref())
    }

    fn block_translate(&mut self, position: Position, block: &BlockTranslate) -> Done {
        let values = self.evaluated(position, &block.with)?;
        self.context.push();
        for (name, value) in values {
            self.context.set(&name, value);
        }
        let mut plural = false;
        if let Some((name, expression)) = &block.count {
            let count = self.value(position, expression)?;
            plural = !block.plural.is_empty() && count.as_number() != Some(1.into());
            self.context.set(name, count);
        }
        let done = self.captured(if plural { &block.plural } else { &block.singular });
        self.context.pop();
        let mut text = done?;
        if block.trimmed {
            text = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
        }
        self.give(position, Value::safe(text), block.target.as_ref())
    }
}

/// Follows a path from a variable.
fn lookup(context: &Context, path: &[Rc<str>]) -> Result<Found, Failure> {
    let Some((first, rest)) = path.split_first() else { return Ok(Found::Missing) };
    let Some(mut value) = context.get(first).cloned() else { return Ok(Found::Missing) };
    for name in rest {
        match value.lookup(name)? {
            Some(next) => value = next,
            None => return Ok(Found::Missing),
        }
    }
    Ok(Found::Value(value))
}

fn path_of(atom: &Atom) -> String {
    match atom {
        Atom::Constant(_) => String::new(),
        Atom::Path(path) => path.join("."),
    }
}

fn check_size(value: &Value, most: usize) -> Result<(), Failure> {
    let size = match value {
        Value::Text(text) => text.value.len(),
        Value::List(list) => list.len() * size_of::<Value>(),
        _ => 0,
    };
    if size > most { Err(Failure::limit("A value has become too large.")) } else { Ok(()) }
}

fn unpack(names: &[Rc<str>], element: &Value) -> Result<Vec<Value>, Failure> {
    if names.len() == 1 {
        return Ok(vec![element.clone()]);
    }
    let values = element.elements()?.unwrap_or_default();
    if values.len() != names.len() {
        let message = format!("Cannot unpack {} values into {} names.", values.len().max(1), names.len());
        return Err(Failure::new(message));
    }
    Ok(values.to_vec())
}

fn compare(comparison: Comparison, left: &Value, right: &Value) -> Result<bool, Failure> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let ordering = || left.compare(right);
    Ok(match comparison {
        Comparison::Equal => left.equals(right),
        Comparison::NotEqual => !left.equals(right),
        Comparison::Less => ordering() == Some(Less),
        Comparison::LessOrEqual => matches!(ordering(), Some(Less | Equal)),
        Comparison::Greater => ordering() == Some(Greater),
        Comparison::GreaterOrEqual => matches!(ordering(), Some(Greater | Equal)),
        Comparison::In => contains(right, left)?.unwrap_or(false),
        Comparison::NotIn => contains(right, left)?.is_some_and(|inside| !inside),
        Comparison::Is => is_same(left, right),
        Comparison::IsNot => !is_same(left, right),
    })
}

fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Bool(_), _) | (_, Value::Bool(_)) => false,
        _ => left.equals(right),
    }
}

/// Whether a value is in a list or text; `None` where nothing can be in it.
fn contains(container: &Value, value: &Value) -> Result<Option<bool>, Failure> {
    if let Value::Text(text) = container {
        return Ok(match value {
            Value::Text(part) => Some(text.value.contains(&*part.value)),
            _ => None,
        });
    }
    Ok(container.elements()?.map(|elements| elements.iter().any(|element| element.equals(value))))
}

fn without_space_between_tags(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for (place, piece) in html.split('>').enumerate() {
        if place > 0 {
            out.push('>');
        }
        let trimmed = piece.trim_start();
        out.push_str(if place > 0 && trimmed.starts_with('<') { trimmed } else { piece });
    }
    out
}
