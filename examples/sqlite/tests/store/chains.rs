//! A schema gets newer versions while services are ended.

use service_end::{ExtensionSchema, Schemas, StoredService, storage::Immediate};
use service_end_sqlite::SqliteStorage;
use service_end_versions::under_load::{Host, Load};

use crate::fresh;

struct Sqlite(Immediate<SqliteStorage>);

impl Host for Sqlite {
    type Storage = Immediate<SqliteStorage>;

    fn storage(&self) -> &Self::Storage {
        &self.0
    }

    async fn schemas(&self) -> Schemas {
        self.0.0.schemas().unwrap()
    }

    async fn register(&self, schema: &ExtensionSchema) {
        assert!(self.0.0.register(schema).unwrap());
    }

    async fn replace(&self, schema: &ExtensionSchema) -> bool {
        self.0.0.replace(schema, false).unwrap().is_ok()
    }

    async fn insert(&self, service: StoredService) {
        assert!(self.0.0.insert(&service).unwrap());
    }
}

#[test]
fn while_versions_follow_each_other_no_caller_notices_and_nothing_is_lost() {
    let mut again = 0;
    for seed in 1000..1010 {
        let (_directory, storage) = fresh();
        let load = Load::new(seed, 4, 40);
        load.run_on_threads(&Sqlite(Immediate(storage)));
        again += load.decided_again();
    }
    println!("1,600 services ended, {again} decided again");
    assert!(again > 0);
}
