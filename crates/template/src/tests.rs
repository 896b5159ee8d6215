//! The language as a whole. Expected results are those of Django 5.2, calculated by hand from its documentation.

use std::collections::HashMap;
use std::rc::Rc;

use rust_decimal::Decimal;

use crate::{Engine, Failure, Limits, Loader, Map, Template, TemplateError, Value};

struct Texts(HashMap<&'static str, &'static str>);

impl Loader for Texts {
    fn source(&self, name: &str) -> Result<Option<String>, Failure> {
        Ok(self.0.get(name).map(|text| (*text).to_owned()))
    }
}

fn engine(templates: &[(&'static str, &'static str)]) -> Engine {
    let now = "2026-03-09T14:05:09+00:00[UTC]".parse().unwrap();
    let limits = Limits { steps: 20_000, output: 1 << 16, depth: 10, ..Limits::default() };
    Engine::new(Box::new(Texts(templates.iter().copied().collect())), limits, now)
}

fn variables() -> Map {
    let part = Value::map([
        ("name", "R<1>".into()),
        ("IPN", Value::None),
        ("quantity", Value::Decimal(Decimal::new(500_000, 5))),
        ("price", Value::Money(Decimal::new(12_345_600, 4), "USD".into())),
        ("lines", Value::from(vec![3i64, 1, 2])),
    ]);
    let rows = [("a", 1i64), ("b", 1), ("c", 2)]
        .map(|(name, group)| Value::map([("name", name.into()), ("group", group.into())]));
    Map::from_iter([
        ("part".into(), part),
        ("rows".into(), Value::from(rows.to_vec())),
        ("pairs".into(), Value::from(vec![Value::from(vec!["x", "1"]), Value::from(vec!["y", "2"])])),
        ("zero".into(), Value::Int(0)),
        ("date".into(), Value::Date("2026-11-28".parse().unwrap())),
        ("html".into(), Value::safe("<b>x</b>")),
    ])
}

fn try_render(source: &str, templates: &[(&'static str, &'static str)]) -> Result<String, TemplateError> {
    let engine = engine(templates);
    let template = Template::parse("main", source, &engine)?;
    engine.render(&Rc::new(template), variables()).map(|rendered| rendered.text)
}

#[track_caller]
fn renders(source: &str, expected: &str) {
    assert_eq!(try_render(source, &[]).unwrap(), expected, "{source}");
}

#[track_caller]
fn fails(source: &str, message: &str) {
    let error = try_render(source, &[]).unwrap_err();
    assert!(error.message.contains(message), "{source}: {error}");
}

#[test]
fn values_are_written_and_escaped() {
    renders("{{ part.name }} {{ html }} {{ part.name|safe }}", "R&lt;1&gt; <b>x</b> R<1>");
    renders("{{ part.quantity }} {{ part.IPN }} {{ zero }} {{ missing }}|", "5.00000 None 0 |");
    renders("{{ part.lines }} {{ part.lines.0 }} {{ 'a<b' }}", "[3, 1, 2] 3 a<b");
    renders("{{ date }} {{ date.year }}", "Nov. 28, 2026 2026");
    renders("{% autoescape off %}{{ part.name }}{% endautoescape %}", "R<1>");
    renders("{{ part.price }} {{ part.price.amount }}", "USD 1234.56 1234.5600");
    fails("{{ part._secret }}", "private");
}

#[test]
fn conditions_have_the_precedence_of_the_language() {
    renders("{% if zero or part.name and not part.IPN %}y{% else %}n{% endif %}", "y");
    renders("{% if 1 < 2 and 2 >= 2 and 'a' in 'abc' and 5 not in part.lines %}y{% endif %}", "y");
    renders("{% if missing == None %}a{% endif %}{% if missing is not None %}b{% endif %}", "a");
    renders("{% if zero %}a{% elif part.lines|length > 2 %}b{% else %}c{% endif %}", "b");
    renders("{% if 'a' < 1 %}y{% else %}n{% endif %}", "n");
    fails("{% if %}x{% endif %}", "incomplete");
    fails("{% if 1 = 2 %}x{% endif %}", "Unexpected \"=\"");
}

