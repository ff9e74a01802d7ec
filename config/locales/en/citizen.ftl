# The citizens' pages.

citizen-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
citizen-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
citizen-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}

# List of services and sheet.
citizen-services-title = Book an appointment
citizen-services-lead = Choose the service you need: you see at once what to bring, what it costs and when there is room.
citizen-services-empty = At the moment no service receives by appointment. For information contact the municipality.
citizen-other-services = Other services
citizen-book = Book
citizen-sheet-who = How to book
citizen-sheet-guests = You can book without logging in: name, family name and e-mail are enough.
citizen-sheet-login = To book, log in with your digital identity, SPID or CIE, level { $level } or higher. You can look at the free days and times before logging in.
citizen-sheet-duration = The appointment takes { $time }.
citizen-bring = What to bring
citizen-sheet-price = What it costs
citizen-sheet-where = Where
citizen-sheet-no-sites = At the moment no office receives by appointment for this service. For information contact the municipality.
citizen-price-free = The service is free.
citizen-price-fixed = The service costs { $amount }.
citizen-price-by-day = The amount depends on the day and time of the appointment. You see it in the summary, before you confirm.
citizen-price-by-answers = The amount depends on what you ask for in the form. You see it in the summary, before you confirm.
citizen-price-by-both = The amount depends on the day of the appointment and on what you write in the form. You see it in the summary, before you confirm.
citizen-price-in-advance = The appointment is confirmed when the payment arrives: after booking you have { $time } to pay with pagoPA, then others can take the time.
citizen-price-later = { $n ->
    [0] It is paid with pagoPA on the day of booking.
    [one] It is paid with pagoPA within { $n } day of booking.
   *[other] It is paid with pagoPA within { $n } days of booking.
}

# Booking.
citizen-booking-title = Appointment booking
citizen-step-luogo = Place
citizen-step-data-e-orario = Date and time
citizen-step-dettagli = Appointment details
citizen-step-richiedente = Applicant
citizen-step-riepilogo = Summary
citizen-forward = Next
citizen-choose = Select
citizen-office = Office
citizen-choose-office = Choose the office you want an appointment with
citizen-only-office = Only one office receives for this service
citizen-site = Office
citizen-site-address = Address
citizen-site-opening = Opening hours
citizen-site-directions = How to get there
citizen-available = Available appointments
citizen-month = Month
citizen-show-times = Show the times
citizen-choose-time = Choose day and time
citizen-times = { $n ->
    [one] { $n } time
   *[other] { $n } times
}
citizen-nearby = The free times nearest to the one you wanted
citizen-no-times = There are no free times at this office.
citizen-other-office = Choose another office
citizen-no-times-phone = Call the office:
citizen-no-times-later = Try again in the next days: places become free whenever somebody cancels, and new days open.
citizen-hold = We keep this time for you until { $time }.
citizen-hold-expired = The time to complete the booking is over and the appointment is no longer kept for you. Choose one: what you had written is still here.
citizen-topic = Topic: { $service }
citizen-reason = Reason
citizen-reason-label = Reason for the appointment
citizen-details = Details
citizen-details-help = Add what can help the office prepare. At most 200 characters.
citizen-questions = Information for the service
citizen-length-max = At most { $n } characters.
citizen-applicant = Applicant
citizen-about-you = Information about you, received from your digital identity provider.
citizen-contacts = Contacts
citizen-given-name = Name
citizen-family-name = Family name
citizen-fiscal-code = Fiscal code
citizen-code-optional = Optional: if you write it, you find the appointment in your personal area.
citizen-code-to-pay = It is needed to issue the payment notice to you.
citizen-email = E-mail
citizen-email-help = Here you receive the confirmation and the reminder.
citizen-phone = Telephone
citizen-phone-help = Optional: we use it only to tell you of something unexpected.
citizen-must-log-in = For this service you have to log in with SPID or CIE, level { $level } or higher: we take your data from there.
citizen-level-too-low = You are logged in, but this service needs level { $level }. Log in again with a higher level.
citizen-level-unstated = You are logged in already, but the provider you chose does not say of what level your identity is and this service needs level { $level }. Log in with another provider, or book with the office by telephone.
citizen-may-log-in = If you log in with SPID or CIE you do not have to write your data, and you find the appointment in your personal area.
citizen-log-in = Log in
citizen-nothing-lost = After logging in you come back here: the time and what you have written stay.
citizen-declaration = The information you have given has the value of a declaration. Check that it is correct.
citizen-privacy-link = Read the privacy notice
citizen-confirm = Confirm and send
citizen-day = Date
citizen-hour = Time
citizen-service = Service
citizen-total = Total

