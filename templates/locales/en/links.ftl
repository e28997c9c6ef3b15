# The page of a magic link.

link-switch = Switch to { $name }?
link-switch-title = Switch to { $name }
link-switch-text = You are signed in to { $portal } as <strong>{ $other }</strong>. This link is for <strong>{ $name }</strong>.
link-welcome = Welcome to { $portal }
link-invitation-for = This invitation is for <strong>{ $name }</strong>.
link-signing-in-as = You’re signing in as <strong>{ $name }</strong>.
link-name-and-address = { $name } ({ $email })
link-opens-in = Opens in <strong>{ $destination }</strong>.
link-opens-only = Opens in <strong>{ $destination }</strong>, and gives access to this section only.
link-stay = Stay signed in as { $name }
link-join = Join { $portal }
link-switching-signs-out = Switching signs { $name } out in this browser.
link-hint = You are signed in only after you select the button. Not you? Close this page.

# A link that is refused.

link-invalid = This link doesn’t work
link-invalid-text = Part of it may be missing. Open the link in your email again, or copy the whole link.
link-expired = This link has expired
link-expired-text = Links work for a limited time, so that an old email can’t be used to sign in as you.
link-used = This link was already used
link-used-text = Each link works once. If you didn’t use it yourself, please contact { $support }.
link-superseded = This link was replaced
link-superseded-text = We sent you a newer link. Please use the newest email.
link-revoked = This link no longer works
link-revoked-text = It was withdrawn, or you have signed in another way since.
link-just-used = This link was just used
link-just-used-text = It was used in another browser a moment ago. If that wasn’t you, try again in a few seconds.
link-access-ended = Your access has ended
link-access-ended-text = You no longer have access to this portal. If you think that this is a mistake, please contact { $support }.
link-disabled = Sign-in links are turned off
link-disabled-text = Please sign in another way.
link-new-offer = We can email a new link to <strong>{ $email }</strong>.
link-email-new = Email me a new link
link-new-sent = A new link is on its way to { $email }.
link-other-address = Sign in with another email address

# The sign-in links of team members.

staff-link-heading = Sign in to the { $account } dashboard
staff-link-title = Sign in to the dashboard
staff-link-switch-text = You are signed in to the { $account } dashboard as <strong>{ $other }</strong>. This link is for <strong>{ $name }</strong>.
staff-link-hint = This link works once. You are signed in only after you select the button.
staff-link-invalid = This sign-in link doesn’t work
staff-link-invalid-text = Part of it may be missing. Copy the whole link, or sign in with your email address.
staff-link-expired = This sign-in link has expired
staff-link-expired-text = Links work for a limited time. Sign in with your email address to get a new one.
staff-link-used = This sign-in link was already used
staff-link-used-text = Each link works once. If you didn’t use it yourself, sign in and check in your profile where you are signed in.

# Choosing a dashboard.

choose-title = Dashboard
choose-sign-in = Sign in to your dashboard
choose-heading = Choose a dashboard
choose-account = Account
choose-other = Another account
choose-hint = The last part of your dashboard’s address: <strong>acme</strong> in /dashboard/acme.
choose-unknown = No account with this name was found. Check the spelling.
dashboard-needs-script = The dashboard needs JavaScript. The portal itself works without it.
dashboard-profile = Your password and sessions

# A team member's view of the portal as a contact.

view-heading = View the portal as { $name }
view-text = You will see the portal as this contact sees it, for 15 minutes. You can’t change anything, and it doesn’t count as a visit.
view-open = View the portal
view-banner = { $member } is viewing this portal as { $contact }, read-only, until { $time }.
view-end = End view
view-ended = This view has ended
view-ended-text = A view lasts 15 minutes at most. You can open a new one from the contact in the dashboard.
view-not-allowed-text = You signed out of the dashboard, or your role has changed. Sign in again to open a new view.
view-revoked-text = The contact’s access to the portal was revoked.
view-deleted-text = The contact was deleted.
view-link-invalid = This link doesn’t work
view-link-invalid-text = Part of it may be missing. You can get a new link from the contact in the dashboard.
view-link-expired = This link has expired
view-link-expired-text = It works for one minute. You can get a new link from the contact in the dashboard.
view-link-used = This link was already used
view-link-used-text = Each link works once. You can get a new link from the contact in the dashboard.
view-to-dashboard = Go to the dashboard
