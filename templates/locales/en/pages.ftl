# What all pages share.

the-dashboard = the { $account } dashboard
continue = Continue
sign-in = Sign in
sign-out = Sign out
back = Back
try-again = Try again
check-your-email = Check your email
email-address = Email address
password = Password
or = or
confirm-its-you = Confirm it’s you

# The name of a section in menus; its name within a sentence: "Opens in your courses".

section-name = { $section ->
    [HOME] Home
    [COURSES] Courses
    [COMMUNITIES] Communities
   *[AFFILIATES] Affiliates
}
section-phrase = { $section ->
    [HOME] the home page
    [COURSES] your courses
    [COMMUNITIES] your communities
   *[AFFILIATES] your affiliate area
}
opens-in = Opens in { $destination }.

# Waiting times.

seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
try-again-in = Try again in <strong>{ $wait }</strong>.

# A device, from its User-Agent.

device-browser-on-system = { $browser } on { $system }
device-any-browser-on-system = a browser on { $system }
device-any-browser = a browser
device-program = a program ({ $name })
device-any-program = a program
device-unknown = an unknown device

# Error pages.

error-not-found = Page not found
error-not-found-text = There is no page at this address. Check the spelling, or start from the home page.
error-bad-request = This request can’t be processed
error-bad-request-text = Part of it is missing or wrong.
error-forbidden = Access denied
error-forbidden-text = You are signed in, but you don’t have access to this page.
error-form-expired = This form has expired
error-form-expired-text = It was open for too long, or your browser blocks cookies for this site. Nothing was changed: open the form again and resubmit it.
error-conflict = Your change wasn’t saved
error-conflict-text = Another request changed this at the same time. Try again.
error-too-many = Too many requests
error-too-many-text = You sent more requests in a short time than we accept.
error-internal = Something went wrong
error-internal-text = The error is on our side and was logged. If it happens again, contact us and include this ID:
error-unavailable = Temporarily unavailable
error-unavailable-text = We can’t answer right now. Try again in a few seconds.
error-open-form = Open the form again
error-back-to-form = Back to the form
error-go-home = Go to { $name }
