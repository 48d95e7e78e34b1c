//! How a body spells what its schemas spell otherwise: kept only where a rule of the host may want to point at it.

use std::sync::Arc;

/// Of the extensions of an event, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spellings(Option<Arc<[Spelling]>>);

impl Spellings {
    pub(crate) fn of(extensions: Vec<Spelling>) -> Self {
        Spellings(Some(extensions.into()))
    }

    /// Of the extension at this place among those of the event.
    pub(crate) fn nth(&self, extension: usize) -> Option<&Spelling> {
        self.0.as_ref()?.get(extension)
    }
}

/// Of one extension.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spelling {
    /// Its name, where the body spells it otherwise.
    pub(crate) name: Option<Box<str>>,
    /// The attributes that the body spells otherwise, record by record.
    attributes: Vec<Respelled>,
    /// Their names, one after the other: 10,000 records may spell an attribute otherwise.
    names: String,
}

#[derive(Clone, Copy, Debug)]
struct Respelled {
    record: u32,
    column: u8,
    /// Where its name begins.
    begin: u32,
}

impl Spelling {
    /// Without the attributes.
    pub(crate) fn of_name(&self) -> Self {
        Spelling { name: self.name.clone(), ..Spelling::default() }
    }

    pub(super) fn note(&mut self, record: u32, column: u8, name: &str) {
        // Beyond 4 GiB of names, the schema's spelling will do.
        let Ok(begin) = u32::try_from(self.names.len()) else { return };
        self.attributes.push(Respelled { record, column, begin });
        self.names.push_str(name);
    }

    /// An attribute of a record, where the body spells it otherwise than the schema.
    pub(crate) fn attribute(&self, record: usize, column: u8) -> Option<&str> {
        let first = self.attributes.partition_point(|respelled| (respelled.record as usize) < record);
        let own = self.attributes.iter().enumerate().skip(first);
        let mut own = own.take_while(|(_, respelled)| respelled.record as usize == record);
        let (ordinal, respelled) = own.find(|(_, respelled)| respelled.column == column)?;
        let end = self.attributes.get(ordinal + 1).map_or(self.names.len(), |next| next.begin as usize);
        self.names.get(respelled.begin as usize..end)
    }
}
