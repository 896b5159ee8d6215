//! The template for the full name of a part, which administrators can change.

use minijinja::{Environment, context};

/// Steps that rendering one name may take.
const FUEL: u64 = 10_000;
const TEMPLATE: &str = "name";

/// A compiled name format.
pub(crate) enum NameFormat {
    /// One of texts and values alone, as the usual one is: many names are written with each list.
    Simple(Vec<Piece>),
    Template(Box<Environment<'static>>),
    /// One that cannot be used.
    Invalid,
}

/// A text or a value of a part, written only where another value is not empty.
pub(crate) struct Piece {
    what: PieceContent,
    only_with: Option<Field>,
}

enum PieceContent {
    Text(String),
    Value(Field),
}

#[derive(Clone, Copy)]
enum Field {
    Name,
    Ipn,
    Revision,
    Description,
}

/// Values of a part that a name format may use, as `part.name` and so on.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NameParts<'a> {
    pub name: &'a str,
    pub ipn: &'a str,
    pub revision: &'a str,
    pub description: &'a str,
}

impl<'a> NameParts<'a> {
    fn value(&self, field: Field) -> &'a str {
        match field {
            Field::Name => self.name,
            Field::Ipn => self.ipn,
            Field::Revision => self.revision,
            Field::Description => self.description,
        }
    }
}

fn field(text: &str) -> Option<Field> {
    Some(match text.strip_prefix("part.")? {
        "name" => Field::Name,
        "IPN" => Field::Ipn,
        "revision" => Field::Revision,
        "description" => Field::Description,
        _ => return None,
    })
}

/// The pieces of a format that has nothing but `{{ part.name }}`, `{{ ' | ' if part.IPN }}` and the like outside of
/// plain text.
fn pieces(format: &str) -> Option<Vec<Piece>> {
    // line ends and marks around blocks have rules of their own
    if format.contains(['\n', '\r', '\\'])
        || ["{%", "{#", "{{-", "-}}", "{{+", "+}}"].iter().any(|mark| format.contains(mark))
    {
        return None;
    }
    let (mut pieces, mut rest) = (Vec::new(), format);
    while let Some((text, after)) = rest.split_once("{{") {
        pieces.push(Piece { what: PieceContent::Text(text.to_owned()), only_with: None });
        let (expression, after) = after.split_once("}}")?;
        let expression = expression.trim();
        let quoted = expression.strip_prefix(['\'', '"']).and_then(|inner| {
            let (text, rest) = inner.split_once(expression.chars().next()?)?;
            Some((PieceContent::Text(text.to_owned()), rest))
        });
        let (what, condition) = match quoted {
            Some(quoted) => quoted,
            None => {
                let (name, rest) = expression.split_once(' ').unwrap_or((expression, ""));
                (PieceContent::Value(field(name)?), rest)
            }
        };
        let only_with = match condition.trim() {
            "" => None,
            condition => Some(field(condition.strip_prefix("if ")?.trim())?),
        };
        pieces.push(Piece { what, only_with });
        rest = after;
    }
    pieces.push(Piece { what: PieceContent::Text(rest.to_owned()), only_with: None });
    Some(pieces)
}

fn compile(format: &str) -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.add_template_owned(TEMPLATE.to_owned(), format.to_owned())?;
    Ok(environment)
}

impl NameFormat {
    /// Compiles a format; one that cannot be used gives the plain name.
    pub(crate) fn new(format: &str) -> Self {
        match pieces(format) {
            Some(pieces) => NameFormat::Simple(pieces),
            None => {
                compile(format).map_or(NameFormat::Invalid, |environment| NameFormat::Template(Box::new(environment)))
            }
        }
    }

    /// The full name of a part.
    pub(crate) fn full_name(&self, parts: NameParts<'_>) -> String {
        let rendered = match self {
            NameFormat::Simple(pieces) => Some(join(pieces, parts)),
            NameFormat::Template(environment) => render(environment, parts).ok(),
            NameFormat::Invalid => None,
        };
        rendered.filter(|name| !name.is_empty()).unwrap_or_else(|| parts.name.to_owned())
    }
}

fn join(pieces: &[Piece], parts: NameParts<'_>) -> String {
    let mut out = String::with_capacity(parts.name.len() + parts.ipn.len() + parts.revision.len() + 8);
    for piece in pieces {
        if piece.only_with.is_some_and(|field| parts.value(field).is_empty()) {
            continue;
        }
        out.push_str(match &piece.what {
            PieceContent::Text(text) => text,
            PieceContent::Value(field) => parts.value(*field),
        });
    }
    out
}

fn render(environment: &Environment<'_>, parts: NameParts<'_>) -> Result<String, minijinja::Error> {
    environment.get_template(TEMPLATE)?.render(context! {
        part => context! {
            name => parts.name, IPN => parts.ipn, revision => parts.revision, description => parts.description,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_format() {
        let usual = "{{ part.IPN if part.IPN }}{{ ' | ' if part.IPN }}{{ part.name }}{{ ' | ' if part.revision }}{{ part.revision if part.revision }}";
        let parts = NameParts { name: "Bolt & <nut>", ipn: "B1", revision: "", description: "" };
        assert_eq!(NameFormat::new(usual).full_name(parts), "B1 | Bolt & <nut>");
        assert_eq!(NameFormat::new("{{ part.name").full_name(parts), "Bolt & <nut>");
    }

    #[test]
    fn pieces_give_what_the_template_gives() {
        for format in [
            "{{ part.IPN if part.IPN }}{{ ' | ' if part.IPN }}{{ part.name }}{{ ' | ' if part.revision }}{{ part.revision if part.revision }}",
            "{{part.name}}",
            "A {{ part.name }} / {{ part.description }} }} z",
            "{{ part.revision if part.IPN }}",
            "{{ \"it's\" if part.IPN }}{{ '' }}{{ '{{' }}",
            "",
            "plain",
        ] {
            let NameFormat::Simple(simple) = NameFormat::new(format) else { continue };
            let Ok(template) = compile(format) else { panic!("{format} is a template") };
            for (ipn, revision) in [("", ""), ("I 1", ""), ("", "B"), ("I", "{{ part.name }}")] {
                let parts = NameParts { name: "Bolt & <nut>", ipn, revision, description: "long" };
                assert_eq!(join(&simple, parts), render(&template, parts).unwrap(), "{format}");
            }
        }
        for format in [
            "{{ part.name | upper }}",
            "{{ part.name if part.IPN else 'x' }}",
            "{% if part.IPN %}x{% endif %}",
            "{{ part.other }}",
            "{{ part.name",
            "x\n",
            "{{ 'a' 'b' }}",
            "{{ 'a' ~ part.name }}",
        ] {
            assert!(pieces(format).is_none(), "{format}");
        }
    }
}
