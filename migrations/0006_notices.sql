-- What people are told: one row per event and channel, so that nothing is said twice.

create table notice (
    entity_id uuid not null references entity,
    notice_id uuid not null,
    appointment_id uuid not null,
    event text not null check (event in
        ('confirmed', 'moved', 'cancelled', 'proposed', 'proposal_accepted', 'proposal_declined', 'proposal_withdrawn',
         'proposal_expired', 'payment_due', 'expired', 'paid', 'paid_without_time', 'paid_not_due', 'reminder')),
    occurrence text not null, -- tells two events of a kind apart: the sequence, the proposal, the debt position
    channel text not null check (channel in ('app_io', 'email')),
    recipient text not null, -- fiscal code or address
    state text not null default 'pending' check (state in
        ('pending', 'claimed', 'sent', 'not_on_io', 'opted_out', 'unknown', 'failed', 'obsolete')),
    claimed_at timestamptz, -- before the call: what stays claimed has an unknown outcome
    sent_at timestamptz,
    remote_id text, -- App IO message id, Message-ID
    remote_status text,
    last_error text,
    created_at timestamptz not null,
    primary key (entity_id, notice_id),
    unique (entity_id, appointment_id, event, occurrence, channel),
    foreign key (entity_id, appointment_id) references appointment
);
create index notice_state on notice (entity_id, state);
call put_under_tenancy('notice');
