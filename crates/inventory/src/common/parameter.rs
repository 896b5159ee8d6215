//! Parameters: named values on records of many kinds.

use ironwood_rest::view::{Many, View, col, nested, pk};

use super::tables::{PARAMETER, PARAMETER_TEMPLATE};
use crate::users::view::BRIEF as USER;

/// What a parameter is.
pub static TEMPLATE_VIEW: View = View::new(
    "ParameterTemplate",
    &PARAMETER_TEMPLATE,
    &[
        pk(),
        col("name"),
        col("units"),
        col("description"),
        col("model_type"),
        col("checkbox"),
        col("choices"),
        col("selectionlist"),
        col("enabled"),
        col("unique"),
    ],
);

/// The value of a parameter on one record.
pub static VIEW: View = View::new(
    "Parameter",
    &PARAMETER,
    &[
        pk(),
        col("template"),
        col("model_type"),
        col("model_id"),
        col("data"),
        col("data_numeric").read_only(),
        col("note"),
        col("updated").read_only(),
        col("updated_by").read_only(),
        nested("template_detail", "template", &TEMPLATE_VIEW).on("template_detail", true),
        nested("updated_by_detail", "updated_by", &USER).on("updated_by_detail", true),
    ],
);

/// Parameters of a part category.
pub static OF_CATEGORY: Many = Many::new(&VIEW, "{model_id}").only("{model_type} = 'part.partcategory'");
/// Parameters of a part.
pub static OF_PART: Many = Many::new(&VIEW, "{model_id}").only("{model_type} = 'part.part'");
/// Parameters of a stock location.
pub static OF_LOCATION: Many = Many::new(&VIEW, "{model_id}").only("{model_type} = 'stock.stocklocation'");
