# The operators' pages.

desk-section-day = Day
desk-section-insert = New appointment
desk-section-close = Close a counter
desk-section-tasks = To be sorted out

desk-sites-title = Choose the site
desk-sites-empty = You have no site to work at yet. Ask your administrator.

# The day.
desk-days = Days
desk-day-before = Day before
desk-day-after = Day after
desk-today = Today
desk-my-counter = My counter
desk-no-counter = The booked one
desk-sit = Set
desk-find = Appointment code
desk-open = Open
desk-tasks-open = { $n ->
    [one] 1 thing to sort out
   *[other] { $n } things to sort out
}
desk-connection-lost = connection lost: the page may be out of date
desk-updated = updated at { $time }
desk-count-expected = expected
desk-count-waiting = waiting
desk-count-called = called
desk-count-served = served
desk-count-missed = missed
desk-count-cancelled = cancelled
desk-waiting-title = In the waiting room
desk-waiting-empty = Nobody is waiting.
desk-waits = { $n ->
    [0] has just arrived
    [one] waiting for 1 minute
   *[other] waiting for { $n } minutes
}
desk-booked-at = booked for { $time }
desk-call = Call
desk-call-to = Call: { $counter }
desk-arrived = Arrived
desk-served = Served
desk-no-show = Did not come
desk-undo = Undo the last step
desk-undo-short = Undo
desk-day-caption = All appointments
desk-day-empty = No appointments on this day.
desk-time = Time
desk-citizen = Citizen
desk-service = Service
desk-counter = Counter
desk-contacts = Contacts
desk-state = State and payment
desk-actions = Actions
desk-has-notes = notes
desk-has-proposal = proposal sent
desk-since = since { $time }
desk-paid = Paid { $amount }
desk-unpaid = To be paid { $amount }
desk-payment-cancelled = No longer owed
desk-channel-web = online
desk-channel-api = other program
desk-channel-desk = desk
desk-state-held = Being filled in
desk-state-awaiting_payment = Awaiting payment
desk-state-confirmed = Expected
desk-state-arrived = Waiting
desk-state-called = Called
desk-state-served = Served
desk-state-no_show = Did not come
desk-state-cancelled = Cancelled
desk-state-expired = Expired

# One appointment.
desk-card-appointment = Appointment
desk-card-holder = Citizen
desk-card-answers = Answers of the form
desk-card-payment = Payment
desk-code = Code
desk-when = When
desk-site = Site
desk-reason = Reason
desk-details = Details
desk-details-help = At most 200 characters
desk-deadline = To be paid by
desk-arrived-at = Arrived at
desk-called-at = Called at
desk-called-to = Called to
desk-cancel-reason = Reason of the cancellation
desk-made = Booked
desk-given-name = Given name
desk-family-name = Family name
desk-fiscal-code = Fiscal code
desk-fiscal-code-help = Needed for services that are paid, and for messages on the IO app
desk-identity = Identity
desk-verified = Verified with SPID or CIE
desk-not-verified = Declared, to be verified
desk-email = E-mail
desk-email-help = To send the confirmation
desk-phone = Telephone
desk-language = Language of the messages
desk-language-it = Italian
desk-language-en = English
desk-payment-state = State
desk-payment-for = Purpose
desk-notice = Notice number
desk-iuv = IUV
desk-due = Due by
desk-paid-at = Paid on
desk-receipt = Receipt (IUR)
desk-notes = Operators' notes
desk-notes-help = Only the staff sees them: the citizen does not receive them.
desk-save-notes = Save the notes
desk-history = History of the appointment
desk-what = What
desk-who = Who
desk-print = Print
desk-back-to-day = Back to the day
desk-actor-citizen = Citizen
desk-actor-guest = Citizen, not logged in
desk-actor-staff = Operator
desk-actor-client = Other program
desk-actor-peer = Outside system
desk-actor-system = System
desk-record-appointment-booked = Booked
desk-record-appointment-paid = Paid
desk-record-appointment-moved = Moved
desk-record-appointment-price-differs = Moved to a time that costs something else than what was paid
desk-record-appointment-reseated = Passed to another counter
desk-record-appointment-cancelled = Cancelled
desk-record-appointment-expired = Expired
desk-record-appointment-proposed = Other times proposed
desk-record-appointment-proposal-declined = Proposal declined
desk-record-appointment-proposal-withdrawn = Proposal withdrawn
desk-record-appointment-proposal-expired = Proposal expired without an answer
desk-record-appointment-proposal-changed = Proposed times changed by a closure
desk-record-appointment-arrived = Marked as arrived
desk-record-appointment-called = Called
desk-record-appointment-served = Served
desk-record-appointment-missed = Marked as missed
desk-record-appointment-undone = Last step undone
desk-record-appointment-noted = Notes changed

