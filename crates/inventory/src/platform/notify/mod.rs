//! Notifications, e-mails, and news.

pub(crate) mod audience;
pub(crate) mod days;
pub(crate) mod email;
pub(crate) mod followers;
pub(crate) mod message;
pub(crate) mod news;
#[cfg(test)]
mod tests;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub(crate) static RESOURCES: &[&Resource] = &[&message::MESSAGES, &news::NEWS, &email::EMAILS];

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[&message::READ_ALL, &email::TEST, &email::SIGN_IN_LINK];
