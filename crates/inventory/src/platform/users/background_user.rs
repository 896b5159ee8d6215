//! A user whose work goes on without their request.

use ironwood_rest::context::{Caller, Permission};

use super::permission::User;

/// A user as the caller of work that goes on without their request: with the rights that they have when it is read.
pub(crate) struct BackgroundUser(pub User);

impl Caller for BackgroundUser {
    fn id(&self) -> Option<i64> {
        Some(self.0.id.id())
    }
    fn is_staff(&self) -> bool {
        self.0.is_active && self.0.is_staff
    }
    fn is_superuser(&self) -> bool {
        self.0.is_active && self.0.is_superuser
    }
    fn may(&self, table: &str, permission: Permission) -> bool {
        self.0.may_table(table, permission)
    }
    fn sees(&self, table: &str) -> bool {
        self.0.sees(table)
    }
    fn sees_private(&self, table: &str) -> bool {
        self.0.sees_private(table)
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
