//! What the contacts of the demo account find in the portal.

mod texts;

use chrono::{DateTime, TimeDelta, Utc};

use crate::access::model::change::AccessChange;
use crate::access::model::{ContentStatus, Item, Target};
use crate::affiliates::model::sale::{AffiliateSale, CommissionStatus, SaleFacts};
use crate::affiliates::model::{Affiliate, AffiliateChanges};
use crate::base::actor::{Actor, Requester};
use crate::base::address::EmailAddress;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, ContactId, LessonId};
use crate::communities::model::announcement::{Announcement, AnnouncementText};
use crate::communities::model::{Community, CommunityDetails};
use crate::contacts::model::Contact;
use crate::courses::model::lesson::{Lesson, LessonDetails};
use crate::courses::model::outline::CourseModule;
use crate::courses::model::progress::LessonStep;
use crate::courses::model::{Course, CourseDetails};
use crate::offers::model::{Offer, OfferDetails};
use texts::{ANNOUNCEMENTS, BREAD, ModuleText, ROLLS};

/// The contact who has come halfway through a course.
const LEARNER: &str = "ada@people.example";
const AFFILIATE: &str = "edsger@people.example";
const COMPLETED_LESSONS: usize = 3;

/// Creates courses, a community and an offer of them that these contacts have, with some progress and an affiliate.
pub(super) async fn create(
    conn: &mut Conn,
    account: AccountId,
    contacts: &[ContactId],
    moment: &Moment,
) -> Result<()> {
    let days_ago = |days| Moment::at(moment.now - TimeDelta::days(days));
    let begun = days_ago(20);
    let (bread, lessons) = course(
        conn,
        account,
        ("Bread at home", "Your first loaf, with four ingredients."),
        BREAD,
        &begun,
    )
    .await?;
    let rolls = ("A weekend of rolls", "A dough for Friday, rolls for Saturday.");
    let (rolls, _) = course(conn, account, rolls, ROLLS, &days_ago(6)).await?;
    let bakers = community(conn, account, &begun).await?;
    for (days, title, body) in ANNOUNCEMENTS {
        let text = AnnouncementText {
            title: title.to_owned(),
            body: body.to_owned(),
        };
        Announcement::create(conn, &bakers, &text, Actor::System, &days_ago(days)).await?;
    }
    let items = [Item::Course(bread.id), Item::Community(bakers.id)];
    let membership = offer(conn, account, "Membership", &items, None, &begun).await?;
    let opens_at = moment.now + TimeDelta::days(14);
    let soon = offer(
        conn,
        account,
        "Spring weekend",
        &[Item::Course(rolls.id)],
        Some(opens_at),
        &days_ago(6),
    )
    .await?;
    for (offer, granted) in [(membership, begun), (soon, days_ago(6))] {
        let change = AccessChange {
            add: vec![Target::Offer(offer.id)],
            ..AccessChange::default()
        };
        change
            .apply(conn, account, contacts, &Requester::system(), &granted)
            .await?;
    }
    for (index, lesson) in lessons.iter().take(COMPLETED_LESSONS + 1).enumerate() {
        let days = 12 - 3 * i64::try_from(index).unwrap_or_default();
        progress(conn, account, *lesson, index < COMPLETED_LESSONS, &days_ago(days)).await?;
    }
    affiliate(conn, account, moment).await
}

/// A published course, and its lessons in order.
async fn course(
    conn: &mut Conn,
    account: AccountId,
    (title, description): (&str, &str),
    outline: &[ModuleText],
    moment: &Moment,
) -> Result<(Course, Vec<LessonId>)> {
    let details = CourseDetails {
        title: title.to_owned(),
        description: Some(description.to_owned()),
        cover_url: None,
        external_url: None,
        status: ContentStatus::Published,
    };
    let course = Course::create(conn, account, &details, moment).await?;
    let mut ids = Vec::new();
    for ((title, lessons), position) in outline.iter().zip(0..) {
        let module = CourseModule::create(conn, &course, title, position, moment).await?;
        for ((title, kind, minutes, url, body), position) in lessons.iter().zip(0..) {
            let details = LessonDetails {
                title: (*title).to_owned(),
                kind: *kind,
                url: url.map(str::to_owned),
                duration_minutes: Some(*minutes),
            };
            let lesson = Lesson::create(conn, &module, &details, Some(body), position, moment).await?;
            ids.push(lesson.id);
        }
    }
    Ok((course, ids))
}

async fn community(conn: &mut Conn, account: AccountId, moment: &Moment) -> Result<Community> {
    let details = CommunityDetails {
        name: "The bakers' table".to_owned(),
        description: Some("Where members show their loaves and help each other.".to_owned()),
        cover_url: None,
        join_url: Some("https://community.example/bakers".to_owned()),
        status: ContentStatus::Published,
    };
    Community::create(conn, account, &details, moment).await
}

async fn offer(
    conn: &mut Conn,
    account: AccountId,
    title: &str,
    items: &[Item],
    starts_at: Option<DateTime<Utc>>,
    moment: &Moment,
) -> Result<Offer> {
    let details = OfferDetails {
        title: title.to_owned(),
        description: None,
        starts_at,
        duration_days: None,
        lists_before_start: true,
        status: ContentStatus::Published,
    };
    let offer = Offer::create(conn, account, &details, moment).await?;
    offer.set_items(conn, items).await?;
    Ok(offer)
}

async fn find(conn: &mut Conn, account: AccountId, email: &str) -> Result<Contact> {
    let email = EmailAddress::parse(email).map_err(Error::internal)?;
    let found = Contact::by_email(conn, account, &email).await?;
    found.ok_or_else(|| Error::internal("a demo contact is missing"))
}

async fn progress(
    conn: &mut Conn,
    account: AccountId,
    lesson: LessonId,
    completes: bool,
    moment: &Moment,
) -> Result<()> {
    let contact = find(conn, account, LEARNER).await?.id;
    let requester = Requester {
        actor: Actor::Contact(contact),
        ..Requester::system()
    };
    let step = LessonStep {
        account,
        contact,
        lesson,
        completes,
    };
    step.take(conn, &requester, moment).await.map(drop)
}

async fn affiliate(conn: &mut Conn, account: AccountId, moment: &Moment) -> Result<()> {
    let contact = find(conn, account, AFFILIATE).await?;
    let days_ago = |days| Moment::at(moment.now - TimeDelta::days(days));
    let system = Requester::system();
    let enrolled = days_ago(20);
    let affiliate =
        Affiliate::enroll(conn, &contact, &AffiliateChanges::default(), &system, &enrolled).await?;
    let sales = [
        (17, 4_900, CommissionStatus::Paid),
        (8, 4_900, CommissionStatus::Approved),
        (1, 12_000, CommissionStatus::Pending),
    ];
    for (days, amount, status) in sales {
        let sold = days_ago(days);
        let facts = SaleFacts {
            affiliate_id: affiliate.id,
            external_id: format!("demo-{days}"),
            amount,
            commission: amount / 5,
            currency_code: "EUR".to_owned(),
            recorded_status: status,
            sold_at: sold.now,
        };
        AffiliateSale::record(conn, &affiliate, &facts, &system, &sold).await?;
    }
    Ok(())
}
