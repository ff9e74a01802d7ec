# The accountants' pages.

accounting-section-entries = Provisional entries
accounting-section-import = Import
accounting-section-flows = pagoPA flows
accounting-section-receipts = Receipts
accounting-section-books = Books

# Work list.
accounting-title = Provisional entries
accounting-total-open = To be regularised
accounting-total-open-n = { $n ->
    [0] No provisional entry
    [one] 1 provisional entry
   *[other] { $n } provisional entries
}
accounting-total-overdue = { $n ->
    [one] 1 past the 60 days
   *[other] { $n } past the 60 days
}
accounting-total-transit = In transit
accounting-total-transit-about = { $n ->
    [0] All that was paid is in the treasury
    [one] 1 payment not in the treasury yet
   *[other] { $n } payments not in the treasury yet
}
accounting-total-flows = Flows without a credit
accounting-total-flows-n = { $n ->
    [0] Every flow has its credit
    [one] 1 flow reported, its transfer is not there
   *[other] { $n } flows reported, their transfers are not there
}
accounting-total-unidentified = To be identified
accounting-total-unidentified-about = { $n ->
    [0] Every sum corresponds to something known
    [one] 1 sum that corresponds to nothing known
   *[other] { $n } sums that correspond to nothing known
}
accounting-last-journal = Last treasury journal: of { $day }, imported { $at }.
accounting-no-journal = No treasury journal was imported so far.
accounting-last-fetch = Flows last fetched from pagoPA: { $at }.
accounting-no-fetch = No pagoPA flows were fetched so far.
accounting-import-go = Import journal and flows
accounting-incomplete = { $n ->
    [one] At least one page of a treasury journal is missing.
   *[other] Pages of { $n } treasury journals are missing.
}
accounting-entries = Provisional entries
accounting-views = Which provisional entries to show
accounting-view-open = To be regularised
accounting-view-differing = With differences
accounting-view-regularised = Regularised
accounting-view-all = All
accounting-search = Number, IUV, flow or payer
accounting-search-flow = Flow or number of the transfer
accounting-search-go = Search
accounting-found-payment = There is a payment with this IUV:
accounting-found-flows = Flows found
accounting-empty-new = To begin, import the journal you receive from the treasurer: the provisional entries of pagoPA payments will appear here.
accounting-empty-open = No provisional entry waits to be regularised. When the treasurer sends a new journal, import it.
accounting-empty-differing = No provisional entry has differences.
accounting-empty-other = No provisional entries.
accounting-empty-search = Nothing found for “{ $text }”.
accounting-cut = The list is long and only a part of it is shown: search to narrow it down.
accounting-all-payers = Show entries that have nothing to do with pagoPA too
accounting-only-pagopa = Show only entries of pagoPA
accounting-missing = What is missing
accounting-missing-nothing = Nothing is missing: every flow has its credit and every payment its flow.
accounting-missing-flows = Flows without a provisional entry, or with differences
accounting-missing-payments = Payments that have waited too long, or with differences
accounting-days-ago = { $n ->
    [one] 1 day ago
   *[other] { $n } days ago
}

# Columns and data.
accounting-entry = Provisional entry
accounting-booked-on = Date
accounting-value-on = Value date
accounting-payer = Payer
accounting-covers = Is of
accounting-state = State
accounting-deadline = Deadline
accounting-amount = Amount
accounting-difference = Difference
accounting-flow = Flow
accounting-psp = Payment service provider
accounting-payments = Payments
accounting-says = Outcome of reconciliation
accounting-not-found-yet = Not found yet:
accounting-due-on = by { $day }
accounting-who-paid = Paid by
accounting-paid-at = Paid on
accounting-for = Service
accounting-how-far = State
accounting-receipt = Receipt
accounting-appointment = Appointment
accounting-total = Total
accounting-days-over = { $n ->
    [one] 1 day overdue
   *[other] { $n } days overdue
}
accounting-days-today = Due today
accounting-days-left = { $n ->
    [one] 1 day left
   *[other] { $n } days left
}
accounting-entry-open = To be regularised
accounting-entry-partly = Regularised in part
accounting-entry-sent = Plan sent
accounting-entry-regularised = Regularised
accounting-entry-cancelled = Taken back
accounting-payment-paid = Paid
accounting-payment-reported = Reported
accounting-payment-cashed = Cashed
accounting-payment-regularised = Regularised

