//! Bringing the schema of a database up to date.

use std::{path::Path, sync::Arc};

use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};

use super::{Connected, connect, sqlite};
use crate::{
    StoreError,
    error::database,
    hold::{Held, ServerHold},
};

/// Brings the schema up to date while no other Weir has the database, which may be an older one.
pub(super) async fn bring_up_to_date_alone(
    database_url: &str,
    file: Option<&Path>,
) -> Result<(), StoreError> {
    let _lock = file.map(sqlite::hold).transpose()?;
    let hold = file
        .is_none()
        .then(|| Arc::new(ServerHold::new(Held::Ledger)));
    let Connected {
        writer, readers, ..
    } = connect(database_url, 1, |it| it, hold).await?;
    bring_up_to_date::<Migrator>(&writer, "the database").await?;
    readers.close().await.map_err(database)?;
    writer.close().await.map_err(database)
}

/// How many steps of the schema are missing.
pub(super) async fn lacks_steps<M: MigratorTrait>(
    writer: &DatabaseConnection,
    what: &str,
) -> Result<usize, StoreError> {
    let steps = M::migrations();
    let done = M::get_migration_models(writer).await.map_err(database)?;
    let unknown = done
        .into_iter()
        .find(|done| !steps.iter().any(|step| step.name() == done.version));
    if let Some(unknown) = unknown {
        return Err(StoreError::Newer {
            what: what.to_owned(),
            step: unknown.version,
        });
    }
    let pending = M::get_pending_migrations(writer).await;
    Ok(pending.map_err(database)?.len())
}

/// Takes the steps of the schema that are missing, and says so in one line.
pub(crate) async fn bring_up_to_date<M: MigratorTrait>(
    writer: &DatabaseConnection,
    what: &str,
) -> Result<(), StoreError> {
    let missing = lacks_steps::<M>(writer, what).await?;
    if missing == 0 {
        return Ok(());
    }
    M::up(writer, None).await.map_err(database)?;
    if writer.get_database_backend() == DbBackend::Sqlite {
        // The schema is in the file itself from here on, whatever becomes of the log beside it.
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        writer
            .execute_unprepared(checkpoint)
            .await
            .map_err(database)?;
    }
    if missing == M::migrations().len() {
        tracing::info!("Made {what}");
    } else {
        tracing::info!(steps = missing, "Brought {what} up to date");
    }
    Ok(())
}
