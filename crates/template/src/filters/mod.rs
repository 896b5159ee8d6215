//! The built-in filters: those of the Django template language, of its `humanize` library, and InvenTree's own.

pub(crate) mod html;
pub(crate) mod list;
pub(crate) mod logic;
pub(crate) mod markdown;
pub(crate) mod number;
pub(crate) mod text;
pub(crate) mod time;

use jiff::ZonedDateTime;

use crate::error::Failure;
use crate::value::{Text, Value};

/// What a filter knows of the place where it is used.
pub(crate) struct FilterContext<'a> {
    /// Whether texts are escaped here.
    pub(crate) escape: bool,
    /// The moment of the rendering.
    pub(crate) now: &'a ZonedDateTime,
}

type Run = fn(&Value, Option<&Value>, &FilterContext<'_>) -> Result<Value, Failure>;

/// What kind of function a filter is.
#[derive(Clone, Copy)]
enum Work {
    /// Text to text.
    Text(fn(&str) -> String),
    /// Text and an argument to text.
    TextWith(fn(&str, &Value) -> Result<String, Failure>),
    /// Anything.
    Any(Run),
}

/// A filter.
#[derive(Clone, Copy)]
pub(crate) struct Filter {
    pub(crate) name: &'static str,
    work: Work,
    /// Whether HTML that goes in comes out as HTML.
    keeps_safe: bool,
}

impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Filter {
    pub(crate) fn apply(
        &self,
        value: &Value,
        argument: Option<&Value>,
        context: &FilterContext<'_>,
    ) -> Result<Value, Failure> {
        let named = |failure: Failure| Failure { message: format!("{}: {}", self.name, failure.message), ..failure };
        let text = match self.work {
            Work::Any(run) => return run(value, argument, context).map_err(named),
            Work::Text(run) => run(&value.to_text()?),
            Work::TextWith(run) => {
                let argument = argument.ok_or_else(|| Failure::new(format!("\"{}\" needs an argument.", self.name)))?;
                run(&value.to_text()?, argument).map_err(named)?
            }
        };
        let safe = self.keeps_safe && matches!(value, Value::Text(Text { safe: true, .. }));
        Ok(Value::Text(Text { value: text.into(), safe }))
    }
}

const fn text(name: &'static str, run: fn(&str) -> String) -> Filter {
    Filter { name, work: Work::Text(run), keeps_safe: true }
}

const fn raw(name: &'static str, run: fn(&str) -> String) -> Filter {
    Filter { name, work: Work::Text(run), keeps_safe: false }
}

const fn text_with(name: &'static str, run: fn(&str, &Value) -> Result<String, Failure>) -> Filter {
    Filter { name, work: Work::TextWith(run), keeps_safe: true }
}

const fn any(name: &'static str, run: Run) -> Filter {
    Filter { name, work: Work::Any(run), keeps_safe: false }
}

static FILTERS: &[Filter] = &[
    text("addslashes", text::add_slashes),
    text("capfirst", text::capitalize),
    raw("escapejs", text::escape_js),
    raw("iriencode", text::iri_encode),
    text("lower", |text| text.to_lowercase()),
    raw("upper", |text| text.to_uppercase()),
    text("title", text::title_case),
    raw("slugify", text::slugify),
    raw("wordcount", |text| text.split_whitespace().count().to_string()),
    raw("phone2numeric", text::phone_to_numeric),
    raw("striptags", crate::html::strip_tags),
    text_with("truncatechars", text::truncate_chars),
    text_with("truncatewords", text::truncate_words),
    text_with("truncatechars_html", html::truncate_chars),
    text_with("truncatewords_html", html::truncate_words),
    text_with("wordwrap", text::word_wrap),
    text_with("ljust", text::left),
    text_with("rjust", text::right),
    text_with("center", text::center),
    text_with("replace", text::replace),
    any("cut", text::cut),
    any("stringformat", text::string_format),
    any("make_list", |value, _, _| list::make(value)),
    any("split", text::split),
    any("urlencode", text::url_encode),
    any("json_script", html::json_script),
    any("linenumbers", html::line_numbers),
    any("linebreaks", html::line_breaks),
    any("linebreaksbr", html::line_breaks_br),
    any("urlize", html::urlize),
    any("urlizetrunc", html::urlize),
    any("unordered_list", html::unordered_list),
    any("escape", html::escape),
    any("force_escape", |value, _, _| Ok(Value::safe(crate::html::escape(&value.to_text()?)))),
    any("escapeseq", |value, _, _| html::escape_each(value)),
    any("safe", |value, _, _| Ok(Value::safe(value.to_text()?))),
    any("safeseq", |value, _, _| html::safe_each(value)),
    any("markdownify", |value, _, _| {
        Ok(Value::safe(if value.is_none() { String::new() } else { markdown::to_html(&value.to_text()?) }))
    }),
    raw("language_name", |text| text.to_owned()),
    raw("language_name_local", |text| text.to_owned()),
    raw("language_name_translated", |text| text.to_owned()),
    any("language_bidi", |value, _, _| {
        let right_to_left = ["ar", "fa", "he", "ur"];
        Ok(Value::Bool(right_to_left.contains(&value.to_text()?.split('-').next().unwrap_or_default())))
    }),
    any("dictsort", |value, argument, _| list::sort(value, argument, false)),
    any("dictsortreversed", |value, argument, _| list::sort(value, argument, true)),
    any("first", |value, _, _| Ok(value.elements()?.and_then(|list| list.first().cloned()).unwrap_or("".into()))),
    any("last", |value, _, _| Ok(value.elements()?.and_then(|list| list.last().cloned()).unwrap_or("".into()))),
    any("random", list::random),
    any("join", list::join),
    any("length", |value, _, _| list::length(value)),
    any("length_is", list::length_is),
    any("slice", list::slice),
    any("keyvalue", list::key_value),
    any("add", number::add),
    any("floatformat", number::float_format),
    any("get_digit", number::get_digit),
    any("divisibleby", number::divisible_by),
    any("filesizeformat", number::file_size),
    any("intcomma", number::int_comma),
    any("intword", number::int_word),
    any("ordinal", number::ordinal),
    any("apnumber", number::ap_number),
    any("localize", |value, _, _| Ok(Value::text(crate::date::localized(value)?))),
    any("unlocalize", |value, _, _| Ok(Value::text(value.to_text()?))),
    any("default", logic::default),
    any("default_if_none", logic::default_if_none),
    any("yesno", logic::yes_no),
    any("pluralize", logic::pluralize),
    any("pprint", |value, _, _| Ok(Value::text(value.repr()?))),
    any("date", time::date),
    any("time", time::time),
    any("timesince", time::since),
    any("timeuntil", time::until),
    any("naturalday", time::natural_day),
    any("naturaltime", time::natural_time),
    any("localtime", |value, _, _| Ok(value.clone())),
    any("utc", time::utc),
    any("timezone", time::timezone),
];

/// The filter of this name.
pub(crate) fn find(name: &str) -> Option<Filter> {
    FILTERS.iter().find(|filter| filter.name == name).copied()
}

/// The names of all filters.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILTERS.iter().map(|filter| filter.name)
}

/// The argument of a filter as a whole number.
fn int_argument(argument: &Value) -> Result<usize, Failure> {
    let number = argument.as_int().ok_or_else(|| Failure::new("The argument must be a whole number."))?;
    usize::try_from(number).map_err(|_| Failure::new("The argument must not be negative."))
}
