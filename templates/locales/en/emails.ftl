# What all emails share.

email-hello = Hello,
email-hello-name = Hello { $name },
email-button-fails = If the button doesn't work, copy this address into your browser:
email-support = Questions? Contact { $support }.
email-use-button = Use the button below, then confirm on the page that opens.
email-open-link = Open the link below, then confirm on the page that opens.
email-no-password = You don't need a password.
email-works-once = The link works once and expires on { $time }. It is only for you, so please don't forward this email.
email-ignore = If you didn't ask for this, you can ignore this email: no one can sign in without it.
email-not-me = This wasn't me
email-not-me-sign-in = You can also tell us that it wasn't you. That cancels this sign-in and pauses email to this address for 24 hours.
email-if-you = If this was you, there is nothing to do.
email-when = When
email-how = How
email-device = Device
email-network = Network

# Where a link leads: a section, or the dashboard.

email-open = { $destination ->
    [HOME] Open the portal
    [COURSES] Open your courses
    [COMMUNITIES] Open your communities
    [AFFILIATES] Open your affiliate pages
   *[DASHBOARD] Open the dashboard
}
email-sign-in-to = { $destination ->
    [HOME] Sign in to the portal
    [COURSES] Sign in to your courses
    [COMMUNITIES] Sign in to your communities
    [AFFILIATES] Sign in to your affiliate pages
   *[DASHBOARD] Sign in to the dashboard
}

# Invitations.

invitation-subject = { $portal } invited you to its portal
invitation-text = { $portal } invited you to its portal.
invitation-note = A note from { $portal }
invitation-expires = The invitation expires on { $time }. It is only for you: anyone who has this email can use it, so please don't forward it.

# Login emails and magic links.

login-email-subject = Sign in to { $portal }
login-email-text = Here is your link to sign in to { $target }.
magic-link-subject = { $destination ->
    [HOME] { $portal } sent you a link to the portal
    [COURSES] { $portal } sent you a link to your courses
    [COMMUNITIES] { $portal } sent you a link to your communities
    [AFFILIATES] { $portal } sent you a link to your affiliate pages
   *[DASHBOARD] { $portal } sent you a link to the dashboard
}
magic-link-text = { $destination ->
    [HOME] { $portal } sent you a link that signs you in and takes you to the portal.
    [COURSES] { $portal } sent you a link that signs you in and takes you to your courses.
    [COMMUNITIES] { $portal } sent you a link that signs you in and takes you to your communities.
    [AFFILIATES] { $portal } sent you a link that signs you in and takes you to your affiliate pages.
   *[DASHBOARD] { $portal } sent you a link that signs you in and takes you to the dashboard.
}
magic-link-sms = { $portal }: sign in with this link. It works once, within { $lifetime }: { $link }
sms-help = { $portal }: To stop these messages, reply STOP.
sms-help-support = { $portal }: For help, write to { $support }. To stop these messages, reply STOP.

# A sign-in that was requested.

requested-login-subject = Your sign-in link for { $portal }
requested-login-text = You asked to sign in to { $target }.
requested-login-code = Or enter this code on the device where you asked to sign in:
requested-login-either = Use either the link or the code. They work once and expire { $lifetime } after your request. Never share the code: we will never ask you for it.
requested-login-expires = The link works once and expires { $lifetime } after your request.
staff-login-subject = Sign in to the { $portal } dashboard
login-code-subject = Your sign-in code for { $portal }
login-code-text = You asked for a code to sign in to { $target }. Enter it on the device where you asked for it:
login-code-expires = The code works once and expires { $lifetime } after your request. Never share it: we will never ask you for it.
sign-up-subject = Your code to join { $portal }
sign-up-text = You asked to join { $target }. Enter this code where you asked for it:
sign-up-ignore = If you didn't ask for this, you can ignore this email: no account is created without the code.

# Passwords.

password-reset-subject = Reset your password for { $portal }
password-reset-text = We received a request to reset your password for { $target }.
password-reset-use-button = Use the button below to choose a new one.
password-reset-open-link = Open the link below to choose a new one.
password-reset-button = Choose a new password
password-reset-expires = The link works once and expires { $lifetime } after the request.
password-reset-ignore = If you didn't ask for this, you can ignore this email: your password stays the same.
password-reset-not-me = You can also tell us that it wasn't you. That cancels the link and pauses email to this address for 24 hours.
password-changed-subject = Your password for { $portal } was changed
password-changed-text = Your password for { $target } was set or changed.
password-changed-not-me = If it wasn't you, tell us now. That signs out every device and disables the password. Then choose a new one with "Forgot your password?" on the sign-in page.

# A new device.

new-device-subject = A new device signed in to { $portal }
new-device-text = A new device signed in to { $target } as you.
new-device-not-me = If it wasn't you, tell us now. That signs the device out and disables what it signed in with.
new-device-staff-link = with a link that staff made
new-device-link = with a link
new-device-code = with a code
new-device-password = with a password
new-device-google = with Google
new-device-challenge = confirmed on another device
new-device-step-up = by confirming who you are

# The address was changed.

address-changed-subject = Your email address for { $portal } was changed
address-changed-text = The email address of your account in { $target } was changed. This address no longer signs in.
address-changed-new = New address
address-changed-none = none
address-changed-effects = Every device was signed out. Links and codes that were sent here no longer work, and neither do your password and Google account.
address-changed-contact = If you didn't ask for this change, contact { $portal }.

# Two contacts were merged.

contacts-merged-subject = Your accounts in { $portal } were joined
contacts-merged-text = You had two accounts in { $target }. They were joined, and everything that you had is in the one that stays.
contacts-merged-address = Sign in with
contacts-merged-stays = You go on signing in with this address. If you had a password or a Google account for the other address, it no longer works.
contacts-merged-gone = This address no longer signs in: its devices were signed out, and its password, its Google account and its codes no longer work. Links to sign in that were sent here before still work until they expire.
contacts-merged-contact = If you didn’t ask for this, or only one of the accounts was yours, contact { $portal }.

# Invitations to the team.

team-invitation-subject = { $portal } invited you to join its team
team-invitation-text = { $portal } invited you to join its team.
team-invitation-use-button = Use the button below, then confirm on the page that opens to go to the dashboard.
team-invitation-open-link = Open the link below, then confirm on the page that opens to go to the dashboard.
team-invitation-role = Role
role-owner = owner
role-admin = admin
role-staff = staff
role-read-only = read only

# What staff send to themselves.

test-email-subject = [Test] { $subject }
