//! The code of an affiliate, which is the last part of their link.

use std::fmt;

use chrono::{DateTime, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use unicode_normalization::UnicodeNormalization;

use crate::base::clock::Moment;
use crate::base::db::{Conn, sql};
use crate::base::error::{Code as ErrorCode, Error, Result};
use crate::base::ids::{AccountId, AffiliateId};
use crate::contacts::model::Contact;

const MIN_CHARS: usize = 3;
const MAX_CHARS: usize = 40;

/// The most characters of a code that is made from a name, so that an ending still fits.
const MAX_NAME_CHARS: usize = 30;

/// A code: 3 to 40 of `a-z 0-9 - _`. Upper case counts as lower case.
#[derive(Clone, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub(crate) struct Code(String);

impl Code {
    /// `None` if the text can't be a code.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let code = text.to_ascii_lowercase();
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        ((MIN_CHARS..=MAX_CHARS).contains(&code.len()) && code.bytes().all(allowed)).then_some(Self(code))
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        let message = "Write 3 to 40 of the letters a to z, digits, - and _.";
        Self::read(text.trim()).ok_or_else(|| Error::bad_input("input.code", message))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The letters and digits of a name, without accents: `Zoë Müller` as `zoe-muller`.
    fn of_name(name: &str) -> Option<Self> {
        let plain: String = name
            .nfkd()
            .filter(|c| c.is_ascii())
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let words = plain.split(|c: char| !c.is_ascii_alphanumeric());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let joined: String = words.join("-").chars().take(MAX_NAME_CHARS).collect();
        Self::read(joined.trim_end_matches('-'))
    }

    pub(super) fn random(prefix: &str, moment: &Moment) -> Self {
        // No vowels and no look-alikes: no words, nothing to misread.
        const LETTERS: &[u8; 16] = b"bcdfghjkmnpqrtvw";
        let letters = moment.random::<8>().map(|byte| LETTERS[usize::from(byte % 16)]);
        let ending: String = letters.iter().map(|letter| char::from(*letter)).collect();
        Self(format!("{prefix}{ending}"))
    }

    /// Takes the code for an affiliate, for as long as they are one. `false` if another affiliate of the account has or had it.
    pub(crate) async fn claim(
        &self,
        conn: &mut Conn,
        account: AccountId,
        id: AffiliateId,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let claimed = sql::statement(
            "insert into affiliate_codes as c (account_id, code, affiliate_id, created_at) values (?, ?, ?, ?) \
             on conflict (account_id, code) do update set code = excluded.code where c.affiliate_id = excluded.affiliate_id",
        )
        .bind::<SqlUuid, _>(account)
        .bind::<Text, _>(&self.0)
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await?;
        Ok(claimed == 1)
    }

    /// Takes a code that is made from the contact's name, with a random ending if it is taken, or is random.
    pub(super) async fn claim_new(
        conn: &mut Conn,
        contact: &Contact,
        id: AffiliateId,
        moment: &Moment,
    ) -> Result<Self> {
        let of_name = contact.name().as_deref().and_then(Self::of_name);
        let with_ending = of_name
            .as_ref()
            .map(|code| Self::random(&format!("{code}-"), moment));
        let random = Self::random("", moment);
        for code in of_name.into_iter().chain(with_ending).chain([random]) {
            if code.claim(conn, contact.account_id, id, moment.now).await? {
                return Ok(code);
            }
        }
        Err(Error::internal("no free code for an affiliate"))
    }
}

/// The error for a code of another affiliate.
pub(super) fn taken() -> Error {
    let message = "Another affiliate has this code, or had it: choose another one.";
    Error::new(ErrorCode::Conflict, message).at("input.code")
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ToSql<Text, Pg> for Code {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <str as ToSql<Text, Pg>>::to_sql(&self.0, out)
    }
}

impl FromSql<Text, Pg> for Code {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        <String as FromSql<Text, Pg>>::from_sql(bytes).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Clock;

    #[test]
    fn a_code_is_short_and_plain() {
        let parsed = |text| Code::parse(text).ok().map(|code| code.0);
        assert_eq!(parsed(" Anna-1_b "), Some("anna-1_b".to_owned()));
        let longest = "a".repeat(40);
        assert_eq!(parsed(&longest), Some(longest.clone()));
        for refused in [
            "",
            "ab",
            "a b",
            "a/b",
            "änna",
            "a.b",
            "%61bc",
            "../x",
            &format!("{longest}a"),
        ] {
            let field = Code::parse(refused).err().and_then(|error| error.field.clone());
            assert_eq!(field.as_deref(), Some("input.code"), "{refused}");
        }
    }

    #[test]
    fn a_name_becomes_a_code() {
        let made = |name| Code::of_name(name).map(|code| code.0);
        assert_eq!(made("Zoë  Müller"), Some("zoe-muller".to_owned()));
        assert_eq!(made("Anne-Marie O'Neil"), Some("anne-marie-o-neil".to_owned()));
        assert_eq!(made("Ян"), None);
        assert_eq!(made("Bo"), None);
        assert_eq!(made(&"a".repeat(90)), Some("a".repeat(30)));
    }

    #[test]
    fn a_random_code_is_a_code() {
        let moment = Clock::System.moment();
        let prefix = format!("{}-", "a".repeat(MAX_NAME_CHARS));
        for prefix in ["", &prefix] {
            let code = Code::random(prefix, &moment);
            assert_eq!(Code::read(code.as_str()).as_ref(), Some(&code));
        }
    }
}