# The page of an appointment.
citizen-appointment = Appointment
citizen-title-confirmed = Appointment confirmed
citizen-title-awaiting-payment = Only the payment is missing
citizen-title-arrived = You are waiting at the office
citizen-title-served = Appointment concluded
citizen-title-no-show = Appointment missed
citizen-title-cancelled = Appointment cancelled
citizen-title-expired = Booking expired
citizen-title-owed-time = Choose another time
citizen-lead-confirmed = The appointment is set for { $date } from { $from } to { $to }.
citizen-lead-awaiting-payment = We keep { $date } from { $from } to { $to } for you: the appointment is confirmed when the payment arrives.
citizen-lead-expired = The payment did not arrive in time and { $date }, { $from } - { $to }, is no longer kept for you.
citizen-lead-owed-time = The payment arrived when { $date }, { $from } - { $to }, had already been given to somebody else.
citizen-lead-cancelled = The appointment of { $date }, { $from } - { $to }, has been cancelled: you do not have to come.
citizen-lead-other = { $date }, { $from } - { $to }
citizen-state-held = To be completed
citizen-state-awaiting_payment = Awaiting payment
citizen-state-confirmed = Confirmed
citizen-state-arrived = In the waiting room
citizen-state-called = At the counter
citizen-state-served = Concluded
citizen-state-no_show = You did not come
citizen-state-cancelled = Cancelled
citizen-state-expired = Expired
citizen-mailed = We write updates to
citizen-your-appointment = Your appointment
citizen-code = Booking code
citizen-when = When
citizen-calendar = Add to your calendar
citizen-calendar-add = Download the event for Outlook, Google Calendar or iCloud
citizen-cannot-come = You cannot come?
citizen-cannot-come-text = Move or cancel the appointment: somebody else will need your place.
citizen-move = Move the appointment
citizen-cancel = Cancel the appointment
citizen-book-again = Book again
citizen-cancel-reason = Reason for the cancellation
citizen-back-to-it = Back to the appointment
citizen-open-appointment = See the appointment

citizen-move-title = Move the appointment
citizen-move-now = Your appointment is now:
citizen-move-keeps = It stays valid until you confirm the new time.
citizen-owed-time = The payment stays valid: choose another time, you do not have to pay again.
citizen-choose-another = Choose the time
citizen-move-confirm = Confirm the new time
citizen-cancel-title = Cancel the appointment
citizen-cancel-lead = If you confirm, the appointment is cancelled and others can take the time.
citizen-cancel-paid = You have already paid. Cancelling does not by itself give back what you paid: for a refund write to the municipality with the booking code.
citizen-cancel-why = Why you cancel
citizen-cancel-why-help = Optional. At most 200 characters.
citizen-cancel-confirm = Confirm the cancellation

citizen-proposal-there = The office offers you other times for this appointment.
citizen-proposal-open = See the offered times
citizen-proposal-title = Choose another time
citizen-proposal-until = We offer you these times and keep them free for you until { $until }. If you do not answer, the appointment you have stays valid.
citizen-proposal-message = Message from the office
citizen-proposal-legend = Offered times
citizen-proposal-keep = None of these: I keep { $at }
citizen-proposal-send = Send the answer
citizen-proposal-stands = Your appointment is:
citizen-proposal-expired = The time to answer this offer is over: the offered times are no longer kept for you.
citizen-proposal-accepted = You have already chosen one of the offered times.
citizen-proposal-declined = You have already answered that you keep your time.
citizen-proposal-withdrawn = This offer is no longer valid: the office took it back or the appointment has changed.

