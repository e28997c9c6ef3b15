//! The logo of an account, as it is stored and served.

use std::fmt::Write as _;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::Account;
use crate::base::db::Conn;
use crate::base::db::schema::account_logos;
use crate::base::error::Result;
use crate::base::ids::AccountId;

/// The name of a logo's file: `<digest>-<width>x<height>.png`. Another picture has another name, so browsers may keep it forever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogoFile {
    pub name: String,
    pub width: u32,
    pub height: u32,
}

impl LogoFile {
    pub(crate) fn new(digest: &[u8], width: u32, height: u32) -> Self {
        let mut name = String::new();
        for byte in &digest[..16] {
            // Writing to a string can't fail.
            let _written = write!(name, "{byte:02x}");
        }
        let _written = write!(name, "-{width}x{height}.png");
        Self { name, width, height }
    }

    fn parse(name: &str) -> Option<Self> {
        let (_, size) = name.strip_suffix(".png")?.split_once('-')?;
        let (width, height) = size.split_once('x')?;
        Some(Self {
            name: name.to_owned(),
            width: width.parse().ok()?,
            height: height.parse().ok()?,
        })
    }
}

impl Account {
    pub(crate) fn logo(&self) -> Option<LogoFile> {
        LogoFile::parse(self.logo_file.as_deref()?)
    }

    /// The logo as PNG.
    pub(crate) async fn logo_png(conn: &mut Conn, id: AccountId) -> Result<Option<Vec<u8>>> {
        Ok(account_logos::table
            .find(id)
            .select(account_logos::png)
            .first(conn)
            .await
            .optional()?)
    }

    /// Stores the logo that the settings name, or removes it.
    pub(crate) async fn set_logo_png(conn: &mut Conn, id: AccountId, png: Option<&[u8]>) -> Result<()> {
        let Some(png) = png else {
            diesel::delete(account_logos::table.find(id))
                .execute(conn)
                .await?;
            return Ok(());
        };
        diesel::insert_into(account_logos::table)
            .values((account_logos::account_id.eq(id), account_logos::png.eq(png)))
            .on_conflict(account_logos::account_id)
            .do_update()
            .set(account_logos::png.eq(png))
            .execute(conn)
            .await?;
        Ok(())
    }
}
