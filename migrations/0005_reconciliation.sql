-- Receipts × flows × journal. What peers say is kept as said; matches and labels are derived and can be redone.

create table remittance_flow (
    entity_id uuid not null references entity,
    remittance_flow_id uuid not null,
    psp_id text not null,
    psp_name text not null default '',
    flow text not null, -- identificativoFlusso: unique per PSP and year, not across entities
    revision int not null, -- as the platform says; a file does not say and is placed by its date
    latest boolean not null, -- only the latest revision counts
    flow_at timestamptz not null,
    published_at timestamptz,
    regulation text not null default '', -- TRN of the credit transfer
    regulation_on date,
    total_cents bigint not null,
    payments int not null,
    findings jsonb not null default '[]', -- what does not add up in it
    labels jsonb not null default '[]', -- what reconciliation says of its rows, summed up: derived
    imported_at timestamptz not null,
    primary key (entity_id, remittance_flow_id),
    unique (entity_id, psp_id, flow, revision)
);
create unique index remittance_flow_latest on remittance_flow (entity_id, psp_id, flow) where latest;
create index remittance_flow_name on remittance_flow (entity_id, upper(flow));
create index remittance_flow_regulation on remittance_flow (entity_id, regulation) where regulation <> '';
call put_under_tenancy('remittance_flow');

create table flow_row (
    entity_id uuid not null,
    remittance_flow_id uuid not null,
    row_index int not null,
    iuv text not null,
    iur text not null,
    transfer_index smallint, -- older files leave it out
    amount_cents bigint not null, -- as said: negative for a revoked payment, by the older rules
    outcome text not null check (outcome in ('executed', 'revoked', 'stand_in', 'stand_in_no_rpt', 'no_rpt', 'unknown')),
    paid_on date not null,
    primary key (entity_id, remittance_flow_id, row_index),
    foreign key (entity_id, remittance_flow_id) references remittance_flow
);
create index flow_row_key on flow_row (entity_id, iuv, iur, transfer_index);
call put_under_tenancy('flow_row', 'select, insert');

-- Where the fetch of flows stands.
create table flow_cursor (
    entity_id uuid not null references entity,
    published_after timestamptz not null,
    fetched_at timestamptz not null,
    primary key (entity_id)
);
call put_under_tenancy('flow_cursor');

create table treasury_journal (
    entity_id uuid not null references entity,
    treasury_journal_id uuid not null,
    sha256 bytea not null, -- the same file is imported once
    bank_flow_id text not null, -- from 1.6.1 on each page has its own: what comes before the # is the journal's
    page int not null,
    pages int not null,
    year smallint not null,
    reference_on date not null,
    movements int not null,
    imported_at timestamptz not null,
    primary key (entity_id, treasury_journal_id),
    unique (entity_id, sha256)
);
call put_under_tenancy('treasury_journal');

-- One unregularised income: "provvisorio di entrata". Its state is what its movements, whatever their order of arrival, add up to.
create table provisional_entry (
    entity_id uuid not null references entity,
    provisional_entry_id uuid not null,
    year smallint not null, -- esercizio
    number bigint not null, -- numero del sospeso, which orders refer to
    amount_cents bigint not null check (amount_cents > 0),
    booked_on date not null, -- the 60 days of TUEL art. 180 c. 4 start here
    value_on date,
    payer text not null default '',
    remittance text not null, -- causale, as it came
    end_to_end_id text not null default '',
    operation_reference text not null default '', -- the TRN, which a flow may name as its regulation
    state text not null default 'open' check (state in ('open', 'cancelled', 'regularised')), -- as the treasurer says
    regularised_cents bigint not null default 0, -- how much of it orders cover
    reference text, -- flow or IUV read in the text
    reference_kind text check (reference_kind in ('flow', 'flow_prefix', 'iuv', 'iuv_prefix')),
    certainty text not null check (certainty in ('exact', 'inferred', 'none')),
    labels jsonb not null default '[]', -- what reconciliation says of it, summed up: derived
    plan_sent_at timestamptz, -- the accountant exported the plan
    plan_sha256 bytea, -- which plan that was: a later one that differs is shown
    primary key (entity_id, provisional_entry_id),
    unique (entity_id, year, number),
    check ((plan_sent_at is null) = (plan_sha256 is null))
);
create index provisional_entry_reference on provisional_entry (entity_id, reference) where reference is not null;
create index provisional_entry_operation on provisional_entry (entity_id, operation_reference) where operation_reference <> '';
create index provisional_entry_open on provisional_entry (entity_id, booked_on) where state = 'open';
call put_under_tenancy('provisional_entry');