# Payments.
citizen-payment = Payment
citizen-payment-what = For
citizen-payment-by = To be paid by
citizen-payment-in-advance = If the payment does not arrive in time, others can take the time. If you have just paid, the confirmation can take some minutes.
citizen-payment-about = Thanks to the integration with the pagoPA platform, you can complete your payments to the public administration simply and at once. You can also choose the payment service provider (PSP) that suits you best.
citizen-payment-cancelled = It is no longer to be paid.
citizen-payment-done = The payment has arrived.
citizen-pay-now = Pay now
citizen-paid = Paid
citizen-not-due = Not due
citizen-notice-open = Download the notice
citizen-notice-title = Payment notice
citizen-notice-how = You can pay with this notice at a bank, a post office, a tobacconist, with the IO app or on your bank's site: show the QR code or write the notice code.
citizen-notice-creditor = Creditor
citizen-notice-debtor = Addressee
citizen-notice-number = Notice code
citizen-notice-qr = QR code to pay
citizen-print = To keep it, print this page or save it as PDF.
citizen-receipt-open = See the receipt
citizen-receipt-title = Payment receipt
citizen-receipt-paid-at = Date and time of payment
citizen-receipt-applied-on = Date of application
citizen-receipt-amount = Amount
citizen-receipt-description = For
citizen-receipt-entity = Creditor
citizen-receipt-entity-code = Fiscal code of the creditor
citizen-receipt-payer = Paid by
citizen-receipt-psp = Payment service provider
citizen-receipt-iuv = Unique payment identifier (IUV)
citizen-receipt-iur = Receipt identifier
citizen-leaving-title = Go to the payment
citizen-leaving = We are taking you to the payment pages of pagoPA. When you have finished you come back here.
citizen-leaving-link = Go to the payment
citizen-return-paid-title = Payment received
citizen-return-paid = We have the receipt: the payment was successful.
citizen-return-sent-title = We are waiting for the receipt
citizen-return-sent = You have completed the payment. As soon as the receipt arrives we confirm it: usually some seconds are enough, sometimes some minutes. Do not pay again.
citizen-return-waiting-title = The outcome is not known yet
citizen-return-waiting = The payment platform has not told us yet how it went. Do not pay again: if the receipt arrives, we update the appointment and let you know.
citizen-return-cancelled-title = Payment interrupted
citizen-return-cancelled = You interrupted the payment and nothing was charged. You can try again from the page of the appointment, or pay with the notice.
citizen-return-failed-title = The payment did not succeed
citizen-return-failed = The payment platform did not complete the operation. You can try again from the page of the appointment, or pay with the notice.
citizen-return-withdrawn-title = No longer to be paid
citizen-return-withdrawn = This payment is no longer due: the appointment was cancelled, moved or has expired.
citizen-return-looking = The page updates by itself.
citizen-return-link = If you booked without logging in, open the appointment again from the link we sent you.

# Personal area.
citizen-area-lead = Hello { $name }, here you find your appointments, the payments and the messages we sent you.
citizen-area-upcoming = My appointments
citizen-area-no-upcoming = You have no appointments ahead.
citizen-area-past = Past appointments
citizen-area-payments = Payments
citizen-area-no-payments = You have no payments for your appointments.
citizen-area-messages = Messages
citizen-area-no-messages = We have not sent you any messages yet.
citizen-message-confirmed = Appointment confirmed
citizen-message-moved = Appointment moved
citizen-message-cancelled = Appointment cancelled
citizen-message-proposed = Offer of another time
citizen-message-proposal_accepted = New time accepted
citizen-message-proposal_declined = Former time confirmed
citizen-message-proposal_withdrawn = Offer withdrawn
citizen-message-proposal_expired = Offer expired
citizen-message-payment_due = Payment notice
citizen-message-expired = Appointment not confirmed: payment not received
citizen-message-paid = Payment received
citizen-message-paid_without_time = Payment received, time no longer available
citizen-message-paid_not_due = Payment no longer due
citizen-message-reminder = Reminder of the appointment
citizen-channel-app-io = IO app
citizen-channel-email = E-mail to { $address }
citizen-channel-under-way = { $channel } (being sent)

# Privacy notice.
citizen-privacy-own = Read the complete notice on the municipality's site
citizen-privacy-who-title = Who processes your data
citizen-privacy-who = The controller is { $whole }. To exercise your rights or to get the contacts of the data protection officer write to { $contact }.
citizen-privacy-what-title = Which data
citizen-privacy-what =
    To book we use name, family name, e-mail and, if you give them, telephone and fiscal code; if you log in with SPID or CIE, your digital identity provider tells us who you are. We also use the reason for the appointment and what you write in the service's form.

    If there is something to pay, we use the data of the pagoPA notice and receipt. We do not see and do not keep the data of your card or account.
citizen-privacy-why-title = Why
citizen-privacy-why =
    To manage the appointment, prepare the file, tell you of changes and record payments: these are the municipality's tasks in the public interest (article 6, paragraph 1, letter e, of Regulation EU 2016/679) and legal obligations (letter c).

    The data are kept for as long as the rules on administrative and accounting records provide.
