//! What a print job asks of its machine: how many copies, and options of its driver.

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::options;
use ironwood_rest::request;
use ironwood_rest::view::{BOOL, INT, TEXT, View, input};
use ironwood_store::Connection;
use serde_json::{Map, Value as Json, json};

use super::driver::{Driver, Setting, Values, setting};
use super::{printing, setting as settings};

/// Most copies of a label.
const MOST_COPIES: i64 = 100;

/// What every machine can be asked for.
static COPIES: Setting =
    setting("COPIES", "Copies", "Number of copies of each label.").integer(1, MOST_COPIES).default("1");

/// Options of all drivers; which of them a machine has, and their values, its driver tells.
pub(crate) static OPTIONS: View = View::plain(
    "LabelPrintDriverOptions",
    &[
        input("copies", INT).label("Copies").default("1").nullable().help("Number of copies of each label."),
        input("media", TEXT).nullable().help("IPP: name of the paper, such as `om_label_62x29mm`."),
        input("sides", TEXT).nullable().help("IPP: `one-sided`, `two-sided-long-edge`, or `two-sided-short-edge`."),
        input("color", TEXT).nullable().help("IPP: `auto`, `color`, `monochrome`, or `bi-level`."),
        input("quality", TEXT).nullable().help("IPP: `3` (draft), `4` (normal), or `5` (high)."),
        input("orientation", TEXT)
            .nullable()
            .help("IPP: `3` (portrait), `4` (landscape), `5` (reverse landscape), or `6` (reverse portrait)."),
        input("scaling", TEXT).nullable().help("IPP: `none`, `auto`, `auto-fit`, `fit`, or `fill`."),
        input("finishing", TEXT).nullable().help("IPP: number of a finishing, such as `60` to cut after each page."),
        input("priority", INT).nullable().help("IPP: priority of the job, from 1 to 100."),
        input("darkness", INT).nullable().help("IPP: from -100 to 100. Zebra: from 0 to 30."),
        input("speed", INT).nullable().help("Zebra: inches per second, from 1 to 14."),
        input("mode", TEXT)
            .nullable()
            .help("Zebra: `T` (tear off), `C` (cut), `P` (peel off), `R` (rewind), or `D` (delayed cut)."),
        input("rotate", BOOL).nullable().help("Zebra: rotate labels by 180 degrees."),
        input("high_quality", BOOL).nullable().help("Brother QL: prefer quality over speed."),
        input("cut", BOOL).nullable().help("Brother QL: cut labels."),
        input("cut_every", INT).nullable().help("Brother QL: number of labels between two cuts."),
        input("feed", INT).nullable().help("Brother QL: margin before and after each label on tape, in millimeters."),
    ],
);

request! {
    /// Options as a print job sends them; `None` leaves the value of the machine.
    pub(crate) struct Options of OPTIONS {
        copies: Option<i64>,
        media: Option<String>,
        sides: Option<String>,
        color: Option<String>,
        quality: Option<String>,
        orientation: Option<String>,
        scaling: Option<String>,
        finishing: Option<String>,
        priority: Option<i64>,
        darkness: Option<i64>,
        speed: Option<i64>,
        mode: Option<String>,
        rotate: Option<bool>,
        high_quality: Option<bool>,
        cut: Option<bool>,
        cut_every: Option<i64>,
        feed: Option<i64>,
    } without []
}

impl Options {
    /// The values that were sent, as settings of drivers have them.
    fn sent(&self) -> impl Iterator<Item = (&'static str, String)> {
        let text = |name, value: &Option<String>| Some((name, value.as_ref()?.clone()));
        let number = |name, value: Option<i64>| Some((name, value?.to_string()));
        let flag = |name, value: Option<bool>| Some((name, if value? { "True" } else { "False" }.to_owned()));
        let all = [
            number("copies", self.copies),
            text("media", &self.media),
            text("sides", &self.sides),
            text("color", &self.color),
            text("quality", &self.quality),
            text("orientation", &self.orientation),
            text("scaling", &self.scaling),
            text("finishing", &self.finishing),
            number("priority", self.priority),
            number("darkness", self.darkness),
            number("speed", self.speed),
            text("mode", &self.mode),
            flag("rotate", self.rotate),
            flag("high_quality", self.high_quality),
            flag("cut", self.cut),
            number("cut_every", self.cut_every),
            number("feed", self.feed),
        ];
        all.into_iter().flatten()
    }
}

/// What a print job asks of its machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// ID of the machine.
    pub key: String,
    pub copies: i64,
    /// Settings of the machine that have another value in this job.
    settings: Vec<(String, String)>,
}

/// The options of a driver by name.
fn known(driver: &Driver) -> impl Iterator<Item = (String, &'static Setting)> {
    std::iter::once(&COPIES).chain(driver.options()).map(|setting| (setting.key.to_ascii_lowercase(), setting))
}

