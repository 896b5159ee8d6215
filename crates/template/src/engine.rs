//! What templates have at hand: tags, filters, other templates, and limits.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::time::Duration;

use jiff::ZonedDateTime;

use crate::error::{Failure, TemplateError};
use crate::filters::{self, Filter};
use crate::node::Template;
use crate::render::Renderer;
use crate::value::{Map, Value};

/// What one rendering may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Tags, variables, and pieces of text that are rendered, those of loops counted each time.
    pub steps: u64,
    /// Bytes of the result, and of each text on the way.
    pub output: usize,
    /// Templates inside of templates.
    pub depth: usize,
    /// Time on the clock.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { steps: 5_000_000, output: 64 << 20, depth: 20, time: Duration::from_secs(20) }
    }
}

/// A call of a tag that is a function, such as `{% add 1 2 as sum %}`.
pub struct Call<'a> {
    /// Arguments without a name, in order.
    pub arguments: Vec<Value>,
    /// Arguments with a name.
    pub named: Vec<(Rc<str>, Value)>,
    /// The moment of the rendering, in the time zone of the server.
    pub now: &'a ZonedDateTime,
    pub(crate) variables: &'a dyn Fn(&str) -> Option<Value>,
}

impl Call<'_> {
    /// An argument by place or by name; `None` where it was not given.
    pub fn argument(&self, place: usize, name: &str) -> Option<&Value> {
        self.arguments.get(place).or_else(|| self.named(name))
    }

    /// An argument by name; `None` where it was not given.
    pub fn named(&self, name: &str) -> Option<&Value> {
        self.named.iter().find(|(given, _)| **given == *name).map(|(_, value)| value)
    }

    /// An argument that the tag cannot do without.
    ///
    /// # Errors
    /// Where it was not given.
    pub fn required(&self, place: usize, name: &str) -> Result<&Value, Failure> {
        self.argument(place, name).ok_or_else(|| Failure::new(format!("The argument \"{name}\" is missing.")))
    }

    /// An argument as a text; the default where it was not given or is nothing.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn text_or(&self, place: usize, name: &str, default: &str) -> Result<String, Failure> {
        match self.argument(place, name) {
            None | Some(Value::None) => Ok(default.to_owned()),
            Some(value) => value.to_text(),
        }
    }

    /// Whether an argument counts as true; the default where it was not given.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn flag_or(&self, place: usize, name: &str, default: bool) -> Result<bool, Failure> {
        self.argument(place, name).map_or(Ok(default), Value::truth)
    }

    /// A variable of the template at this place.
    pub fn variable(&self, name: &str) -> Option<Value> {
        (self.variables)(name)
    }
}

/// A tag that is a function: what it gives is written, or kept under the name behind `as`.
pub type Tag = Rc<dyn Fn(&Call<'_>) -> Result<Value, Failure>>;

/// Finds the texts of templates that others extend or include.
pub trait Loader {
    /// The text of a template; `None` where there is none of this name.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn source(&self, name: &str) -> Result<Option<String>, Failure>;
}

/// No other templates.
pub struct NoTemplates;

impl Loader for NoTemplates {
    fn source(&self, _name: &str) -> Result<Option<String>, Failure> {
        Ok(None)
    }
}

/// What a template made.
#[derive(Debug)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// Names that the template asked for and that were not there, such as `part.colour`.
    pub missing: BTreeSet<String>,
}

/// Reads and renders templates.
pub struct Engine {
    tags: HashMap<&'static str, Tag>,
    loader: Box<dyn Loader>,
    templates: RefCell<HashMap<String, Rc<Template>>>,
    pub(crate) limits: Limits,
    pub(crate) now: ZonedDateTime,
}

impl Engine {
    /// An engine with the built-in filters and the tags of [`crate::tags`].
    pub fn new(loader: Box<dyn Loader>, limits: Limits, now: ZonedDateTime) -> Engine {
        let mut engine = Engine { tags: HashMap::new(), loader, templates: RefCell::default(), limits, now };
        crate::tags::add_to(&mut engine);
        engine
    }

    /// Adds a tag, or puts it in the place of a built-in one.
    pub fn add_tag(&mut self, name: &'static str, tag: impl Fn(&Call<'_>) -> Result<Value, Failure> + 'static) {
        self.tags.insert(name, Rc::new(tag));
    }

    /// Renders a template with these variables.
    ///
    /// # Errors
    /// What is wrong, with the place in the template; also where a limit is reached.
    pub fn render(&self, template: &Rc<Template>, variables: Map) -> Result<Rendered, TemplateError> {
        Renderer::new(self, variables).run(template)
    }

    pub(crate) fn has_tag(&self, name: &str) -> bool {
        self.tags.contains_key(name)
    }

    pub(crate) fn tag(&self, name: &str) -> Option<Tag> {
        self.tags.get(name).cloned()
    }

    pub(crate) fn filter(&self, name: &str) -> Option<Filter> {
        filters::find(name)
    }

    /// Finds and reads another template.
    pub(crate) fn load(&self, name: &str) -> Result<Result<Rc<Template>, TemplateError>, Failure> {
        if let Some(template) = self.templates.borrow().get(name) {
            return Ok(Ok(template.clone()));
        }
        let Some(source) = self.loader.source(name)? else {
            return Err(Failure::new(format!("The template \"{name}\" does not exist.")));
        };
        Ok(Template::parse(name, &source, self).map(|template| {
            let template = Rc::new(template);
            self.templates.borrow_mut().insert(name.to_owned(), template.clone());
            template
        }))
    }
}