# Cancelling, moving, proposing.
desk-cancel = Cancel the appointment
desk-cancel-title = Cancel the appointment of { $name }
desk-cancel-why = Reason
desk-cancel-why-help = The citizen reads it in the message of the cancellation. At most 500 characters.
desk-cancel-do = Cancel the appointment and tell the citizen
desk-cancel-paid = This appointment has been paid: if you cancel it, the refund must be settled with the accountants.
desk-move = Move
desk-move-title = Move the appointment of { $name }
desk-move-do = Move the appointment
desk-move-told = The citizen is told the new time at once.
desk-give-time = Give another time
desk-now-is = It now stands on { $when }.
desk-month = Month
desk-all-sites = All sites
desk-show-times = Show the times
desk-no-times = There are no free times in this month. Choose another month or another site.
desk-near-times = The nearest free times
desk-choose-time = Choose a day and time
desk-choose-times = Choose one to three times
desk-times-count = { $n ->
    [one] 1 time
   *[other] { $n } times
}
desk-free = ({ $n } free)
desk-propose = Propose another time
desk-propose-title = Propose another time to { $name }
desk-propose-about = The proposed times are kept until the answer. The present appointment stands until the citizen accepts another.
desk-propose-no-contact = We have neither e-mail nor fiscal code of this citizen: the proposal cannot be sent. Call them and move the appointment.
desk-propose-do = Send the proposal
desk-message = Message to the citizen
desk-message-help = At most 1000 characters
desk-answer-within = Time to answer
desk-answer-within-help = Without an answer the present appointment stands, and the matter appears among those to be sorted out.
desk-hours = { $n ->
    [24] one day
    [48] two days
    [72] three days
    [168] one week
   *[other] { $n } hours
}
desk-proposal-open = Proposal sent: the citizen can answer until { $until }
desk-withdraw = Withdraw the proposal

# Inserting an appointment.
desk-insert-title = New appointment for a citizen
desk-step-service = Service
desk-step-time = Place and time
desk-step-data = Data
desk-step-summary = Summary
desk-no-services = No service can be booked yet.
desk-minutes = { $n } minutes
desk-next = Next
desk-choose = Choose
desk-edit-data = Change the data
desk-insert-do = Confirm the appointment
desk-total = Total
desk-in-advance = This service is paid in advance: the appointment is confirmed when the payment arrives; the citizen receives the notice.
desk-not-told = Without e-mail and fiscal code the citizen receives no message: tell them day, time and code now.

# Closing a counter.
desk-close-title = Close a counter
desk-close-about = Whoever has an appointment in those hours goes to another counter of the site that is free at the same time; for the others you will have to find a new time. Before confirming you see whom it concerns.
desk-day = Day
desk-from = From
desk-from-help = Empty: from the beginning of the day
desk-to = To
desk-to-help = Empty: to the end of the day
desk-close-why = Reason
desk-close-why-help = For the staff
desk-close-see = See whom it concerns
desk-close-do = Close the counter
desk-whole-day = the whole day
desk-from-to = from { $from } to { $to }
desk-close-nobody = No appointment is concerned.
desk-close-preview = { $n ->
    [one] 1 appointment is concerned. Nothing has changed yet.
   *[other] { $n } appointments are concerned. Nothing has changed yet.
}
desk-close-moved = { $n ->
    [one] 1 citizen goes to another counter at the same time
   *[other] { $n } citizens go to another counter at the same time
}
desk-close-left = { $n ->
    [one] 1 citizen needs a new time
   *[other] { $n } citizens need a new time
}
desk-new-counter = New counter
desk-closed-title = Counter closed
desk-closed = Outcome
desk-closed-done = { $counter } is closed in those hours.
desk-go-to-tasks = Go to what is to be sorted out

# To be sorted out.
desk-tasks-title = To be sorted out
desk-tasks-empty = There is nothing to sort out.
desk-task-since = since { $when }
desk-task-done = Done
desk-task-paid-without-time = Paid, but the time is gone
desk-task-paid-without-time-do = The payment arrived after the deadline, and the time had been given to another. The citizen can choose another time on the page of the appointment; or call them and give it yourself: they must not pay again.
desk-task-paid-after-cancellation = Paid after the cancellation
desk-task-paid-after-cancellation-do = The appointment had been cancelled when the payment arrived. Call the citizen: a new appointment or a refund, to be settled with the accountants.
desk-task-paid-at-another-price = Paid another amount
desk-task-paid-at-another-price-do = The appointment had been paid and was moved to a time that costs more or less. Settle with the accountants whether to ask for the difference or to refund it.
desk-task-paid-not-due = Paid a notice that had been replaced
desk-task-paid-not-due-do = A notice was paid that was no longer due: the appointment had been moved to a time of another price, and stays as it is. Settle the refund or the difference with the citizen and the accountants.
desk-task-proposal-declined = Proposal declined
desk-task-proposal-declined-do = The citizen prefers the time they had, which stands. If that is not possible, propose other times or call them.
desk-task-proposal-expired = Proposal without an answer
desk-task-proposal-expired-do = The citizen did not answer in time: the former appointment stands. If that is not possible, call them.
desk-task-proposal-withdrawn = Proposal withdrawn by a closure
desk-task-proposal-withdrawn-do = All the proposed times were at counters that are closed now: the former appointment stands. Propose other times or call the citizen.
desk-task-paid-without-receipt = Paid, but no receipt will come
desk-task-paid-without-receipt-do = The payment provider has reported the payment and says that no receipt will come. Check the citizen's proof of payment with the accountants: they must not pay again.
desk-task-counter-closed = Counter closed at the time of the appointment
desk-task-counter-closed-do = The counter is closed and no other is free at that time. Move the appointment, propose other times or call the citizen.
desk-task-notice-undelivered = Message not delivered
desk-task-notice-undelivered-do = A message on the IO app did not arrive and the citizen left no e-mail address. Open the appointment and call.

# What was just done.
done-desk-moved = The appointment has been moved and the citizen has been told.
done-desk-proposed = The proposal has been sent.
done-desk-withdrawn = The proposal has been withdrawn.
done-desk-cancelled = The appointment has been cancelled and the citizen has been told.
done-desk-inserted = The appointment has been inserted. Tell the citizen the code.
done-desk-task = Marked as done.
