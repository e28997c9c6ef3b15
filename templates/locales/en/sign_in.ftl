# Signing in.

login-heading = Sign in to { $destination }
login-by-email = We’ll email you a sign-in link. No password needed.
login-new-here = New here? Enter your email address, and we’ll send you a code to join.
login-email-me = Email me a sign-in link
login-google = Continue with Google
login-use-password = Use a password
login-ended = Your session has ended. Please sign in again.
login-password-title = Sign in with a password
login-forgot = Forgot your password?
login-by-email-instead = Sign in by email instead

# The address that was typed.

address-invalid = Enter an email address such as anna@example.com.
address-too-long = This email address is too long: it can have at most 254 characters.
address-domain = Check the part after the @: it is not a valid domain such as example.com.
address-local-part = The part before the @ can contain only ASCII characters.

# Waiting for an email.

wait-sent = If <strong>{ $email }</strong> can sign in here, an email with a link and a code is on its way.
wait-code = Code from the email
wait-sign-in = Sign in with code
wait-opened = The link was opened on another device. Choose this number there:
wait-open = Open the link in the email. If you open it on another device, choose this number there:
wait-chosen = I chose the number
wait-no-email = No email yet?
wait-be-patient = It can take a minute to arrive. Check your spam folder too. Only the newest email works.
wait-resend = Resend
wait-resend-seconds = Resend in { $count } s
wait-resend-minutes = Resend in { $count } min
wait-other-address = Use another email address
wait-confirmed = Sign-in confirmed
wait-confirmed-text = You confirmed this sign-in on your other device.
wait-ended = This sign-in has ended
wait-ended-text = It was already used, has expired, or was replaced by a newer one. Please start again.

# Confirming another device.

confirm-heading = Sign in on another device?
confirm-requested = You are signed in on this device. The email was requested on <strong>{ $device }</strong>, from network { $network }, { $ago }.
confirm-unknown-network = an unknown network
confirm-choose = If that device is yours, choose the number that it shows to sign it in too.
confirm-deny = It wasn’t me
confirm-stays-out = The other device stays signed out unless you choose its number.
confirm-only-here = Continue only on this device
confirm-ago = { $minutes ->
    [0] less than a minute ago
    [1] a minute ago
   *[other] { $minutes } minutes ago
}
confirm-done = The other device is signed in
confirm-done-text = It continues by itself, or with the link on its page.
confirm-denied = The other device was not signed in
confirm-denied-text = The request was denied. You are still signed in on this device.
confirm-wrong-number = Wrong number
confirm-wrong-number-text = The other device was not signed in. If it is yours, start again on that device.
confirm-already-ended-text = It was already completed, or it has expired. You are signed in on this device.

# Passwords.

new-password = New password
new-password-hint = At least { $shortest } characters. A few words that you can remember work well.
forgot-heading = Reset your password
forgot-text = We’ll email you a link to choose a new password. It works once and expires in 30 minutes.
forgot-email-me = Email me a link
forgot-back = Back to sign in
forgot-sent = If { $email } can sign in here, an email with a link to choose a new password is on its way. It expires in 30 minutes.
reset-heading = Choose a password
reset-text = For <strong>{ $email }</strong>. Saving it signs you out on every device. Then sign in with the new password.
reset-save = Save password
reset-done = Your password is saved
reset-done-text = You were signed out on every device. Sign in with the new password.
reset-request-new = Request a new link
password-unusable = This password has no characters, too many, or some that can’t be typed. Choose another one.
password-conflict = Your password was changed at the same time. Try again.

# Why a sign-in or a password was refused.

refused-wait = { $message } Try again in { $wait }.
refused-credentials = Wrong email, password or code.
refused-password = Wrong email or password.
refused-current-password = Wrong current password.
refused-step-up = Wrong password or code.
refused-link-invalid = This link isn’t valid. Check that it is complete, or request a new one.
refused-link-expired = This link has expired. Request a new one.
refused-link-used = This link was already used. Request a new one.
refused-link-superseded = This link was replaced by a newer one. Use the newest link, or request a new one.
refused-link-revoked = This link no longer works. Request a new one.
refused-code = This code is wrong.
refused-code-expired = This code has expired. Request a new one.
refused-attempts = Too many attempts. Wait, or sign in another way.
refused-revoked = Your access to this portal was revoked.
refused-method = This way to sign in is turned off here. Use another one.
refused-google-unverified = Google has not verified this email address. Sign in another way.
refused-proof-needed = Confirm it’s you first: step up, or sign in again.
refused-pending = This sign-in hasn’t been confirmed yet. Confirm it on your other device.
refused-password-short = This password is too short. Choose a longer one.
refused-password-common = This password is too easy to guess. Choose another one.
refused-password-name = A password must not consist of the portal’s name or your own. Choose another one.

# Google.

google-foreign = This response from Google doesn’t belong to a sign-in that was started here. Please start again.
google-other-browser = This sign-in was started in another browser, or it has expired. Please start again.
google-refused = Google didn’t sign you in. Try again, or sign in another way.
google-unknown = The email address of that Google account can’t sign in here. Use another one, or sign in another way.
google-not-signed-in = You are not signed in

# The step-up.

step-up-code-sent = We emailed a code to <strong>{ $email }</strong>.
step-up-new-code = Email me a new code
step-up-email-code = Email a code to { $email }
step-up-with-password = Continue with password
step-up-back = Back to { $destination }
step-up-profile = your profile
step-up-limited = You signed in with a link that opens only { $open }. To open { $destination }, confirm it’s you.
step-up-for-password = To set a password, confirm it’s you first.

# "This wasn't me".

not-me = This wasn’t me
not-me-sign-in = Didn’t ask to sign in?
not-me-reset = Didn’t ask to reset your password?
not-me-new-device = Didn’t sign in on a new device?
not-me-password = Didn’t change your password?
not-me-thanks = Thank you for telling us
not-me-text = We sent an email about this to <strong>{ $email }</strong>. If it wasn’t you, select the button. Then:
not-me-link-and-code = The link and the code in that email no longer work.
not-me-devices = Any device that signed in with them is signed out.
not-me-reset-link = The link in that email no longer works. Your password stays the same.
not-me-device = That device is signed out.
not-me-method = What it signed in with no longer works. If that was your password, reset it by email to choose a new one.
not-me-all-devices = Every device is signed out, including this one.
not-me-new-password = Your password no longer works. Reset it by email to choose a new one.
not-me-paused = Email to <strong>{ $email }</strong> is paused for 24 hours. { $portal } can resume it earlier.
not-me-pauses = Email to this address is paused for 24 hours. { $portal } can resume it earlier.
not-me-hint = Nothing changes until you select the button. If it was you, close this page.
not-me-unknown-text = Part of it may be missing, or the email is older than 7 days. Open the link in your email again, or copy the whole link.
not-me-unknown-hint = If you think that someone else is signed in as you, sign in and end their session in your profile, or contact { $portal }.
