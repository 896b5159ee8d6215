//! Labels on their way to a machine.

use std::rc::Rc;

use ironwood_base::Result;
use ironwood_rest::selected;
use ironwood_store::Connection;

use super::driver::{self, Driver, Fault, LabelFormat, Labels, Values};
use super::{Request, setting, status};
use crate::platform::layout_engine::Output;
use crate::services::report::context::record::Record;
use crate::services::report::render::Renderer;
use crate::services::report::work::{self, Finished, Progress, RenderOptions};

/// Resolution of a machine that names none: that of Brother's print heads.
const USUAL_DPI: u16 = 300;

/// The kind of machines that print labels.
pub(crate) const LABEL_PRINTER: &str = "label-printer";

/// A machine with its driver and settings.
struct Machine {
    name: String,
    driver: &'static Driver,
    values: Values,
}

selected! {
    /// A machine as it is stored.
    struct StoredMachine {
        uuid: String = "uuid",
        name: String = "name",
        machine_type: String = "machine_type",
        driver: String = "driver",
        active: bool = "active",
    }
}

/// Reads a machine that is to print.
///
/// # Errors
/// What is wrong with it, for the user.
fn load(conn: &mut Connection, key: &str) -> Result<std::result::Result<Machine, String>> {
    let stored = selected::first(conn, "FROM machine_machineconfig WHERE uuid = $1", &[key.into()])?;
    let Some(StoredMachine { name, machine_type, driver, active, .. }) = stored else {
        return Ok(Err(if key.is_empty() {
            "Select a machine.".into()
        } else {
            "This machine does not exist.".into()
        }));
    };
    if machine_type != LABEL_PRINTER {
        return Ok(Err(format!("{name} does not print labels.")));
    }
    if !active {
        return Ok(Err(format!("{name} is not active. Activate it in the machine settings.")));
    }
    let Some(driver) = driver::find(&driver) else {
        return Ok(Err(format!("The driver of {name} is not available on this server.")));
    };
    let values = setting::values(conn, key, driver)?;
    Ok(Ok(Machine { name, driver, values }))
}

/// Keys and names of the machines that print labels, with their locations if `shows_places`; by name.
///
/// # Errors
/// Those of the database.
pub(crate) fn printers(conn: &mut Connection, shows_places: bool) -> Result<Vec<(String, String)>> {
    let from = "FROM machine_machineconfig WHERE active AND machine_type = $1 ORDER BY name, id";
    let mut found = Vec::new();
    for machine in selected::all::<StoredMachine>(conn, from, &[LABEL_PRINTER.into()])? {
        let Some(driver) = driver::find(&machine.driver) else { continue };
        let (key, mut name) = (machine.uuid, machine.name);
        let location = setting::values(conn, &key, driver)?.int("LOCATION");
        if shows_places
            && location > 0
            && let Some(row) = conn.one("SELECT name FROM stock_stocklocation WHERE id = $1", &[location.into()])?
        {
            name.push_str(" @ ");
            name.push_str(row.text(0));
        }
        found.push((key, name));
    }
    Ok(found)
}

/// Checks that a machine can be told to print, and gives its driver.
///
/// # Errors
/// What is wrong with it, for the user.
pub(super) fn check_printer(conn: &mut Connection, key: &str) -> std::result::Result<&'static Driver, String> {
    load(conn, key).map_err(|error| error.to_string())?.map(|machine| machine.driver)
}

/// The driver and the settings of a machine that can be told to print.
///
/// # Errors
/// Those of the database.
pub(super) fn options(conn: &mut Connection, key: &str) -> Result<Option<(&'static Driver, Values)>> {
    Ok(load(conn, key)?.ok().map(|machine| (machine.driver, machine.values)))
}

/// Prints labels on a machine. Gives the file where it is the browser that prints.
///
/// # Errors
/// 503 where the machine may print later; else what is wrong.
pub(crate) fn print(
    request: &Request,
    renderer: &Renderer,
    records: &[Rc<Record>],
    progress: Progress<'_>,
) -> Result<Option<Finished>> {
    let inventory = renderer.source.inventory();
    let (key, wanted) = (request.key.as_str(), request.key.clone());
    let machine = inventory.db.read(move |conn| load(conn, &wanted))?;
    let mut machine = machine.map_err(|why| ironwood_base::Error::field("machine", why))?;
    request.apply(&mut machine.values);
    let copies = request.copies;
    if matches!(machine.driver.format, LabelFormat::Output) {
        let copies = usize::try_from(copies).unwrap_or(1);
        let copied: Vec<Rc<Record>> =
            records.iter().flat_map(|record| std::iter::repeat_n(Rc::clone(record), copies)).collect();
        return work::finish(renderer, &copied, &RenderOptions::default(), progress).map(Some);
    }
    let documents = work::documents(renderer, records, progress)?;
    let stored = &renderer.stored;
    let output = match machine.driver.format {
        LabelFormat::Pictures => {
            let dpi = u16::try_from(machine.values.int("DPI")).ok().filter(|dpi| *dpi > 0).unwrap_or(USUAL_DPI);
            Output::Png { dpi }
        }
        _ => Output::Pdf { archival: false },
    };
    let files = work::print(renderer, documents, output, stored.page())?.files;
    let title = format!("{} on {}", stored.name, machine.name);
    let labels = Labels { title, files, copies, width: stored.width, height: stored.height };
    status::printing(key);
    match (machine.driver.send)(&machine.values, &inventory.printing, &labels) {
        Ok(()) => status::reached(key),
        Err(fault) => {
            status::failed(key, matches!(fault, Fault::Refused(_)), fault.message());
            return Err(fault.into());
        }
    }
    Ok(None)
}

/// Whether a machine can be reached as it is set; its status says so afterwards.
///
/// # Errors
/// Those of the database; what is wrong with the machine.
pub(crate) fn probe(inventory: &crate::platform::state::Inventory, key: &str) -> Result<()> {
    let wanted = key.to_owned();
    let machine = inventory.db.read(move |conn| load(conn, &wanted))?;
    let machine = machine.map_err(ironwood_base::Error::non_field)?;
    match (machine.driver.probe)(&machine.values, &inventory.printing) {
        Ok(()) => status::reached(key),
        Err(fault) => status::failed(key, matches!(fault, Fault::Refused(_)), fault.message()),
    }
    Ok(())
}
