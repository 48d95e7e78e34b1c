//! The HTTP host: request after request, and what other hosts do to its store meanwhile, beside a model of it.

use std::sync::Arc;

use service_end::{CompleteService, ExtensionSchema, Outcome, Timestamp, Validator};

use crate::http::{Asked, Model, Served, declaration, options};
use crate::made::{Dice, schemas};
use crate::plain::Json;

pub fn made(data: &[u8]) {
    let mut dice = Dice::new(data);
    dice.secretive = dice.once_in(3);
    let options = Arc::new(options(&mut dice));
    let mut beside =
        Beside { served: Served::new(&options), model: Model::new(&options), secretive: dice.secretive };
    let declared = schemas(&mut dice, false);
    for schema in Json::of(&declared).map(Json::elements).unwrap_or_default() {
        beside.ask(&Asked::declare(schema.text()));
    }
    let mut last = Asked::new("POST", "/services/start", "");
    beside.ask(&last);
    beside.look(&mut dice);
    for _ in 0..=dice.below(12) {
        let registered = beside.model.registered().clone();
        match dice.below(12) {
            9 => beside.ask(&last),
            10 => beside.declare_elsewhere(&mut dice),
            11 => last = beside.end_elsewhere(&mut dice),
            _ => {
                if let Some(asked) = Asked::made(&mut dice, &beside.model) {
                    beside.ask(&asked);
                    last = asked;
                }
            }
        }
        beside.look(&mut dice);
        if !registered.iter().eq(beside.model.registered()) {
            beside.meet_new_schemas(&mut dice, &mut last);
        }
    }
    beside.ask(&Asked::new("GET", "/metadata/services/extensions", ""));
    beside.ask(&Asked::new("GET", "/metrics", ""));
}

/// A host and its model.
struct Beside {
    served: Served,
    model: Model,
    secretive: bool,
}

impl Beside {
    fn ask(&mut self, asked: &Asked) {
        let before = Timestamp::now();
        let answer = self.served.ask(asked);
        if std::env::var_os("SHOW").is_some() {
            eprintln!("{asked:?}\n{answer:?}");
        }
        let is_fresh = self.model.is_fresh();
        self.model.check(asked, &answer, (before, Timestamp::now()));
        if answer.status >= 400 && self.secretive {
            let secret =
                answer.text().find(Dice::SECRETS).or_else(|| answer.text().find(Dice::SECRET_NUMBER));
            assert!(secret.is_none(), "{asked:?}\n{answer:?}");
        }
        // The same end again is a success that changes nothing, unless its body was read with schemas that are gone.
        let is_end = answer.told.as_ref().is_some_and(|told| ["ended", "replaced"].contains(&&*told.code));
        if is_end && is_fresh {
            let again = self.served.ask(asked);
            self.model.check(asked, &again, (before, Timestamp::now()));
            assert_eq!(again.told.map(|told| told.code).as_deref(), Some("already_so"), "{asked:?}");
        }
    }

    /// Looks at what has changed, since the model does not know its version, and at times at other services.
    fn look(&mut self, dice: &mut Dice<'_>) {
        for id in self.model.ids() {
            if self.model.has_changed(id) || dice.once_in(4) {
                self.ask(&Asked::show(id));
            }
        }
    }

    /// Another host changes the schemas in the store.
    fn declare_elsewhere(&mut self, dice: &mut Dice<'_>) {
        let schema = declaration(dice, &self.model);
        let Ok(schema) = ExtensionSchema::from_json(&schema) else { return };
        match dice.below(4) {
            0 => self.remove(schema.name()),
            1 => self.register(&schema),
            2 => {
                let replaced = self.model.registered().replace_anyway(schema.clone());
                assert_eq!(self.served.storage().replace_anyway(&schema).is_ok(), replaced.is_ok());
                self.model.changed_elsewhere(replaced.ok());
            }
            _ => {
                // The same, and now it is the last of them.
                let Some(first) = self.model.registered().iter().next().cloned() else { return };
                self.remove(first.name());
                self.register(&first);
            }
        }
    }

    /// The first to meet schemas that have changed: whatever comes, the request of before, a first end, or one that looks.
    fn meet_new_schemas(&mut self, dice: &mut Dice<'_>, last: &mut Asked) {
        match dice.below(5) {
            1 => {
                self.ask(last);
                self.look(dice);
            }
            2 | 3 => {
                self.ask(&Asked::new("POST", "/services/start", ""));
                // When, only the host can tell.
                self.look(dice);
                let newest = self.model.ids().pop().expect("it has started");
                *last = Asked::end(dice, &self.model, newest);
                self.ask(last);
                self.look(dice);
            }
            4 => self.ask(&Asked::show(dice.pick(&self.model.ids()))),
            _ => {}
        }
    }

    /// Another host, which knows all schemas, ends a service.
    fn end_elsewhere(&mut self, dice: &mut Dice<'_>) -> Asked {
        let ids = self.model.ids();
        let id = dice.pick(&ids);
        let asked = Asked::end(dice, &self.model, id);
        let operation =
            CompleteService::new(Validator::new(self.model.registered().clone()), self.served.storage());
        let operation = operation.with_end_rules(self.model.end_rules());
        if let Ok(Outcome::Ended(ended) | Outcome::Replaced(ended)) =
            operation.end(id, &asked.body, Timestamp::now())
        {
            self.model.record(&ended);
        }
        asked
    }

    fn remove(&mut self, name: &str) {
        assert_eq!(self.served.storage().unregister(name).is_ok(), self.model.remove(name), "{name}");
    }

    fn register(&mut self, schema: &ExtensionSchema) {
        let registered = self.model.registered().with(schema.clone());
        assert_eq!(
            self.served.storage().register(schema).is_ok(),
            registered.is_ok(),
            "{}",
            schema.to_json()
        );
        self.model.changed_elsewhere(registered.ok());
    }
}
