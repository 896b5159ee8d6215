//! Snippets and assets of templates.

use ironwood_base::Result;
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::resource::{Access, NO_RULES, Resource, Rules};
use ironwood_rest::view::{View, col, pk};

use super::upload;
use crate::schema::report::{ASSET, SNIPPET};

static SNIPPET_VIEW: View = View::new(
    "ReportSnippet",
    &SNIPPET,
    &[pk(), col("snippet").help("Snippet: an HTML file."), col("description").help("Description.")],
);

static ASSET_VIEW: View =
    View::new("ReportAsset", &ASSET, &[pk(), col("asset").help("File."), col("description").help("Description.")]);

/// Pieces of templates.
pub(crate) static SNIPPETS: Resource = Resource::new("/api/report/snippet/", "report_snippet", &SNIPPET_VIEW)
    .access(Access::StaffWrites)
    .search(&["{description}", "{snippet}"])
    .rules(Rules { check: check_snippet, ..NO_RULES })
    .help("Snippets that templates can include.");

/// Files that templates use.
pub(crate) static ASSETS: Resource = Resource::new("/api/report/asset/", "report_asset", &ASSET_VIEW)
    .access(Access::StaffWrites)
    .rules(Rules { check: check_asset, ..NO_RULES })
    .help("Assets for templates, such as images.");

fn check_snippet(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    upload::check(ctx, change, "snippet", upload::HTML)?;
    upload::check_syntax(change, "snippet")
}

fn check_asset(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    upload::check(ctx, change, "asset", &[])
}

#[cfg(test)]
mod tests {
    use std::fs;

    use ironwood_rest::http::{Body, FormValue, Method};

    use crate::services::report::upload::tests::{html, sent};
    use crate::testing::on_each_server;

    #[test]
    fn a_file_is_replaced_under_its_name() {
        on_each_server(|server| {
            let admin = server.superuser();
            let file = html("snippet", "head.html", "<b>1</b>");
            let (status, made) = sent(&admin, "/api/report/snippet/", &[("description", "Head")], Some(file));
            assert_eq!((status, &made["snippet"]), (201, &"/media/report/snippets/head.html".into()), "{made}");
            let path = server.media.join("report/snippets/head.html");
            assert_eq!(fs::read_to_string(&path).unwrap(), "<b>1</b>");
            let row = format!("/api/report/snippet/{}/", made["pk"]);
            let (name, upload) = html("snippet", "head.html", "<b>2</b>");
            let form = Body::Form(vec![(name, FormValue::File(upload))]);
            let (status, changed) = admin.send(Method::Patch, &row, form);
            assert_eq!((status, &changed["snippet"]), (200, &made["snippet"]), "{changed}");
            assert_eq!(fs::read_to_string(&path).unwrap(), "<b>2</b>");
            assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
            assert_eq!(admin.delete(&row).0, 204);
            assert!(!path.exists());
        });
    }
}
