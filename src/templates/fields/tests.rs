use super::*;

fn find(name: &str) -> MergeField {
    *FIELDS.iter().find(|field| field.name == name).expect("a field")
}

fn usage(triggers: &[WorkflowTrigger]) -> Usage<'_> {
    Usage {
        channel: Channel::Email,
        triggers,
        marketing: false,
    }
}

#[test]
fn every_alias_and_every_provided_field_is_one_of_ours() {
    for (alias, name) in ALIASES {
        find(name);
        assert!(FIELDS.iter().all(|field| field.name != alias), "{alias}");
    }
    for trigger in WorkflowTrigger::ALL {
        for name in trigger.provides() {
            find(name);
        }
    }
}

#[test]
fn the_login_url_needs_triggers_of_the_portal() {
    let url = find(LOGIN_URL);
    assert_eq!(url.available(usage(&[])), Ok(()));
    for trigger in WorkflowTrigger::ALL {
        let available = url.available(usage(&[WorkflowTrigger::OfferAccessGranted, *trigger]));
        assert_eq!(available.is_ok(), trigger.belongs_to_portal(), "{trigger:?}");
        if let Err(reason) = available {
            assert!(reason.contains(trigger.as_str()), "{reason}");
        }
    }
}

#[test]
fn what_an_event_provides_is_available_and_not_empty() {
    let title = find("offer.title");
    let reason = title.available(usage(&[])).expect_err("a reason");
    assert!(
        reason.contains("OFFER_ACCESS_GRANTED, OFFER_ACCESS_REVOKED"),
        "{reason}"
    );
    assert_eq!(
        title.available(usage(&[WorkflowTrigger::OfferAccessGranted])),
        Ok(())
    );
    let mixed = [
        WorkflowTrigger::OfferAccessGranted,
        WorkflowTrigger::CourseAssigned,
    ];
    assert!(
        title
            .available(usage(&mixed))
            .expect_err("a reason")
            .contains("COURSE_ASSIGNED")
    );
    let code = find("affiliate.code");
    assert!(code.may_be_empty(usage(&[])));
    assert!(!code.may_be_empty(usage(&[WorkflowTrigger::AffiliateSale])));
    assert!(code.may_be_empty(usage(&[
        WorkflowTrigger::AffiliateSale,
        WorkflowTrigger::TagAdded
    ])));
}

#[test]
fn a_recipient_has_the_address_of_the_channel() {
    let sms = Usage {
        channel: Channel::Sms,
        triggers: &[],
        marketing: false,
    };
    assert!(!find("contact.email").may_be_empty(usage(&[])) && find("contact.email").may_be_empty(sms));
    assert!(find("contact.phone").may_be_empty(usage(&[])) && !find("contact.phone").may_be_empty(sms));
    assert!(find("unsubscribe_url").available(sms).is_err());
}
