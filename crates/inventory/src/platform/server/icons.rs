//! Icons that categories and locations may have: the names and code points of the Tabler Icons font
//! (MIT license), which the server delivers below `/static/icons/`.

use ironwood_base::Result;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::list;
use ironwood_rest::resource::{Access, Action, Args, Outside, Shape, free_action};
use ironwood_rest::view::{INT, TEXT, Type, View, value};

/// The one package of icons, as the API shows it.
const PACKAGE: &str = include_str!("icons.json");

static VIEW: View = View::plain(
    "IconPackage",
    &[
        value("name", TEXT).help("Name of the icon pack."),
        value("prefix", TEXT).help("Prefix of icon names, before the first colon."),
        value("fonts", Type::Any).help("URLs of the font, by format."),
        value("icons", Type::Any).help("Icons by name, with the code point of each variant."),
    ],
);

/// `GET /api/icons/`.
pub(super) static ICONS: Action = free_action(Method::Get, "/api/icons/", "icons_list", Access::Public, icons)
    .params(&[("limit", INT, "Maximum number of packs per page."), ("offset", INT, "Number of packs to skip.")])
    .response(200, Shape::Page(&VIEW))
    .help("Icon packs.");

fn icons(outside: &Outside<'_>, _: &Args) -> Result<Answer> {
    let page = list::page(outside.request, 1);
    let shown = page.is_none_or(|(_, offset)| offset == 0);
    let rows = if shown { ["[", PACKAGE.trim_end(), "]"].concat() } else { "[]".to_owned() };
    Ok(match page {
        None => Answer::json_bytes(200, rows.into_bytes()),
        Some((limit, offset)) => list::paged(outside.request, 1, limit, offset, rows.as_bytes()),
    })
}

#[cfg(test)]
mod tests {
    use super::PACKAGE;

    #[test]
    fn the_package_is_json_with_icons() {
        let package: serde_json::Value = serde_json::from_str(PACKAGE).unwrap();
        assert_eq!(package["icons"]["package"]["variants"]["outline"], "eaff");
        assert!(package["icons"].as_object().unwrap().len() > 5_000);
    }
}
