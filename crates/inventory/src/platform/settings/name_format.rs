//! The template for the full name of a part, which administrators can change.

use minijinja::{Environment, context};

/// Steps that rendering one name may take.
const FUEL: u64 = 10_000;
const TEMPLATE: &str = "name";

/// A compiled name format.
pub(crate) struct NameFormat(Option<Environment<'static>>);

/// Values of a part that a name format may use, as `part.name` and so on.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NameParts<'a> {
    pub name: &'a str,
    pub ipn: &'a str,
    pub revision: &'a str,
    pub description: &'a str,
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
        NameFormat(compile(format).ok())
    }

    /// The full name of a part.
    pub(crate) fn full_name(&self, parts: NameParts<'_>) -> String {
        let rendered = self.0.as_ref().and_then(|environment| render(environment, parts).ok());
        rendered.filter(|name| !name.is_empty()).unwrap_or_else(|| parts.name.to_owned())
    }
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
}
