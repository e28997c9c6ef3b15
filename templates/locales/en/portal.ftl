# The shell and the home page of a portal.

portal-sections = Sections
portal-limited = Your sign-in link opens only this section.
portal-confirm = Confirm it’s you to open the rest
portal-section-off = “{ $section }” is switched off at { $portal }.
home-hello = Hello, { $name }
home-welcome = Welcome to { $portal }.
home-no-password = You sign in by email, without a password.
home-set-password = Set a password if you prefer one
home-continue = Continue where you were
home-new = What’s new
home-new-course = New course
home-new-community = New community
home-empty = It’s quiet here
home-empty-words = As soon as { $portal } opens something for you, it will be here.
home-open = Open { $section }
opens-on = Opens on { $date }