#[test]
fn loops_know_where_they_are() {
    renders(
        "{% for n in part.lines %}{{ forloop.counter }}{{ n }}{% if not forloop.last %},{% endif %}{% endfor %}",
        "13,21,32",
    );
    renders("{% for n in part.lines reversed %}{{ n }}{{ forloop.revcounter0 }} {% endfor %}", "22 11 30 ");
    renders("{% for a, b in pairs %}{{ a }}={{ b }};{% endfor %}", "x=1;y=2;");
    renders("{% for a in missing %}x{% empty %}none{% endfor %}", "none");
    renders(
        "{% for r in rows %}{% for n in part.lines %}{{ forloop.parentloop.counter }}{% endfor %}{% endfor %}",
        "111222333",
    );
    renders(
        "{% for r in rows %}{% ifchanged r.group %}[{{ r.group }}]{% else %}-{% endifchanged %}{% endfor %}",
        "[1]-[2]",
    );
    renders("{% for r in rows %}{% cycle 'odd' 'even' %} {% endfor %}", "odd even odd ");
    renders(
        "{% regroup rows by group as groups %}{% for g in groups %}{{ g.grouper }}:{{ g.list|length }} {% endfor %}",
        "1:2 2:1 ",
    );
    fails("{% for a, b in part.lines %}{% endfor %}", "Cannot unpack");
    fails("{% for a in zero %}{% endfor %}", "not a list");
}

#[test]
fn templates_extend_and_include_each_other() {
    let templates = &[
        (
            "base",
            "<{% block head %}base{% endblock %}|{% block body %}{% block inner %}i{% endblock %}{% endblock body %}>",
        ),
        ("middle", "{% extends 'base' %}{% block head %}m({{ block.super }}){% endblock %}"),
        ("piece", "{{ a }}{{ part.name }}"),
        ("self", "{% include 'self' %}"),
    ];
    let render = |source: &str| try_render(source, templates);
    assert_eq!(
        render("{% extends 'middle' %}{% block head %}c({{ block.super }}){% endblock %}").unwrap(),
        "<c(m(base))|i>"
    );
    assert_eq!(render("{% extends 'base' %}ignored{% block inner %}{{ zero }}{% endblock %}").unwrap(), "<base|0>");
    assert_eq!(
        render("{% include 'piece' with a='1' %}|{% include 'piece' with a=2 only %}").unwrap(),
        "1R&lt;1&gt;|2"
    );
    assert!(render("{% include 'self' %}").unwrap_err().message.contains("nested more than"));
    assert!(render("{% include 'nowhere' %}").unwrap_err().message.contains("\"nowhere\" does not exist"));
}

#[test]
fn other_tags() {
    renders("{% with a=1 b='x' %}{{ a }}{{ b }}{% endwith %}{{ a }}", "1x");
    renders("{% comment %}{{ x }}{% if %}{% endcomment %}a{# b #}", "a");
    renders("{% verbatim %}{{ x }}{% endverbatim %}", "{{ x }}");
    renders("{% filter upper %}a{{ part.name }}{% endfilter %}", "AR&amp;LT;1&amp;GT;");
    renders("{% firstof missing zero 'z' %}", "z");
    renders("{% spaceless %} <p> <b>x</b> </p> {% endspaceless %}", "<p><b>x</b></p>");
    renders("{% now 'Y-m-d' %}", "2026-03-09");
    renders("{% widthratio 1 4 100 %}", "25");
    renders(
        "{% trans 'Part' %} {% blocktrans with n=part.name %}Name {{ n }}{% endblocktrans %}",
        "Part Name R&lt;1&gt;",
    );
    renders("{% blocktrans count n=2 trimmed %}\n one\n{% plural %}\n {{ n }}\n many\n{% endblocktrans %}", "2 many");
    renders("{% templatetag openblock %}{% load l10n %}{% localize off %}{{ zero }}{% endlocalize %}", "{%0");
}

#[test]
fn filters() {
    renders("{{ 'it is'|title }} {{ 'abcdef'|truncatechars:4 }} {{ 'a b c'|truncatewords:2 }}", "It Is abc… a b …");
    renders("{{ part.quantity|floatformat }} {{ 3.14159|floatformat:2 }} {{ 2.5|floatformat:'-2' }}", "5 3.14 2.50");
    renders(
        "{{ part.lines|join:', ' }} {{ part.lines|slice:':2' }} {{ part.lines|slice:'::-1' }}",
        "3, 1, 2 [3, 1] [2, 1, 3]",
    );
    renders("{{ missing|default:'x' }} {{ part.IPN|default_if_none:'y' }} {{ zero|yesno:'a,b' }}", "x y b");
    renders(
        "{{ date|date:'d.m.Y' }} {{ 'a,b'|split:','|last }} {{ 1234567|intcomma }} {{ 3|ordinal }}",
        "28.11.2026 b 1,234,567 3rd",
    );
    renders(
        "{{ 'x'|add:'y' }} {{ 1|add:2 }} {{ 5|stringformat:'03d' }} {{ 2048|filesizeformat }}",
        "xy 3 005 2.0\u{a0}KB",
    );
    renders("{{ rows|dictsortreversed:'name'|first|keyvalue:'name' }} {{ 2|pluralize:'y,ies' }}", "c ies");
    renders("{{ '<p>one two</p>'|truncatewords_html:1 }} {{ '<i>x</i>'|striptags }}", "<p>one …</p> x");
    renders("{{ part.name|linebreaksbr }} {{ 'a\"b'|escapejs }} {{ 'Hé llo'|slugify }}", "R&lt;1&gt; a\\u0022b he-llo");
    fails("{{ zero|nosuch }}", "Unknown filter \"nosuch\"");
}

