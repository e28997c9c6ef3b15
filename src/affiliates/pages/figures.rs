//! The page of the affiliate centre: the contact's link, clicks, sales and commissions.

use askama::Template;
use chrono::{DateTime, Utc};
use poem::handler;

use crate::accounts::model::section::PortalSection;
use crate::affiliates::model::click::click_counts;
use crate::affiliates::model::sale::{AffiliateSale, CommissionKey, CommissionStatus, SalesOf, commissions};
use crate::affiliates::model::{Affiliate, AffiliateStatus};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::locale::{Language, Locale};
use crate::base::money::Currency;
use crate::base::page::{OwnedList, PageRequest};
use crate::pages::{Layout, PortalPage, PortalReader, Reply, Shell, Visit};

/// How many sales the page shows.
const SALES: usize = 25;

/// `GET /affiliates`.
#[derive(Debug, Template)]
#[template(path = "pages/affiliates.html")]
pub(crate) struct AffiliatesView<'a> {
    pub layout: Layout<'a>,
    pub shell: &'a Shell,
    /// `None` for a contact who is no affiliate.
    pub figures: Option<&'a Figures>,
}

#[derive(Clone, Debug)]
pub(crate) struct Figures {
    pub link: String,
    pub paused: bool,
    pub clicks: i64,
    pub sales: i64,
    /// The sums of each status that has any, one per currency.
    pub commissions: Vec<(CommissionStatus, Vec<String>)>,
    /// The last ones.
    pub rows: Vec<SaleRow>,
}

#[derive(Clone, Debug)]
pub(crate) struct SaleRow {
    pub sold_at: DateTime<Utc>,
    pub amount: String,
    pub commission: String,
    pub status: CommissionStatus,
}

#[handler]
pub(super) async fn show(visit: Visit<'_>, reader: PortalReader) -> poem::Result<Reply> {
    let page = PortalPage::open(&visit, &reader, PortalSection::Affiliates).await?;
    let layout = reader.site.layout();
    let addresses = &visit.services().settings.addresses;
    let slug = &reader.site.account.slug;
    let mut conn = visit.conn().await?;
    let found = Affiliate::of_contacts(&mut conn, page.account, &[page.contact])
        .await?
        .pop();
    let figures = match &found {
        Some(affiliate) => {
            let link = addresses.affiliate_link(slug, affiliate.details.code.as_str());
            Some(Figures::read(&mut conn, affiliate, link, layout.locale).await?)
        }
        None => None,
    };
    drop(conn);
    let view = AffiliatesView {
        layout,
        shell: &page.shell,
        figures: figures.as_ref(),
    };
    Ok(Reply::view(200, &view, &layout)?)
}

impl Figures {
    async fn read(conn: &mut Conn, affiliate: &Affiliate, link: String, locale: Locale) -> Result<Self> {
        let (account, id) = (affiliate.account_id, affiliate.id);
        let clicks = click_counts(conn, account, &[id]).await?;
        let newest = PageRequest {
            size: SALES,
            backward: false,
            after: None,
            before: None,
        };
        let of = SalesOf {
            affiliate: id,
            statuses: None,
        };
        let sales = of.pages(conn, account, &[id.0], &newest).await?.remove(&id.0);
        let count = of.counts(conn, account, &[id.0]).await?;
        let rows = sales.map(|page| page.rows).unwrap_or_default();
        let row = |sale: &AffiliateSale| sale_row(sale, locale);
        Ok(Self {
            link,
            paused: affiliate.details.status == AffiliateStatus::Paused,
            clicks: clicks.get(&id).copied().unwrap_or_default(),
            sales: count.get(&id.0).copied().unwrap_or_default(),
            commissions: sums(conn, affiliate, locale).await?,
            rows: rows.iter().map(row).collect::<Result<_>>()?,
        })
    }
}

fn sale_row(sale: &AffiliateSale, locale: Locale) -> Result<SaleRow> {
    let facts = &sale.facts;
    let shown = |minor: i64| money(minor.into(), &facts.currency_code, locale);
    Ok(SaleRow {
        sold_at: facts.sold_at,
        amount: shown(facts.amount)?,
        commission: shown(facts.commission)?,
        status: sale.status,
    })
}

async fn sums(
    conn: &mut Conn,
    affiliate: &Affiliate,
    locale: Locale,
) -> Result<Vec<(CommissionStatus, Vec<String>)>> {
    let statuses = CommissionStatus::ALL.iter().copied();
    let wanted: Vec<CommissionKey> = statuses
        .clone()
        .map(|status| (affiliate.id, Some(status)))
        .collect();
    let mut found = commissions(conn, affiliate.account_id, &wanted).await?;
    let of_status = |status: CommissionStatus| {
        let sums = found.remove(&(affiliate.id, Some(status)))?;
        let shown = sums
            .iter()
            .map(|sum| money(sum.amount, &sum.currency_code, locale));
        Some(shown.collect::<Result<_>>().map(|sums| (status, sums)))
    };
    statuses.filter_map(of_status).collect()
}

/// Such as "12.50 EUR", with the decimal sign of the language.
fn money(minor: i128, currency: &str, locale: Locale) -> Result<String> {
    let known = Currency::find(currency).ok_or_else(|| Error::internal("an unknown currency"))?;
    let amount = known.decimal(minor);
    let amount = match locale.language {
        Language::English => amount,
        Language::Spanish | Language::German | Language::French => amount.replace('.', ","),
    };
    Ok(format!("{amount}\u{a0}{currency}"))
}
