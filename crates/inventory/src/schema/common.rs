//! Tables: what all areas share.

use ironwood_base::Key;
use ironwood_base::key::{Any, Record};
use ironwood_rest::context::Permission;
use ironwood_rest::row;
use ironwood_rest::subject::Subject;
use ironwood_rest::table::Default::{Changed, Int, Now, Text};
use ironwood_rest::table::OnDelete::{Cascade, SetNull};
use ironwood_rest::table::{Table, date, file, flag, image, int, json, link, model, natural, real, text, time, url};

use super::record_type;
use crate::schema::plugin;
use crate::schema::users::{self, UserKey};

/// Among which records the value of a parameter is unique.
pub static UNIQUE_IN: &[(&str, &str)] =
    &[("0", "Not unique"), ("1", "Among records of one type"), ("2", "Among all records")];

/// Colours of states.
pub static COLORS: &[(&str, &str)] = &[
    ("primary", "Primary"),
    ("secondary", "Secondary"),
    ("success", "Success"),
    ("danger", "Danger"),
    ("warning", "Warning"),
    ("info", "Info"),
    ("dark", "Dark"),
];

/// Settings of the server.
pub static SETTING: Table = Table::new("common_inventreesetting", "common.inventreesetting")
    .columns(&[text("key", 50).unique(), text("value", 2000).blank().secret()]);

/// Settings of users.
pub static USER_SETTING: Table = Table::new("common_inventreeusersetting", "common.inventreeusersetting")
    .columns(&[text("key", 50), link("user", &users::USER, Cascade).null(), text("value", 2000).blank().secret()])
    .unique(&[&["key", "user"]]);

/// Projects that orders belong to.
pub static PROJECT_CODE: Table =
    Table::new("common_projectcode", "common.projectcode").label("Project code").columns(&[
        text("code", 50).unique(),
        text("description", 200).blank(),
        flag("active", true),
        link("responsible", &users::OWNER, SetNull).null(),
        json("metadata").null().filled("{}"),
    ]);

/// Physical units beyond the common ones.
pub static CUSTOM_UNIT: Table = Table::new("common_customunit", "common.customunit").label("Unit").columns(&[
    text("name", 50).unique(),
    text("symbol", 10).blank(),
    text("definition", 50),
]);

/// States that an administrator has added to those of a record.
pub static CUSTOM_STATE: Table =
    Table::new("common_inventreecustomuserstatemodel", "common.inventreecustomuserstatemodel")
        .label("Custom state")
        .columns(&[
            text("reference_status", 250),
            int("logical_key"),
            int("key"),
            text("name", 250),
            text("label", 250),
            text("color", 10).default(Text("secondary")).choices(COLORS),
            model("model").null(),
        ])
        .unique(&[&["reference_status", "key"], &["reference_status", "name"]])
        .indexes(&[&["model"]]);

/// Attaching a file requires the permission to change the record.
static ATTACHED_TO: Subject = Subject {
    model: "model_type",
    id: "model_id",
    short: true,
    kinds: record_type::ATTACHED_TO,
    change: Some(Permission::Change),
    delete: Some(Permission::Delete),
    author: "",
    rows: "attachments",
};

/// Files and links attached to records.
pub static ATTACHMENT: Table = Table::new("common_attachment", "common.attachment")
    .columns(&[
        text("model_type", 100),
        natural("model_id"),
        file("attachment").blank(),
        image("thumbnail").blank(),
        url("link", 2000).null().blank(),
        text("comment", 250).blank(),
        link("upload_user", &users::USER, SetNull).null(),
        date("upload_date").null().default(Now),
        flag("is_image", false),
        natural("file_size").default(Int(0)),
        json("metadata").null().filled("{}"),
    ])
    .on(&ATTACHED_TO)
    .indexes(&[&["model_type", "model_id"]])
    .index_where(&[(&["attachment"], "\"attachment\" <> ''"), (&["thumbnail"], "\"thumbnail\" <> ''")]);

/// Adding an image to notes requires the permission to change the record. Without a record, only the user who
/// uploaded the image can view it.
static NOTES_OF: Subject = Subject {
    model: "model_type",
    id: "model_id",
    short: true,
    kinds: record_type::NOTES_OF,
    change: Some(Permission::Change),
    delete: Some(Permission::Change),
    author: "{t}.\"user\"",
    rows: "notes",
};

/// Images in notes.
pub static NOTES_IMAGE: Table = Table::new("common_notesimage", "common.notesimage")
    .columns(&[
        image("image"),
        link("user", &users::USER, SetNull).null(),
        time("date").default(Now),
        text("model_type", 100).null().blank(),
        int("model_id").null(),
    ])
    .on(&NOTES_OF)
    .indexes(&[&["model_type", "model_id"], &["image"]]);

/// Lists of values that parameters choose from.
pub static SELECTION_LIST: Table = Table::new("common_selectionlist", "common.selectionlist").columns(&[
    text("name", 100).unique(),
    text("description", 250).blank(),
    flag("locked", false),
    flag("active", true),
    link("source_plugin", &plugin::CONFIG, SetNull).null(),
    text("source_string", 1000).blank(),
    link("default", &SELECTION_ENTRY, SetNull).null(),
    time("created").default(Now),
    time("last_updated").default(Changed),
    json("metadata").null().filled("{}"),
]);

/// Values of selection lists.
pub static SELECTION_ENTRY: Table = Table::new("common_selectionlistentry", "common.selectionlistentry")
    .columns(&[
        link("list", &SELECTION_LIST, Cascade).null(),
        text("value", 255),
        text("label", 255),
        text("description", 250).blank(),
        flag("active", true),
    ])
    .unique(&[&["list", "value"]]);

