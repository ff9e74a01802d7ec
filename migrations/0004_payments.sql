-- From the tariff to the receipt. Amounts are cents of euro.

-- The platform's taxonomy: reference data without tenant, replaced as a whole by its owner (`sportello taxonomy import`).
-- The application may only read it: one entity's administrator would change it for all.
create table taxonomy_code (
    code text not null check (code ~ '^[6-9]/[0-9]{7}(IM|TS|SP|SA|AP)/$'),
    entity_type text not null, -- 01: Comuni
    entity_type_name text not null,
    macro_area text not null,
    service text not null,
    description text not null,
    valid_from date not null,
    valid_to date, -- last day, included
    primary key (code, valid_from)
);
grant select on taxonomy_code to sportello_app;

-- Budget lines and assessed revenue, per accounting year.
create table chapter (
    entity_id uuid not null references entity,
    chapter_id uuid not null,
    year smallint not null check (year between 2000 and 2199),
    code text not null check (length(code) between 1 and 64), -- capitolo
    article text not null default '', -- articolo
    description text not null,
    pdc text not null default '', -- piano dei conti finanziario, E.3.01.02.01.032
    siope text not null default '', -- codice SIOPE
    kind text not null default 'own' check (kind in ('own', 'third_party')), -- third_party: partite di giro, conto terzi
    primary key (entity_id, chapter_id),
    unique (entity_id, year, code, article)
);
call put_under_tenancy('chapter');

create table assessment (
    entity_id uuid not null,
    assessment_id uuid not null,
    chapter_id uuid not null,
    year smallint not null, -- accertamento anno
    number text not null, -- accertamento numero, with its sub where there is one
    description text not null default '',
    primary key (entity_id, assessment_id),
    unique (entity_id, chapter_id, year, number),
    foreign key (entity_id, chapter_id) references chapter on delete cascade
);
call put_under_tenancy('assessment');

-- What a service costs, from a day on (that of the booking). A tariff of zero items costs nothing.
create table tariff (
    entity_id uuid not null,
    tariff_id uuid not null,
    service_id uuid not null,
    valid_from date not null,
    valid_to date,
    in_advance boolean not null, -- the appointment is confirmed by the receipt
    hold_minutes int not null default 30 check (hold_minutes between 5 and 60 * 24 * 15), -- how long an unpaid time is kept
    due_days int not null default 30 check (due_days between 1 and 365), -- due date when paid later
    primary key (entity_id, tariff_id),
    foreign key (entity_id, service_id) references service,
    check (valid_to is null or valid_from <= valid_to),
    constraint one_tariff_at_a_time exclude using gist
        (entity_id with =, service_id with =, daterange(valid_from, valid_to, '[]') with &&)
);
call put_under_tenancy('tariff');

create table tariff_item (
    entity_id uuid not null,
    tariff_item_id uuid not null,
    tariff_id uuid not null,
    position int not null,
    description jsonb not null, -- text
    taxonomy text not null,
    conditions jsonb not null default '{}', -- when it applies: days of the week, hours, answers of the form
    primary key (entity_id, tariff_item_id),
    foreign key (entity_id, tariff_id) references tariff on delete cascade
);
create index tariff_item_tariff on tariff_item (entity_id, tariff_id);
call put_under_tenancy('tariff_item');

