use super::field::is_reserved;
use crate::value::check_name;
use crate::violation::ViolationKind;

/// The longest name of an extension (documented by the original).
pub(super) const MAX_EXTENSION_NAME: usize = 26;

/// What keeps a text from being the name of an extension.
pub(crate) fn name_mistake(name: &str) -> Option<ViolationKind> {
    let is_name = check_name(name, MAX_EXTENSION_NAME).is_ok() && !is_reserved(name);
    (!is_name).then_some(ViolationKind::InvalidExtensionName { limit: MAX_EXTENSION_NAME })
}
