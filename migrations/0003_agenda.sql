-- Calendars, and who is expected when.

create table site (
    entity_id uuid not null references entity,
    site_id uuid not null,
    slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
    name text not null check (length(name) between 1 and 140),
    address text not null,
    directions text not null default '', -- floor, entrance, how to get there
    opening text not null default '', -- opening hours, as a person says them
    phone text not null default '',
    email text not null default '',
    time_zone text not null default 'Europe/Rome',
    active boolean not null default true,
    position int not null default 0, -- order on the pages
    primary key (entity_id, site_id),
    unique (entity_id, slug)
);
call put_under_tenancy('site');

-- Staff roles, for the whole entity or (site_id set) for one site.
create table staff_role (
    entity_id uuid not null,
    staff_role_id uuid not null,
    staff_id uuid not null,
    role text not null check (role in ('administrator', 'operator', 'accountant')),
    site_id uuid,
    primary key (entity_id, staff_role_id),
    unique nulls not distinct (entity_id, staff_id, role, site_id),
    foreign key (entity_id, staff_id) references staff on delete cascade,
    foreign key (entity_id, site_id) references site
);
call put_under_tenancy('staff_role');

-- Opening rules shared by the counters that follow them.
create table calendar (
    entity_id uuid not null references entity,
    calendar_id uuid not null,
    name text not null check (length(name) between 1 and 140),
    step_minutes int not null check (step_minutes between 5 and 240), -- a start every so many minutes
    lead_minutes int not null check (lead_minutes between 0 and 60 * 24 * 60), -- no booking closer than this
    horizon_days int not null check (horizon_days between 1 and 400), -- nor farther than this
    buffer_minutes int not null default 0 check (buffer_minutes between 0 and 120), -- after each appointment
    cooling_minutes int not null default 0 check (cooling_minutes between 0 and 1440), -- a freed time stays closed so long
    closed_on_holidays boolean not null default true,
    primary key (entity_id, calendar_id)
);
call put_under_tenancy('calendar');

create table calendar_rule (
    entity_id uuid not null,
    calendar_rule_id uuid not null,
    calendar_id uuid not null,
    weekday smallint not null check (weekday between 1 and 7), -- ISO: 1 is Monday
    opens time not null, -- local time of the site
    closes time not null,
    valid_from date not null,
    valid_to date, -- last day, included; null: until changed
    primary key (entity_id, calendar_rule_id),
    foreign key (entity_id, calendar_id) references calendar on delete cascade,
    check (opens < closes),
    check (valid_to is null or valid_from <= valid_to)
);
create index calendar_rule_calendar on calendar_rule (entity_id, calendar_id);
call put_under_tenancy('calendar_rule');

create table counter (
    entity_id uuid not null references entity,
    counter_id uuid not null,
    site_id uuid not null,
    calendar_id uuid not null,
    name text not null check (length(name) between 1 and 60),
    active boolean not null default true,
    position int not null default 0,
    primary key (entity_id, counter_id),
    foreign key (entity_id, site_id) references site,
    foreign key (entity_id, calendar_id) references calendar
);
create index counter_site on counter (entity_id, site_id);
call put_under_tenancy('counter');

-- Closed from an instant to another: the whole entity, a calendar, a site or one counter.
create table closure (
    entity_id uuid not null references entity,
    closure_id uuid not null,
    calendar_id uuid,
    site_id uuid,
    counter_id uuid,
    during tstzrange not null check (not isempty(during) and not lower_inf(during) and not upper_inf(during)),
    reason text not null default '',
    primary key (entity_id, closure_id),
    foreign key (entity_id, calendar_id) references calendar on delete cascade,
    foreign key (entity_id, site_id) references site,
    foreign key (entity_id, counter_id) references counter,
    check (num_nonnulls(calendar_id, site_id, counter_id) <= 1)
);
create index closure_during on closure using gist (entity_id, during);
call put_under_tenancy('closure');

-- Holidays of the place, besides the national ones (which are computed): the patron saint.
create table local_holiday (
    entity_id uuid not null references entity,
    month smallint not null check (month between 1 and 12),
    day smallint not null check (day between 1 and 31),
    name text not null,
    primary key (entity_id, month, day)
);
call put_under_tenancy('local_holiday');

-- What can be booked. Texts are {"it": …, "en": …}.
create table service (
    entity_id uuid not null references entity,
    service_id uuid not null,
    slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
    name jsonb not null,
    summary jsonb not null default '{}', -- one sentence, on the list
    bring jsonb not null default '{}', -- what the citizen brings
    reasons jsonb not null default '[]', -- reasons to choose from, a list of texts
    category text not null default '', -- Anagrafe, Stato civile, …
    duration_minutes int not null check (duration_minutes between 5 and 480),
    minimum_level smallint not null default 2 check (minimum_level between 0 and 3), -- 0: guests may book
    change_minutes int not null default 1440 check (change_minutes >= 0), -- citizens may move or cancel until so long before
    active boolean not null default true,
    position int not null default 0,
    primary key (entity_id, service_id),
    unique (entity_id, slug)
);
call put_under_tenancy('service');