-- The parts of an item, each for one chapter (by code: the year is the payment's). Their sum is the item's amount.
create table tariff_share (
    entity_id uuid not null,
    tariff_share_id uuid not null,
    tariff_item_id uuid not null,
    position int not null,
    chapter_code text not null,
    chapter_article text not null default '',
    amount_cents bigint not null check (amount_cents > 0),
    primary key (entity_id, tariff_share_id),
    foreign key (entity_id, tariff_item_id) references tariff_item on delete cascade
);
create index tariff_share_item on tariff_share (entity_id, tariff_item_id);
call put_under_tenancy('tariff_share');

-- The next notice number of an entity's segregation code.
create table notice_sequence (
    entity_id uuid not null references entity,
    segregation smallint not null check (segregation between 0 and 99),
    next_base bigint not null check (next_base between 0 and 9999999999999),
    primary key (entity_id, segregation)
);
call put_under_tenancy('notice_sequence');

create table debt_position (
    entity_id uuid not null references entity,
    debt_position_id uuid not null,
    appointment_id uuid,
    iupd text not null, -- our key at the platform
    nav text not null check (nav ~ '^[0-9]{18}$'),
    iuv text not null check (iuv ~ '^[0-9]{17}$'),
    amount_cents bigint not null check (amount_cents between 1 and 99999999999),
    description text not null check (length(description) between 1 and 140), -- no personal data
    debtor_fiscal_code text not null,
    debtor_name text not null,
    debtor_email text not null default '',
    due_on date not null,
    in_advance boolean not null,
    state text not null default 'issued' check (state in ('issued', 'published', 'paid', 'cancelled')),
    published_at timestamptz,
    paid_at timestamptz,
    cancelled_at timestamptz,
    last_error text, -- why the platform has not got it yet
    created_at timestamptz not null,
    primary key (entity_id, debt_position_id),
    unique (entity_id, nav),
    unique (entity_id, iupd),
    foreign key (entity_id, appointment_id) references appointment
);
create index debt_position_appointment on debt_position (entity_id, appointment_id);
create index debt_position_iuv on debt_position (entity_id, iuv);
create index debt_position_debtor on debt_position (entity_id, debtor_fiscal_code, created_at);
create index debt_position_issued on debt_position (entity_id, created_at) where state = 'issued';
call put_under_tenancy('debt_position');

-- Frozen when the position is created.
create table position_item (
    entity_id uuid not null,
    debt_position_id uuid not null,
    transfer_index smallint not null check (transfer_index between 1 and 5), -- idTransfer
    description text not null check (length(description) between 1 and 140),
    taxonomy text not null,
    iban text not null,
    amount_cents bigint not null check (amount_cents > 0),
    primary key (entity_id, debt_position_id, transfer_index),
    foreign key (entity_id, debt_position_id) references debt_position
);
call put_under_tenancy('position_item', 'select, insert');

create table position_share (
    entity_id uuid not null,
    debt_position_id uuid not null,
    transfer_index smallint not null,
    share_index smallint not null,
    year smallint not null, -- accounting year
    chapter_code text not null,
    chapter_article text not null default '',
    chapter_description text not null,
    assessment_year smallint,
    assessment_number text,
    pdc text not null default '',
    siope text not null default '',
    kind text not null check (kind in ('own', 'third_party')),
    amount_cents bigint not null check (amount_cents > 0),
    primary key (entity_id, debt_position_id, transfer_index, share_index),
    foreign key (entity_id, debt_position_id, transfer_index) references position_item
);
call put_under_tenancy('position_share', 'select, insert');

-- Shares sum to items and items to the position: checked when the transaction ends.
create function position_sums() returns trigger language plpgsql as $$
declare
    total bigint;
    items bigint;
    unbalanced int;
begin
    select amount_cents into total from debt_position
        where entity_id = new.entity_id and debt_position_id = new.debt_position_id;
    select coalesce(sum(amount_cents), 0) into items from position_item
        where entity_id = new.entity_id and debt_position_id = new.debt_position_id;
    select count(*) into unbalanced from position_item i
        where i.entity_id = new.entity_id and i.debt_position_id = new.debt_position_id
        and i.amount_cents <> (select coalesce(sum(s.amount_cents), 0) from position_share s
            where s.entity_id = i.entity_id and s.debt_position_id = i.debt_position_id and s.transfer_index = i.transfer_index);
    if total <> items or unbalanced > 0 then
        raise exception 'debt position % does not sum', new.debt_position_id using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end
$$;
create constraint trigger position_sums after insert on debt_position
    deferrable initially deferred for each row execute function position_sums();
create constraint trigger position_item_sums after insert on position_item
    deferrable initially deferred for each row execute function position_sums();
create constraint trigger position_share_sums after insert on position_share
    deferrable initially deferred for each row execute function position_sums();

-- The proof of a payment: accepted once.
create table receipt (
    entity_id uuid not null references entity,
    receipt_id uuid not null,
    iur text not null check (length(iur) between 1 and 35), -- receiptId
    debt_position_id uuid, -- null: a payment of a position we do not know, kept all the same
    nav text not null,
    iuv text not null,
    amount_cents bigint not null check (amount_cents > 0),
    description text not null default '', -- as the payer read it
    psp_id text not null,
    psp_name text not null,
    psp_fiscal_code text not null default '', -- the citizen's copy of a receipt must show it
    payment_method text not null default '',
    fee_cents bigint,
    payer_name text not null default '',
    paid_at timestamptz not null,
    applied_on date, -- applicationDate
    transfer_on date, -- transferDate
    stand_in boolean not null default false,
    peer_message_id uuid not null, -- as it came
    received_at timestamptz not null,
    primary key (entity_id, receipt_id),
    unique (entity_id, iur),
    foreign key (entity_id, debt_position_id) references debt_position,
    foreign key (entity_id, peer_message_id) references peer_message
);
create index receipt_iuv on receipt (entity_id, iuv);
create index receipt_position on receipt (entity_id, debt_position_id, received_at);
create index receipt_paid on receipt (entity_id, paid_at);
call put_under_tenancy('receipt', 'select, insert');

create table receipt_transfer (
    entity_id uuid not null,
    receipt_id uuid not null,
    transfer_index smallint not null,
    beneficiary_fiscal_code text not null,
    iban text,
    amount_cents bigint not null check (amount_cents > 0),
    taxonomy text not null default '',
    remittance text not null default '',
    primary key (entity_id, receipt_id, transfer_index),
    foreign key (entity_id, receipt_id) references receipt
);
call put_under_tenancy('receipt_transfer', 'select, insert');

-- A visit to the checkout: kept to tell the citizen what happened, never as a proof.
create table checkout_visit (
    entity_id uuid not null,
    checkout_visit_id uuid not null,
    debt_position_id uuid not null,
    outcome text not null default 'open' check (outcome in ('open', 'ok', 'cancelled', 'failed', 'waiting')),
    created_at timestamptz not null,
    returned_at timestamptz,
    primary key (entity_id, checkout_visit_id),
    foreign key (entity_id, debt_position_id) references debt_position
);
call put_under_tenancy('checkout_visit');