citizen-privacy-whom-title = To whom we give them
citizen-privacy-whom = To the providers of the services we use to give you ours: your digital identity provider for logging in, pagoPA for payments, the IO app and e-mail for messages. We do not use them for advertising and do not sell them.
citizen-privacy-rights-title = Your rights
citizen-privacy-rights = You can ask to see your data, correct them, delete them or limit their use, and object to the processing (articles 15 and following of Regulation EU 2016/679), writing to { $contact }. If you think that your rights were violated you can turn to the Italian data protection authority (Garante per la protezione dei dati personali).
citizen-privacy-cookies-title = Cookies
citizen-privacy-cookies = We use only technical cookies of this site: one keeps your visit open and ends when you close the browser, one remembers the language you chose. No consent is needed and there are no cookies of others.

# Legal notes.
citizen-legal-licence-title = Licence of the contents
citizen-legal-licence = Under the principle of open by default, article 52 of legislative decree 7 March 2005 no. 82 (CAD), and unless otherwise specified (including embedded contents of third parties), the data, documents and information published on the site are released under the CC-BY 4.0 licence. Users are therefore free to share (reproduce, distribute, communicate to the public, display in public), represent, perform and recite this material with any means and format, and to modify it (transform the material and use it for derivative works) for any purpose, even commercial, with the sole obligation of attribution and without adding restrictions.
citizen-legal-use-title = Use of the service
citizen-legal-use = Bookings are declarations made to { $entity }: whoever books answers for the truth of what is written. Citizens' personal data are not open data and are not covered by the licence.

# Accessibility.
citizen-accessibility-title = Accessibility
citizen-accessibility-own = Read the accessibility statement
citizen-accessibility-how-title = How these pages are made
citizen-accessibility-how = All pages work without JavaScript, with the keyboard alone and with screen readers; forms say in words what has to be corrected and do not lose what you wrote.
citizen-accessibility-report-title = Report a problem
citizen-accessibility-report =
    If something is not accessible, write to { $contact } saying which page and what does not work.

    If within thirty days you receive no answer, or the answer does not satisfy you, you can turn to the digital ombudsman (Difensore civico per il digitale) at the Agency for Digital Italy (AgID).

# Frequent questions.
citizen-faq-login-title = Do I need SPID or CIE to book?
citizen-faq-login = It depends on the service: its sheet says so. Where it is needed, you log in during the booking, after choosing day and time: you lose nothing of what you have chosen.
citizen-faq-hold-title = How long do you keep the time I chose?
citizen-faq-hold = When you choose a time we keep it for you for as long as the page says, so that you can complete the data. If the time is over you choose again: what you wrote stays.
citizen-faq-no-times-title = There are no free times: what can I do?
citizen-faq-no-times = See whether another office receives for the same service, and try again in the next days: places become free whenever somebody cancels, and new days open. If it is urgent call the office.
citizen-faq-change-title = How do I move or cancel an appointment?
citizen-faq-change = From the page of the appointment: you find it in the personal area or through the link you received by e-mail. For every service there is a time limit before the appointment; after that, call the office.
citizen-faq-pay-title = How do I pay?
citizen-faq-pay = With pagoPA: at once from this site, by card, account or app, or with the notice at a bank, a post office, a tobacconist or with the IO app. If the service is paid in advance, the appointment is confirmed when the payment arrives.
citizen-faq-receipt-title = I have paid but the appointment is still to be paid
citizen-faq-receipt = The receipt usually arrives in a few seconds, but can take some minutes. Do not pay again: when we receive it we update the page and let you know. A payment is never lost, not even if it arrives late.
citizen-faq-messages-title = How do I receive the confirmation?
citizen-faq-messages = By e-mail, with the reminder and the event for your calendar, and on the IO app if you use it. You find everything in the personal area too.
citizen-faq-other-title = I have not found the answer
citizen-faq-other = Write to { $contact } or call { $entity }: the contacts are at the bottom of the page.

# What was just done.
done-appointment-moved = The appointment has been moved: here is the new time.
done-appointment-cancelled = The appointment has been cancelled.
done-proposal-accepted = The new time is confirmed.
done-proposal-declined = You kept your time: the appointment stays valid.

# Fields.
field-choose_place = Choose an office
field-choose_time = Choose a day and a time
field-choose_reason = Choose the reason for the appointment
field-answer_missing = Answer the question “{ $detail }”
field-details_missing = Write the reason for the appointment
field-name_missing = Write the name
field-family_name_missing = Write the family name
field-fiscal_code_missing = Write the fiscal code
field-email_missing = Write the e-mail address