# Import.
accounting-import-title = Import
accounting-import-no-file = Choose at least one file.
accounting-import-results = Result
accounting-import-to-list = Go to the provisional entries
accounting-import-new = Imported
accounting-import-already = Already there
accounting-import-refused = Refused
accounting-import-journal = Treasury journal
accounting-import-journal-about = The XML file (OPI) that the treasurer provides every day. If it is in several pages, upload them together or apart, in any order: the same file uploaded twice changes nothing.
accounting-import-journal-go = Import the journal
accounting-import-files = XML files, one or more
accounting-import-flow = Do you have a flow in a file?
accounting-import-flow-about = Upload a FlussoRiversamento in XML, for instance one older than 30 days that pagoPA does not show any more.
accounting-import-flow-files = FlussoRiversamento files
accounting-import-flow-go = Import the flow
accounting-import-journal-already = This file was imported before: nothing has changed.
accounting-import-entries = { $n ->
    [0] No provisional entry in this file.
    [one] 1 provisional entry, new or updated.
   *[other] { $n } provisional entries, new or updated.
}
accounting-import-page = Page { $page } of { $pages }: the journal is complete when all are there.
accounting-import-flow-new = The flow was imported and reconciled.
accounting-import-flow-older = The flow was kept, but there is a later revision of it, which counts.
accounting-import-flow-already = This flow was there already: nothing has changed.
accounting-whole-journal = overall
accounting-finding-balance = To be checked with the treasurer: the balance of account { $account } does not add up, difference { $difference }.
accounting-finding-repeated = To be checked with the treasurer: movement { $number } of account { $account } is repeated.
accounting-finding-period = To be checked with the treasurer: the period ends before it begins.
accounting-fetch-title = Remittance flows
accounting-fetch-about = Flows are fetched by themselves every half hour. You can also ask for them now.
accounting-fetch-go = Fetch flows from pagoPA now
accounting-fetch-name = Flows fetched from pagoPA
accounting-fetch-done = Done
accounting-fetch-failed-badge = Not completed
accounting-fetch-failed = pagoPA did not answer as expected. What came was kept; the rest will be asked for again automatically.
accounting-fetch-came = { $n ->
    [0] No new flow.
    [one] 1 new flow came.
   *[other] { $n } new flows came.
}
accounting-journals = Imported treasury journals
accounting-journals-empty = No treasury journal was imported: upload the first above.
accounting-journal-day = Day
accounting-journal-name = The treasurer's identifier
accounting-journal-page = Page
accounting-journal-movements = Movements
accounting-journal-incomplete = Pages missing
accounting-imported-at = Imported on

# A provisional entry and its plan.
accounting-entry-title = Provisional entry { $number }/{ $year }
accounting-plan = Regularisation plan
accounting-plan-csv = Download the plan (CSV)
accounting-detail-csv = Download the details (CSV)
accounting-plan-not-seen = The plan changed after you opened this page: it was not marked as sent. Look at what changed, download the files again and then mark it as sent.
accounting-plan-before = Before
accounting-plan-now = Now
accounting-mark-sent = Mark as sent to accounting
accounting-plan-sent-at = Plan sent to accounting { $at }
accounting-open-all = Open all payments
accounting-close-all = Close all payments
accounting-year = Year
accounting-chapter = Chapter/article
accounting-assessment = Assessment
accounting-codes = Chart of accounts · SIOPE
accounting-nature = Nature
accounting-own = Own revenue
accounting-third-party = Held for others
accounting-of-which = of which
accounting-other-year = Another year
accounting-other-year-alert = Some shares are of another year than the entry's { $year }: decide whether they are of the year or arrears.
accounting-row-payments = { $n ->
    [one] 1 payment
   *[other] { $n } payments
}
accounting-balances = Equals the provisional entry
accounting-does-not-balance = Does not equal the provisional entry
accounting-as-said = What the treasurer says
accounting-remittance = Remittance text
accounting-read = Read in the text
accounting-read-flow = Flow { $id }
accounting-read-flow-prefix = Beginning of a flow, cut by the bank: { $id }
accounting-read-iuv = IUV { $id }
accounting-read-iuv-prefix = Beginning of an IUV, cut by the bank: { $id }
accounting-read-nothing = Nothing of pagoPA
accounting-certainty = How sure that is
accounting-certainty-exact = Certain: the reference is written whole
accounting-certainty-inferred = To be confirmed: the reference was put together
accounting-certainty-none = Not at all
accounting-end-to-end = End-to-end reference
accounting-operation = Reference of the operation
accounting-covered = Covered by collection orders
accounting-entry-flow = Remittance flow
accounting-siblings = Other provisional entries of the same flow
accounting-movements = The treasurer's movements
accounting-movement-number = movement { $number }
accounting-change-entry-opened = entry opened
accounting-change-entry-cancelled = entry taken back
accounting-change-entry-regularised = entry regularised
accounting-change-entry-reopened = entry reopened
accounting-change-order-opened = opened by an order
accounting-change-order-cancelled = cancelled by an order
accounting-change-order-regularised = covered by a collection order
accounting-change-order-reopened = collection order reversed
done-accounting-plan-sent = The plan is marked as sent to accounting.

