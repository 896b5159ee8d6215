//! Notifications, e-mails, and news.

pub mod audience;
pub mod days;
pub mod email;
pub mod followers;
pub mod message;
pub mod news;
#[cfg(test)]
mod tests;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&message::MESSAGES, &news::NEWS, &email::EMAILS];

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[&message::READ_ALL, &email::TEST, &email::SIGN_IN_LINK];