#[test]
fn functions() {
    renders(
        "{% add 1 '2.50' as sum %}{{ sum }} {% multiply part.quantity 3 %} {% divide 1 8 %}",
        "3.50 15.00000 0.125",
    );
    renders(
        "{% decimal part.quantity %} {% getkey part 'name' as n %}{{ n }} {% getindex part.lines 1 %}",
        "5 R&lt;1&gt; 1",
    );
    renders("{% render_html_text part.name bold=True heading='h3' %}", "<strong><h3>R&lt;1&gt;</h3></strong>");
    renders(
        "{% format_date date %} {% format_date date fmt='%d/%m' %} {% format_date date locale='de' %}",
        "Nov 28, 2026 28/11 28.11.2026",
    );
    renders(
        "{% format_number 1234.5 separator=True decimal_places=2 %} {% format_number 1234.5 locale='de' separator=1 %}",
        "1,234.50 1.234,5",
    );
    renders("{% format_number '007' leading=5 integer=True %} {% format_number 'x' %}", "00007 x");
    renders("{% split 'a;b' ';' as l %}{% join l '+' %} {% replace 'aXb' 'X' '-' %} {% length l %}", "a+b a-b 2");
    fails("{% divide 1 0 %}", "divide: Cannot divide by zero");
    fails("{% nosuch %}", "Unknown tag \"nosuch\"");
    fails("{% add 1 part.IPN %}", "One of the values is missing");
}

#[test]
fn money_is_written_in_the_manner_of_the_language() {
    let format = crate::locale::MoneyFormat { min_places: 2, max_places: 4, symbol: true, ..Default::default() };
    let amount = Decimal::new(-12_345_678, 4);
    assert_eq!(crate::locale::money(amount, "USD", &format).unwrap(), "-$1,234.5678");
    let german = crate::locale::MoneyFormat { language: Some("de_DE".into()), ..format.clone() };
    assert_eq!(crate::locale::money(Decimal::new(5, 1), "EUR", &german).unwrap(), "0,50\u{a0}€");
    let pattern = crate::locale::MoneyFormat { pattern: Some("#,##0.00 ¤".into()), ..format };
    assert_eq!(crate::locale::money(1234.into(), "CAD", &pattern).unwrap(), "1,234.00 CA$");
}

#[test]
fn errors_name_line_and_column() {
    let error = try_render("a\n  {% if x %}\n", &[]).unwrap_err();
    assert_eq!((error.line, error.column), (2, 3));
    assert_eq!(error.message, "\"if\" is not closed. Add \"{% endif %}\".");
    let error = try_render("{% block a %}{% endblock %}\n{% divide 1 0 %}", &[]).unwrap_err();
    assert_eq!((&*error.template, error.line, error.column), ("main", 2, 1));
}

#[test]
fn names_that_are_not_there_are_told() {
    let engine = engine(&[]);
    let source = "{{ part.colour }}{{ nothing|default:'x' }}{% if also %}{% endif %}{{ part.name }}";
    let template = Template::parse("main", source, &engine).unwrap();
    let rendered = engine.render(&Rc::new(template), variables()).unwrap();
    assert_eq!(rendered.missing.into_iter().collect::<Vec<_>>(), ["part.colour"]);
}

#[test]
fn hostile_templates_are_stopped() {
    let loops = "{% for a in l %}".repeat(12) + &"{% endfor %}".repeat(12);
    fails(&format!("{{% split '1,2,3,4,5,6,7,8,9' as l %}}{loops}"), "too much processing");
    let mut doubling = "{% with s='xxxxxxxxxxxxxxxx' %}".to_owned();
    for _ in 0..20 {
        doubling.push_str("{% with s=s|add:s %}");
    }
    doubling.push_str(&"{% endwith %}".repeat(21));
    fails(&doubling, "too large");
    fails(&("{% if 1 %}".repeat(5000) + &"{% endif %}".repeat(5000)), "nested more than");
    fails(&format!("{{% if {} 1 %}}{{% endif %}}", "not ".repeat(5000)), "too long");
    fails("{{ 'x'|ljust:100000000 }}", "width");
    fails("{% add '79228162514264337593543950335' '79228162514264337593543950335' %}", "too large");
    assert_eq!(try_render("{% block a %}{% block b %}{% endblock %}{% endblock %}", &[]).unwrap(), "");
}