# Flows.
accounting-flows-title = Remittance flows
accounting-flows-lead = Each flow is one cumulative transfer of a payment service provider, with the payments in it.
accounting-flows-empty = No flows. They come from pagoPA the working day after the payments: you can also fetch them now from the Import section.
accounting-flows-count = { $n ->
    [one] 1 flow
   *[other] { $n } flows
}
accounting-flow-title = Flow { $flow }
accounting-flow-made = Date of the flow
accounting-regulation = Number of the transfer (TRN)
accounting-regulation-on = Date of the transfer
accounting-revision = Revision
accounting-revisions = Revisions received
accounting-revision-counts = The one that counts
accounting-declared-count = Payments declared
accounting-declared-total = Total declared
accounting-flow-superseded = This revision was replaced: the payments below are those of the revision that counts.
accounting-flow-no-entry = No provisional entry covers this flow. The transfer usually comes the working day after the payment: import the latest treasury journal.
accounting-flow-entries = Provisional entries that cover it
accounting-flow-imbalance = The provisional entries and the flow's payments differ by { $amount }.
accounting-flow-rows = { $n ->
    [one] 1 payment, total { $total }
   *[other] { $n } payments, total { $total }
}
accounting-flow-awaited = Waiting for its flow
accounting-finding-count-differs = The flow declares { $declared } payments but has { $found }.
accounting-finding-total-differs = The flow declares { $declared } but its payments sum to { $found }.
accounting-finding-duplicate-row = Row { $index } repeats row { $first }.
accounting-finding-unknown-outcome = Row { $index } has an outcome that the schema does not know.

# A payment.
accounting-payment-title = Payment { $iuv }
accounting-step-position = 1. Debt position
accounting-step-receipt = 2. Receipt
accounting-step-flow = 3. Remittance flow
accounting-step-entry = 4. Provisional entry
accounting-step-plan = 5. Regularisation plan
accounting-position-about = Notice { $nav }, issued { $at }
accounting-receipt-about = Receipt { $iur }, received { $at }
accounting-no-position = No position of this service has this IUV.
accounting-no-receipt = No receipt: it was not paid as far as we know.
accounting-no-flow = No flow reports it yet. Flows usually come within two working days.
accounting-no-entry = The treasurer has not told of the credit yet.
accounting-plan-there = The payment is in the plan of the provisional entry above.
accounting-no-plan = The plan is made when the provisional entry comes.

# Receipts.
accounting-receipts-title = Receipts by day
accounting-receipts-empty = Nothing was paid on this day.
accounting-receipts-count = { $n ->
    [one] 1 receipt
   *[other] { $n } receipts
}
accounting-days = Days
accounting-day = Day
accounting-show = Show
accounting-hour = Time

