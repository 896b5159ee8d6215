//! The domain: one folder for each business area, one file for each resource or action.

pub mod users;