impl Request {
    /// Checks what is asked of a machine.
    ///
    /// # Errors
    /// 400 that names the machine or the option.
    pub(crate) fn read(conn: &mut Connection, key: &str, given: Option<&Options>) -> Result<Self> {
        let driver = printing::check_printer(conn, key).map_err(|why| Error::field("machine", why))?;
        let mut request = Request { key: key.to_owned(), copies: 1, settings: Vec::new() };
        let mut faults = Fields::new();
        for (name, value) in given.into_iter().flat_map(Options::sent) {
            let Some((_, setting)) = known(driver).find(|(known, _)| known == name) else {
                faults.add(name, "This machine does not have this option.");
                continue;
            };
            match settings::check(conn, setting, &value).map(|()| value) {
                Err(why) => faults.add(name, why),
                // the value of the machine
                Ok(value) if value.is_empty() => {}
                Ok(value) if setting.key == COPIES.key => request.copies = value.parse().unwrap_or(1),
                Ok(value) => request.settings.push((setting.key.to_owned(), value)),
            }
        }
        if faults.is_empty() {
            return Ok(request);
        }
        let mut all = Fields::new();
        all.nest("driver_options", faults.json());
        Err(Error::Invalid(all))
    }

    /// The request as JSON, for a job.
    pub(crate) fn json(&self) -> Json {
        let settings: Map<String, Json> =
            self.settings.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        json!({"key": self.key, "copies": self.copies, "settings": settings})
    }

    /// A request from JSON.
    pub(crate) fn of_json(json: &Json) -> Option<Self> {
        let settings = json["settings"].as_object().into_iter().flatten();
        Some(Request {
            key: json["key"].as_str()?.to_owned(),
            copies: json["copies"].as_i64().unwrap_or(1),
            settings: settings.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect(),
        })
    }

    /// Gives the settings of the machine the values that they have in this job.
    pub(super) fn apply(&self, values: &mut Values) {
        values.0.extend(self.settings.iter().cloned());
    }
}

/// What OPTIONS tells of the options of a machine, with its own values as defaults. None of those of drivers where there
/// is no such machine.
///
/// # Errors
/// Those of the database.
pub(crate) fn describe(ctx: &mut Context<'_>, key: &str) -> Result<Map<String, Json>> {
    let mut all = options::accepted(ctx, &OPTIONS)?;
    let machine = printing::options(ctx.conn, key)?;
    let find = |name: &str| match &machine {
        Some((driver, values)) => {
            let (_, setting) = known(driver).find(|(known, _)| known == name)?;
            Some((setting, values.0.get(setting.key).map_or(setting.default, String::as_str)))
        }
        None => (name == "copies").then_some((&COPIES, COPIES.default)),
    };
    all.retain(|name, _| find(name).is_some());
    for (name, info) in &mut all {
        let (Some((setting, value)), Json::Object(info)) = (find(name), info) else { continue };
        info.insert("label".into(), setting.name.into());
        info.insert("help_text".into(), setting.description.into());
        let default = match setting.kind {
            _ if value.is_empty() => Json::Null,
            "boolean" => crate::platform::settings::truth(value).into(),
            "integer" => value.parse::<i64>().map_or(Json::Null, Json::from),
            _ => value.into(),
        };
        info.insert("default".into(), default);
        if !setting.choices.is_empty() {
            let choices = setting.choices.iter().map(|(value, name)| json!({"value": value, "display_name": name}));
            info.insert("type".into(), "choice".into());
            info.insert("choices".into(), choices.collect());
        } else if setting.kind == "boolean" {
            info.insert("type".into(), "boolean".into());
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::machine::driver::DRIVERS;

    #[test]
    fn every_option_of_a_driver_can_be_given() {
        for driver in DRIVERS {
            for (name, setting) in known(driver) {
                assert!(OPTIONS.fields.iter().any(|field| field.name == name), "{}: {name}", driver.slug);
                assert!(!setting.secret && setting.model.is_empty(), "{}: {name}", driver.slug);
            }
        }
        for field in OPTIONS.fields {
            assert!(DRIVERS.iter().any(|driver| known(driver).any(|(name, _)| name == field.name)), "{}", field.name);
        }
    }

    #[test]
    fn requests_come_back_from_jobs() {
        let settings = vec![("DARKNESS".to_owned(), "5".to_owned())];
        let request = Request { key: "a-b".into(), copies: 3, settings };
        assert_eq!(Request::of_json(&request.json()), Some(request));
        // of an earlier release
        let earlier = Request::of_json(&json!({"key": "a", "copies": 2})).unwrap();
        assert_eq!((earlier.copies, earlier.settings.len()), (2, 0));
        assert_eq!(Request::of_json(&Json::Null), None);
    }
}
