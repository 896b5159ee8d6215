//! The base style sheet: what documents for print expect of elements, where the layout engine, which was made
//! for screens, has it otherwise.

use std::sync::LazyLock;

use blitz_dom::UserAgentStylesheet;

/// Ligatures are off, so that text copied from a PDF has each letter. The height of a line is that of the bundled
/// fonts, for which the layout engine takes 1.2. A generic name for fonts of equal width would make text smaller.
const PRINT: &str = "
    html { font-family: serif; font-variant-ligatures: no-common-ligatures; line-height: 1.117; }
    th { text-align: start; }
    caption { display: block; text-align: center; }
    table { box-sizing: border-box; }
    tr { vertical-align: inherit; }
    tbody, thead, tfoot { vertical-align: middle; }
    td, th { vertical-align: baseline; align-content: center; padding: 1px; }
    pre, code, kbd, samp, tt { font-family: \"Liberation Mono\"; line-height: 1.133; }
    small, sub, sup { font-size: 0.8889em; }
    table, td, th { border-color: gray; }
    a[href] { color: rgb(0, 0, 238); text-decoration: underline; }
    img { overflow: hidden; }
    script, noscript, template, link, meta, title, head { display: none; }
";

static SHEETS: LazyLock<Vec<UserAgentStylesheet>> =
    LazyLock::new(|| vec![UserAgentStylesheet::default_sheet(), UserAgentStylesheet::parse(PRINT)]);

/// Style sheets below those of documents.
pub(crate) fn sheets() -> Vec<UserAgentStylesheet> {
    SHEETS.clone()
}