-- Every movement that touched an entry, as the treasurer said it: an order may name an entry before we know of it.
create table provisional_movement (
    entity_id uuid not null references entity,
    provisional_movement_id uuid not null,
    year smallint not null,
    number bigint not null,
    treasury_journal_id uuid not null,
    source text not null check (source in ('entry', 'order')), -- said of the entry itself, or of an order that names it
    movement text not null, -- the treasurer's number; else the document's, which a second file repeats
    position int not null, -- place in the file
    change text not null check (change in ('opened', 'cancelled', 'regularised', 'reopened')),
    amount_cents bigint check (amount_cents >= 0), -- null: all of it
    moved_on date not null,
    receipt bigint, -- numero_bolletta_quietanza of what opened the entry
    reversed_receipt bigint, -- of what is cancelled: the receipt it takes back, which may be another entry's
    primary key (entity_id, provisional_movement_id),
    -- A file says a thing once; treasurers send a day again, corrected, and periods that overlap.
    unique nulls not distinct
        (entity_id, year, number, source, movement, change, moved_on, amount_cents, treasury_journal_id),
    foreign key (entity_id, treasury_journal_id) references treasury_journal
);
create index provisional_movement_receipt on provisional_movement (entity_id, year, receipt) where receipt is not null;
create index provisional_movement_reversed on provisional_movement (entity_id, year, reversed_receipt)
    where reversed_receipt is not null;
call put_under_tenancy('provisional_movement', 'select, insert');

-- Which credit covers which flow (several credits may cover one: TXT/1…9), or which single receipt.
create table entry_match (
    entity_id uuid not null,
    entry_match_id uuid not null,
    provisional_entry_id uuid not null,
    psp_id text not null default '',
    flow text not null default '', -- a flow, whatever its revision
    iuv text not null default '', -- or one payment
    certainty text not null check (certainty in ('exact', 'inferred')),
    matched_at timestamptz not null,
    primary key (entity_id, entry_match_id),
    unique (entity_id, provisional_entry_id),
    foreign key (entity_id, provisional_entry_id) references provisional_entry,
    check ((flow = '') <> (iuv = ''))
);
create index entry_match_flow on entry_match (entity_id, psp_id, flow);
create index entry_match_iuv on entry_match (entity_id, iuv) where iuv <> '';
call put_under_tenancy('entry_match');

-- Double entry, append-only, corrected by reversal. Debits are positive, credits negative.
create table ledger_transaction (
    entity_id uuid not null references entity,
    ledger_transaction_id uuid not null,
    at timestamptz not null,
    reason text not null check (reason in ('issued', 'cancelled', 'paid', 'cashed', 'reversal')),
    reference text not null, -- what it books, e.g. the receipt; once per reason
    reverses uuid,
    primary key (entity_id, ledger_transaction_id),
    unique (entity_id, reason, reference),
    unique (entity_id, reverses), -- nothing is reversed twice
    foreign key (entity_id, reverses) references ledger_transaction
);
call put_under_tenancy('ledger_transaction', 'select, insert');

create table ledger_posting (
    entity_id uuid not null,
    ledger_transaction_id uuid not null,
    posting_index int not null,
    account text not null check (account in ('income', 'receivable', 'in_transit', 'treasury', 'unidentified', 'elsewhere')),
    subject text not null, -- sub-account: IUV, IUR and transfer, or a provisional entry
    amount_cents bigint not null check (amount_cents <> 0),
    primary key (entity_id, ledger_transaction_id, posting_index),
    foreign key (entity_id, ledger_transaction_id) references ledger_transaction
);
create index ledger_posting_account on ledger_posting (entity_id, account, subject);
call put_under_tenancy('ledger_posting', 'select, insert');

-- Once for each transaction, when it is complete.
create function ledger_balances() returns trigger language plpgsql as $$
begin
    if (select sum(amount_cents) from ledger_posting
        where entity_id = new.entity_id and ledger_transaction_id = new.ledger_transaction_id) <> 0 then
        raise exception 'ledger transaction % does not balance', new.ledger_transaction_id
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end
$$;
create constraint trigger ledger_balances after insert on ledger_transaction
    deferrable initially deferred for each row execute function ledger_balances();

-- What every sub-account stands at: the sum of its postings, kept with them in one transaction.
create table ledger_balance (
    entity_id uuid not null references entity,
    account text not null,
    subject text not null,
    amount_cents bigint not null,
    primary key (entity_id, account, subject)
);
create index ledger_balance_open on ledger_balance (entity_id, account) where amount_cents <> 0;
call put_under_tenancy('ledger_balance');