-- Which counters can serve it.
create table service_counter (
    entity_id uuid not null,
    service_id uuid not null,
    counter_id uuid not null,
    primary key (entity_id, service_id, counter_id),
    foreign key (entity_id, service_id) references service on delete cascade,
    foreign key (entity_id, counter_id) references counter on delete cascade
);
create index service_counter_counter on service_counter (entity_id, counter_id);
call put_under_tenancy('service_counter');

-- Online forms: each version is kept, because answers are read with the version they were given to.
create table form (
    entity_id uuid not null,
    form_id uuid not null,
    service_id uuid not null,
    version int not null check (version >= 1),
    state text not null default 'draft' check (state in ('draft', 'published', 'retired')),
    definition jsonb not null, -- JSON Schema 2020-12 with labels in two languages
    created_at timestamptz not null,
    published_at timestamptz,
    primary key (entity_id, form_id),
    unique (entity_id, service_id, version),
    foreign key (entity_id, service_id) references service
);
create unique index form_published on form (entity_id, service_id) where state = 'published';
create unique index form_draft on form (entity_id, service_id) where state = 'draft';
call put_under_tenancy('form');

create table appointment (
    entity_id uuid not null references entity,
    appointment_id uuid not null,
    code text not null check (code ~ '^[0-9A-HJKMNP-TV-Z]{8}$'), -- said on the phone, called at the counter
    service_id uuid not null,
    site_id uuid not null,
    counter_id uuid not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    busy_until timestamptz not null, -- ends_at and the calendar's buffer
    state text not null check (state in
        ('held', 'awaiting_payment', 'confirmed', 'arrived', 'called', 'served', 'no_show', 'cancelled', 'expired')),
    expires_at timestamptz, -- deadline of held and awaiting_payment
    session_id uuid, -- the browser that holds it
    holder_given_name text not null default '',
    holder_family_name text not null default '',
    holder_fiscal_code text check (holder_fiscal_code ~ '^[A-Z0-9]{16}$'),
    holder_email text not null default '',
    holder_phone text not null default '',
    holder_verified boolean not null default false, -- the provider said who it is
    language text not null default 'it',
    reason text not null default '',
    details text not null default '',
    form_id uuid, -- the version that was answered
    answers jsonb not null default '{}',
    channel text not null check (channel in ('web', 'api', 'desk')),
    sequence int not null default 0, -- iCalendar SEQUENCE: raised at every change (RFC 5546 §2.1.4)
    notes text not null default '', -- the operators' own
    serving_counter_id uuid, -- where the citizen was called, if not the booked counter
    arrived_at timestamptz,
    called_at timestamptz,
    closed_at timestamptz, -- served, no-show, cancelled or expired
    cancel_reason text not null default '',
    created_at timestamptz not null,
    primary key (entity_id, appointment_id),
    unique (entity_id, code),
    foreign key (entity_id, service_id) references service,
    foreign key (entity_id, site_id) references site,
    foreign key (entity_id, counter_id) references counter,
    foreign key (entity_id, serving_counter_id) references counter,
    foreign key (entity_id, form_id) references form,
    check (starts_at < ends_at and ends_at <= busy_until),
    check ((state in ('held', 'awaiting_payment')) = (expires_at is not null))
);
create index appointment_day on appointment (entity_id, site_id, starts_at);
create index appointment_holder on appointment (entity_id, holder_fiscal_code, starts_at);
create index appointment_email on appointment (entity_id, lower(holder_email), starts_at);
create unique index appointment_hold on appointment (entity_id, session_id, service_id) where state = 'held'; -- one per browser
create index appointment_deadline on appointment (entity_id, expires_at) where expires_at is not null;
call put_under_tenancy('appointment');

-- An operator offers other times; the appointment stands until the citizen answers.
create table proposal (
    entity_id uuid not null,
    proposal_id uuid not null,
    appointment_id uuid not null,
    state text not null default 'open' check (state in ('open', 'accepted', 'declined', 'expired', 'withdrawn')),
    message text not null default '',
    expires_at timestamptz not null,
    staff_id uuid, -- who offered; null for the system
    created_at timestamptz not null,
    decided_at timestamptz,
    primary key (entity_id, proposal_id),
    foreign key (entity_id, appointment_id) references appointment
);
create unique index proposal_open on proposal (entity_id, appointment_id) where state = 'open';
call put_under_tenancy('proposal');

create table proposal_option (
    entity_id uuid not null,
    proposal_option_id uuid not null,
    proposal_id uuid not null,
    site_id uuid not null,
    counter_id uuid not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    busy_until timestamptz not null,
    primary key (entity_id, proposal_option_id),
    foreign key (entity_id, proposal_id) references proposal on delete cascade,
    foreign key (entity_id, site_id) references site,
    foreign key (entity_id, counter_id) references counter
);
create index proposal_option_proposal on proposal_option (entity_id, proposal_id);
call put_under_tenancy('proposal_option');

