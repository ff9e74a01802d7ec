# What the service writes to citizens: App IO and e-mail. No personal data in the subjects.

# Subjects: 10 to 120 characters.
notice-of-day = on { $day } { $month } at { $time }
notice-to-day = to { $day } { $month } at { $time }
notice-subject-confirmed = Your appointment { $of }
notice-subject-moved = Your appointment has been moved { $to }
notice-subject-cancelled = Your appointment { $of } has been cancelled
notice-subject-proposed = Choose another time for your appointment { $of }
notice-subject-proposal_accepted = The new time of your appointment: { $of }
notice-subject-proposal_declined = Still confirmed: your appointment { $of }
notice-subject-proposal_withdrawn = Your appointment { $of } stays valid
notice-subject-proposal_expired = Nothing chosen: your appointment { $of } stays valid
notice-subject-payment_due = You have a new payment notice
notice-subject-expired = Your appointment { $of } is not confirmed: the payment is missing
notice-subject-paid = We have received your payment
notice-subject-paid_without_time = Payment received, but the time is no longer available
notice-subject-paid_not_due = You paid a notice that was no longer due
notice-subject-reminder = Remember your appointment { $of }

notice-greeting = Hello { $name },
notice-greeting-anonymous = Hello,
notice-footer = { $entity } writes to you because you made an appointment. This message is automatic.

# Labels, before their value.
notice-when = When
notice-where = Where
notice-code = Booking code
notice-bring = What to bring
notice-reason = Reason
notice-message = Message from the office
notice-option = Time { $number }
notice-choose-by = Choose by
notice-amount = To pay
notice-paid-amount = You paid
notice-pay-by = By
notice-number = pagoPA notice code

# What happened.
notice-text-confirmed = You have booked an appointment for the service “{ $service }”.
notice-text-moved = The appointment for the service “{ $service }” has been moved: here is the new time. The former one is no longer valid.
notice-text-cancelled = The appointment for the service “{ $service }” has been cancelled: you do not have to come.
notice-text-proposed = We offer you other times for the appointment for the service “{ $service }”. We keep them free for you until the date given; if you do not choose, the appointment you have stands.
notice-text-proposal_accepted = You have chosen a new time for the service “{ $service }”: the appointment is confirmed. The former one is no longer valid.
notice-text-proposal_declined = You have not accepted the times we offered for the service “{ $service }”: the appointment you had stands.
notice-text-proposal_withdrawn = The office took back the times it had offered for the service “{ $service }”: the appointment stays the one you had.
notice-text-proposal_expired = The time to choose one of the times offered for the service “{ $service }” is over: the appointment stays the one you had.
notice-text-payment_due = There is a notice to pay for the service “{ $service }”, booking { $code }. If you have already paid, ignore this message.
notice-text-expired = Until { $closed } no payment had arrived for the service “{ $service }”: the appointment is not confirmed and the time is free again. If you have already paid, you need not do anything: the receipt will reach us and we will write to you.
notice-text-paid = We have received the payment for the service “{ $service }”. The receipt is on the page of the appointment.
notice-text-paid_without_time = We have received the payment for the service “{ $service }”, but it came after the deadline and somebody else has taken the time you had chosen. The payment stays valid: choose another time on the page of the appointment, without paying again.
notice-text-paid_not_due = We have received the payment of a notice for the service “{ $service }” that was no longer due: the appointment had been cancelled, or moved to a time of another price. The office will contact you about a new appointment, the difference or the refund.
notice-text-reminder = We remind you of your appointment for the service “{ $service }”.

# What can be done.
notice-more-change = If you cannot come, move or cancel the appointment: somebody else will need your place.
notice-more-in-advance = The appointment is confirmed when the payment arrives. If you do not pay in time, others can take it.
notice-more-book-again = If you still need it, you can book another appointment.

# Buttons and links.
notice-action-manage = Manage appointment
notice-action-choose = Choose the time
notice-action-pay = Go to the payment
notice-action-book = Book again

# In the reader's calendar.
notice-calendar-summary = Appointment: { $service }