/// Parameters that records may have.
pub static PARAMETER_TEMPLATE: Table =
    Table::new("common_parametertemplate", "common.parametertemplate").label("Parameter template").columns(&[
        model("model_type").null(),
        text("name", 100).unique(),
        text("units", 25).blank(),
        text("description", 250).blank(),
        flag("checkbox", false),
        text("choices", 5000).blank(),
        link("selectionlist", &SELECTION_LIST, SetNull).null(),
        flag("enabled", true),
        natural("unique").default(Int(0)).choices(UNIQUE_IN),
        json("metadata").null().filled("{}"),
    ]);

/// Changing parameters requires the permission to change their record.
static PARAMETERS_OF: Subject = Subject {
    model: "model_type",
    id: "model_id",
    short: false,
    kinds: record_type::PARAMETERS_OF,
    change: Some(Permission::Change),
    delete: Some(Permission::Change),
    author: "",
    rows: "parameters",
};

/// Values of parameters.
pub static PARAMETER: Table = Table::new("common_parameter", "common.parameter")
    .label("Parameter")
    .columns(&[
        model("model_type"),
        natural("model_id"),
        link("template", &PARAMETER_TEMPLATE, Cascade),
        text("data", 500),
        real("data_numeric").null(),
        text("note", 500).blank(),
        time("updated").null(),
        link("updated_by", &users::USER, SetNull).null(),
        json("metadata").null().filled("{}"),
    ])
    .on(&PARAMETERS_OF)
    .unique(&[&["model_type", "model_id", "template"]])
    .indexes(&[&["model_type", "model_id"], &["template", "data_numeric"], &["template", "data"]])
    .searched(&["data"]);

row! {
    /// A parameter of a record.
    pub struct Parameter in PARAMETER {
        pub model_type: String,
        pub model_id: AnyKey,
        pub template: ParameterTemplateKey,
        pub data: String,
        pub data_numeric: Option<f64>,
        pub note: String,
        pub updated: Option<String>,
        pub updated_by: Option<UserKey>,
        pub metadata: Option<String>,
    } without []
}

/// Tagging requires the permission to change the record.
static TAGGED_ROWS: Subject = Subject {
    model: "content_type",
    id: "object_id",
    short: false,
    kinds: record_type::TAGGED,
    change: Some(Permission::Change),
    delete: Some(Permission::Change),
    author: "",
    rows: "tags",
};

/// Tags of records. Visible to users who can view one of the tagged records.
pub static TAG: Table = Table::new("taggit_tag", "taggit.tag")
    .label("Tag")
    .seen_by(&TAGGED, "tag")
    .columns(&[text("name", 100).unique(), text("slug", 100).unique()])
    .natural_key(&["name"]);

/// Which record has which tag.
pub static TAGGED: Table = Table::new("taggit_taggeditem", "taggit.taggeditem")
    .columns(&[link("tag", &TAG, Cascade), model("content_type"), int("object_id")])
    .on(&TAGGED_ROWS)
    .indexes(&[&["content_type", "object_id"]]);

/// Exports, reports and labels that are or were being made.
pub static DATA_OUTPUT: Table = Table::new("common_dataoutput", "common.dataoutput")
    .columns(&[
        date("created").default(Now),
        link("user", &users::USER, SetNull).null(),
        natural("total").default(Int(1)),
        natural("progress").default(Int(0)).unlogged("moves while a file is made"),
        flag("complete", false),
        text("output_type", 100).null().blank(),
        text("template_name", 100).null().blank(),
        text("plugin", 100).null().blank(),
        file("output").blank(),
        json("errors").null(),
    ])
    .of_user("{t}.\"user\"")
    .indexes(&[&["created"]])
    .index_where(&[(&["output"], "\"output\" <> ''")]);

/// Barcodes that were scanned, and what came of it.
pub static BARCODE_SCAN: Table = Table::new("common_barcodescanresult", "common.barcodescanresult")
    .unlogged("a log by itself")
    .columns(&[
        text("data", 250),
        link("user", &users::USER, SetNull).null(),
        time("timestamp").default(Now),
        text("endpoint", 250).null().blank(),
        json("context").null(),
        json("response").null(),
        flag("result", false),
    ])
    .of_user("{t}.\"user\"")
    .indexes(&[&["timestamp"]])
    .searched(&["data"]);

/// What projects are.
#[derive(Debug)]
pub enum ProjectCode {}

impl Record for ProjectCode {
    const TABLE: &'static str = PROJECT_CODE.name;
}

/// What templates of parameters are.
#[derive(Debug)]
pub enum ParameterTemplate {}

impl Record for ParameterTemplate {
    const TABLE: &'static str = PARAMETER_TEMPLATE.name;
}

/// What lists of choices are.
#[derive(Debug)]
pub enum SelectionList {}

impl Record for SelectionList {
    const TABLE: &'static str = SELECTION_LIST.name;
}

/// What files that are or were being made are.
#[derive(Debug)]
pub enum DataOutput {}

impl Record for DataOutput {
    const TABLE: &'static str = DATA_OUTPUT.name;
}

/// The key of a project.
pub type ProjectCodeKey = Key<ProjectCode>;
/// The key of a template of parameters.
pub type ParameterTemplateKey = Key<ParameterTemplate>;
/// The key of a list of choices.
pub type SelectionListKey = Key<SelectionList>;
/// The key of an export, a report, or labels.
pub type DataOutputKey = Key<DataOutput>;
/// The key of a record whose table is named beside it.
pub type AnyKey = Key<Any>;