-- Who has a counter when. Everything that takes a counter's time has a row here for as long as it takes it, and
-- two rows of a counter never overlap: this constraint is the invariant "one counter, one citizen at a time".
create table occupation (
    entity_id uuid not null,
    occupation_id uuid not null,
    counter_id uuid not null,
    -- At most a service of 480 minutes and its buffer of 120: who looks for what is taken in an interval can bound
    -- the index scan at both ends.
    during tstzrange not null check (not isempty(during) and upper(during) - lower(during) <= interval '10 hours'),
    -- The same two instants, because row-level security keeps && out of an index (its function is not leakproof),
    -- while a plain comparison of instants is allowed in.
    starts_at timestamptz generated always as (lower(during)) stored,
    ends_at timestamptz generated always as (upper(during)) stored,
    kind text not null check (kind in ('appointment', 'proposal', 'cooling')),
    appointment_id uuid, -- for kind appointment: the live appointment
    proposal_option_id uuid, -- for kind proposal: the offered time
    expires_at timestamptz, -- past this instant it takes nothing any more, and the next writer removes it
    primary key (entity_id, occupation_id),
    foreign key (entity_id, counter_id) references counter,
    foreign key (entity_id, appointment_id) references appointment,
    foreign key (entity_id, proposal_option_id) references proposal_option,
    check ((kind = 'appointment') = (appointment_id is not null)),
    check ((kind = 'proposal') = (proposal_option_id is not null)),
    constraint one_citizen_at_a_time exclude using gist (entity_id with =, counter_id with =, during with &&)
);
create unique index occupation_appointment on occupation (entity_id, appointment_id) where appointment_id is not null;
create unique index occupation_option on occupation (entity_id, proposal_option_id) where proposal_option_id is not null;
-- Free times: all of it is answered from the index.
create index occupation_time on occupation (entity_id, counter_id, ends_at) include (starts_at, expires_at, appointment_id);
create index occupation_expiry on occupation (entity_id, expires_at) where expires_at is not null;
call put_under_tenancy('occupation');

-- At the end of a transaction a live appointment holds exactly its own time, and a closed one holds none. One with a
-- deadline loses its time when the deadline passes, and is closed a little later.
create function appointment_holds_its_time() returns trigger language plpgsql as $$
declare
    a appointment;
    o occupation;
begin
    select * into a from appointment where entity_id = new.entity_id and appointment_id = new.appointment_id;
    if not found then
        return null;
    end if;
    select * into o from occupation where entity_id = a.entity_id and appointment_id = a.appointment_id;
    if a.state in ('held', 'awaiting_payment', 'confirmed', 'arrived', 'called') then
        if o.occupation_id is null and a.expires_at is not null and tg_op = 'UPDATE' then
            return null;
        end if;
        if o.counter_id is distinct from a.counter_id or o.during is distinct from tstzrange(a.starts_at, a.busy_until) then
            raise exception 'appointment % does not hold its own time', a.appointment_id using errcode = 'integrity_constraint_violation';
        end if;
    elsif o.occupation_id is not null and a.state in ('cancelled', 'expired') then
        raise exception 'appointment % is closed and still holds a time', a.appointment_id using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end
$$;
create constraint trigger appointment_holds_its_time after insert or update on appointment
    deferrable initially deferred for each row execute function appointment_holds_its_time();

-- Pages of the day listen here.
create function announce_day() returns trigger language plpgsql as $$
begin
    perform pg_notify('sportello_day', new.entity_id || ' ' || new.site_id);
    if tg_op = 'UPDATE' and old.site_id <> new.site_id then
        perform pg_notify('sportello_day', old.entity_id || ' ' || old.site_id);
    end if;
    return null;
end
$$;
create trigger day_announced after insert or update on appointment
    for each row execute function announce_day();

-- What an operator has to look at: a receipt that came after the time was given to another, a declined proposal.
create table task (
    entity_id uuid not null references entity,
    task_id uuid not null,
    site_id uuid,
    appointment_id uuid,
    kind text not null check (kind in ('paid_without_time', 'paid_after_cancellation', 'paid_at_another_price', 'paid_not_due',
        'paid_without_receipt', 'proposal_declined', 'proposal_expired', 'proposal_withdrawn', 'counter_closed',
        'notice_undelivered')),
    state text not null default 'open' check (state in ('open', 'done')),
    created_at timestamptz not null,
    done_at timestamptz,
    done_by uuid,
    primary key (entity_id, task_id),
    foreign key (entity_id, site_id) references site,
    foreign key (entity_id, appointment_id) references appointment
);
create index task_open on task (entity_id, site_id, created_at) where state = 'open';
create unique index task_once on task (entity_id, appointment_id, kind) where state = 'open';
call put_under_tenancy('task');