# Books.
accounting-books-title = Control accounts
accounting-books-lead = The double entry of payments: all that is paid must leave transit and enter the treasury.
accounting-books-empty = The books are empty: the first debt position sets them going.
accounting-books-caption = Balances (debit positive, credit negative)
accounting-account = Account
accounting-meaning = Meaning
accounting-open-items = Open items
accounting-balance = Balance
accounting-subject = Item
accounting-at-zero = No open items.
accounting-account-income = Income
accounting-account-receivable = Receivable from citizens
accounting-account-in-transit = In transit
accounting-account-treasury = Treasury
accounting-account-unidentified = To be identified
accounting-account-elsewhere = Other systems
accounting-meaning-income = What was asked for with debt positions
accounting-meaning-receivable = What citizens still have to pay
accounting-meaning-in-transit = Paid, not credited to the treasury yet: must come back to zero
accounting-meaning-treasury = Credited, by provisional entry
accounting-meaning-unidentified = Money that is not explained yet: must come back to zero
accounting-meaning-elsewhere = Credited for notices of the Comune's other systems, which regularise it with their own data

# The labels of reconciliation.
accounting-label-rt-iuf-tes = Reconciled
accounting-label-rt-tes = Reconciled (single payment)
accounting-label-rt-iuf = Reported, not credited yet
accounting-label-rt-no-iuf = Paid, its flow is missing
accounting-label-other-intermediary = Payment of another intermediary
accounting-label-iur-differs = Another collection identifier
accounting-label-other-year = Share of another year
accounting-label-tes-inferred = Matched by inference
accounting-label-iuf-no-tes = Flow without a credit
accounting-label-rt-no-position = Receipt without a position
accounting-label-rt-pos-div-imp = Another amount paid than owed
accounting-label-rt-iuf-div-imp = Flow and receipt differ in amount
accounting-label-iuf-tes-div-imp = Credit and flow differ in amount
accounting-label-iuv-no-rt = In the flow, without receipt
accounting-label-iuv-no-rpt = Paid, no receipt will come
accounting-label-doppi = Paid more than once
accounting-label-revoked = Payment revoked
accounting-label-unknown-outcome = Unknown outcome
accounting-label-flow-does-not-add-up = The flow does not add up
accounting-label-plan-changed = Plan changed after it was sent
accounting-label-tes-stornato = Taken back by the treasurer
accounting-label-tes-no-iuf-or-iuv = Text without anything of pagoPA
accounting-label-tes-no-match = Its flow or payment has not come yet
accounting-label-tes-ambiguous = Several flows are possible

# What to do.
accounting-advice-other-intermediary = The notice was issued by another system of the Comune: regularise this part with its data.
accounting-advice-rt-no-position = No position has this IUV: check with whoever issued the notice.
accounting-advice-rt-pos-div-imp = Check the receipt: what was paid is not the position's amount.
accounting-advice-rt-iuf-div-imp = Ask the payment service provider: receipt and flow say different amounts.
accounting-advice-iuf-tes-div-imp = A credit can come in several transfers: wait for the next treasury journals. If nothing comes, ask the payment service provider.
accounting-advice-iuv-no-rt = The receipt may be late. If it does not come, ask pagoPA for it by its IUV.
accounting-advice-iuv-no-rpt = The flow's outcome (8 or 9) says that no receipt will come: ask the payment provider for the proof of payment and treat the notice as paid. If there is an appointment, the counter has been told.
accounting-advice-doppi = The same notice was paid more than once: consider paying the citizen back.
accounting-advice-revoked = The payment service provider revoked the payment: the sum was taken away.
accounting-advice-unknown-outcome = Ask the payment service provider what the outcome of this row means.
accounting-advice-flow-does-not-add-up = Ask the payment service provider for a revision of the flow.
accounting-advice-plan-changed = The plan changed after it was sent: compare it with the one that was used, then send it again.
accounting-advice-tes-stornato = The treasurer took this entry back: there is nothing to regularise.
accounting-advice-tes-no-iuf-or-iuv = The text names nothing of pagoPA: identify the sum with the treasurer.
accounting-advice-tes-no-match = The flow or payment of this credit has not come yet: fetch the flows from pagoPA, then look again.
accounting-advice-tes-ambiguous = The text was cut and several flows fit by amount and date: ask the treasurer for the whole text.
