//! Lists of choices that depend on settings or rows.

use ironwood_base::{Error, Result, currency, status};
use ironwood_store::{Connection, Value};

use super::custom_state;
use crate::lists;
use crate::platform::settings::Settings;
use crate::platform::settings::keys;

/// Currencies in use; a kind of status by its name (`StockStatus`), the administrator's own values
/// included.
pub(crate) const CURRENCY: &str = "currency";

/// Sizes of the paper of reports ([`PAGE_SIZES`]).
pub(crate) const PAGE_SIZE: &str = "page_size";
/// Sizes of paper.
pub(crate) static PAGE_SIZES: &[(&str, &str)] = &[("A4", "A4"), ("A3", "A3"), ("Legal", "Legal"), ("Letter", "Letter")];

/// Values of a list with their labels.
///
/// # Errors
/// 500 for a list that is not there.
pub(crate) fn of(conn: &mut Connection, list: &str) -> Result<Vec<(String, String)>> {
    if list == CURRENCY {
        let settings = Settings::load(conn)?;
        let codes = settings.text(keys::CURRENCY_CODES).split(',').map(str::trim).filter(|c| !c.is_empty());
        return Ok(codes.map(|code| (code.to_owned(), currency_label(code))).collect());
    }
    if list == PAGE_SIZE {
        return Ok(PAGE_SIZES.iter().map(|(size, label)| ((*size).to_owned(), (*label).to_owned())).collect());
    }
    let class = status::class(list).ok_or_else(|| Error::Internal(format!("there is no list {list}")))?;
    let mut values: Vec<(i64, String)> = class.values.iter().map(|s| (s.key, s.label.to_owned())).collect();
    values.extend(custom_state::added_to(conn, class)?.into_iter().map(|state| (state.key, state.label)));
    values.sort_by_key(|(key, _)| *key);
    Ok(values.into_iter().map(|(key, label)| (key.to_string(), label)).collect())
}

/// `EUR - Euro`.
pub(crate) fn currency_label(code: &str) -> String {
    currency::name(code).map_or_else(|| code.to_owned(), |name| format!("{code} - {name}"))
}

/// Whether the value of a list that stands where none is given follows from settings alone.
pub(crate) fn is_by_settings(list: &str) -> bool {
    [CURRENCY, PAGE_SIZE].contains(&list) || status::class(list).is_some()
}

/// The value of a list that stands where none is given.
/// The setting with a pattern of references stands for the next reference.
pub(crate) fn default_of(conn: &mut Connection, list: &str) -> Result<Option<Value>> {
    if let Some(value) = lists::made_value(conn, list)? {
        return Ok(Some(value));
    }
    if list == PAGE_SIZE {
        return Ok(Some(Settings::load(conn)?.text(keys::REPORT_DEFAULT_PAGE_SIZE).into()));
    }
    if list != CURRENCY {
        return Ok(None);
    }
    let settings = Settings::load(conn)?;
    Ok(Some(settings.text(keys::INVENTREE_DEFAULT_CURRENCY).into()))
}
