# Texts of all pages.

skip-to-content = Skip to content
skip-to-footer = Skip to footer
languages = Language
institutional-site = Institutional site
login = Log in to your personal area
logout = Log out
home = Home
breadcrumb = Breadcrumb
main-navigation = Main navigation
sections = Sections
nav-services = Book an appointment
nav-personal-area = Personal area
nav-faq = Frequently asked questions
nav-desk = Desk
nav-console = Administration
nav-accounting = Accounting

contact-title = Contact the municipality
contact-faq = Read the frequently asked questions
contact-mail = Ask for help
contact-phone = Call { $phone }
contact-booking = Book an appointment
footer-contacts = Contacts
footer-fiscal-code = Tax code / VAT: { $code }
footer-phone = Switchboard: { $phone }
footer-services = Services
footer-faq = Read the FAQ
footer-booking = Appointment booking
footer-legal = Information
footer-privacy = Privacy notice
footer-legal-notes = Legal notes
footer-accessibility = Accessibility statement
footer-staff = Staff login
footer-pagopa = Integrated with pagoPA

start-title = Choose your municipality
start-tagline = Appointments and payments of the municipalities
start-intro = These offices receive by appointment.
start-empty = No office is active on this installation yet.

required = required
required-note = Fields marked with an asterisk are required.
back = Back
edit = Edit
step-done = Done
step-current = Current
pagination = Pages
previous = Previous
next = Next
page-of = Page { $page } of { $last }
errors-title = { $n ->
    [one] One answer needs correcting
   *[other] { $n } answers need correcting
}
error-prefix = Error:

# Dates and times.
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
date-long = { $weekday } { $day } { $month } { $year }
time-of-day = { $time }

# What went wrong, by HTTP status.
failure-401 = Not authorised
failure-session-expired = Session expired
failure-403 = You may not do this
failure-404 = Page not found
failure-409 = No longer possible
failure-422 = Invalid request
failure-500 = Something went wrong
failure-502 = An external service does not answer
failure-503 = Service temporarily unavailable
failure-what-to-do = Try again in a few minutes. If the problem persists, contact the municipality and give the code below.
failure-login = Log in again
failure-back = Back to the start page
failure-request-id = Request code: { $id }

# Errors that may happen anywhere.
error-not_found = The page you are looking for does not exist or has moved. Check the address or go back to the start page.
error-method = This operation is not available at this address.
error-too_large = The file is too large.
error-malformed = The request is incomplete or cannot be read. Go back and try again.
error-invalid = Some answers are not correct: check them and try again.
error-busy = The service is very busy or under maintenance. Nothing was lost: try again shortly.
error-defect = Something failed on our side. What you had already confirmed is safe.
error-refused = This is not possible at the moment.
error-taken = The time you chose has just been taken. Choose another one.
error-key_reused = The same idempotency key was already used for a different request.
error-role_missing = Your profile does not have the role this page needs. Ask your organisation's administrator.
error-session_expired = Your session has expired: what you just sent was not recorded. If you had written something, go back and copy it; then log in and do it again.
error-form_expired = The page had been open for too long. Go back, reload it and send it again: nothing was recorded.

# Fields.
field-wrong = The value is not correct
field-required = This field is required
field-already_used = This value is already in use

# What was just done (?esito=…).
done-saved = Your changes were saved.

# Login.
login-title = Log in
login-lead = Use one of the following ways to log in.
login-about = Log in with your digital identity { $provider }.
login-enter-with = Enter with { $provider }
login-get-spid = How to get SPID
login-get-cie = How to get the electronic identity card
login-none = Citizens cannot log in to this organisation yet. You can still book an appointment without logging in.
login-others = Other users
login-others-about = If you work for this organisation, use the staff login.
login-staff = Log in as staff
error-login_cancelled = You cancelled the login. You can try again whenever you like.
error-login_consent = You did not agree to share your data: without your tax code we cannot recognise you.
error-login_attempts = Too many attempts with wrong credentials. Try again later or contact your identity provider.
error-login_level = A stronger login is needed: log in again with level 2 or higher.
error-login_expired = The time for logging in has passed, or the login was begun in another window. Try again.
error-login_suspended = Your digital identity is suspended or revoked. Contact your identity provider.
error-login_kind = This service needs a personal digital identity, not a company's.
error-login_fiscal_code = The identity provider gave no valid tax code.
error-login_unavailable = The login service does not answer. Try again in a few minutes.
error-login_misconfigured = The login service of this organisation is not configured correctly. Contact the municipality.
error-login_refused = The login failed for a security reason. Try again; if the problem persists, contact the municipality.
error-login_not_staff = We recognised you, but you are not among the staff of this organisation. Ask the administrator to add you.
error-token_missing = The access token is missing: get one from the token endpoint and send it in the Authorization header.
error-token_invalid = The access token is not valid or has expired: request a new one.
error-scope_missing = The token does not have the scope this operation needs.
field-identifier = Use 3 to 63 characters: small letters, digits, dots, dashes
