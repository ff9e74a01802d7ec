-- Who comes in: sessions, staff, API clients.

create table session (
    entity_id uuid not null references entity,
    session_id uuid not null,
    token_hash bytea not null, -- SHA-256 of the cookie; the cookie itself is nowhere
    csrf_token text not null, -- in every form of the session
    identity jsonb, -- who logged in; null for a guest
    staff_id uuid, -- set for staff
    level smallint not null default 0 check (level between 0 and 3), -- assurance level: 0 guest, 1–3 SPID/CIE
    language text not null default 'it',
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (entity_id, session_id),
    unique (entity_id, token_hash)
);
create index session_expiry on session (entity_id, expires_at);
call put_under_tenancy('session');

-- A login under way: bound to the browser's session, used once.
create table login_attempt (
    entity_id uuid not null references entity,
    state_hash bytea not null,
    session_id uuid not null,
    provider text not null, -- citizen_login.spid, citizen_login.cie, …, staff_login
    pending jsonb not null, -- nonce and verifier, sealed
    return_to text not null, -- local path
    expires_at timestamptz not null,
    primary key (entity_id, state_hash),
    foreign key (entity_id, session_id) references session on delete cascade
);
call put_under_tenancy('login_attempt');

create table staff (
    entity_id uuid not null references entity,
    staff_id uuid not null,
    given_name text not null,
    family_name text not null,
    email text not null,
    fiscal_code text, -- how the staff provider names the person: by fiscal code or by e-mail
    active boolean not null default true,
    created_at timestamptz not null,
    primary key (entity_id, staff_id)
);
create unique index staff_fiscal_code on staff (entity_id, fiscal_code) where fiscal_code is not null;
create unique index staff_email on staff (entity_id, lower(email));
call put_under_tenancy('staff');

-- API clients: other programs of the entity (the accounting system, the institutional site).
create table api_client (
    entity_id uuid not null references entity,
    client_id text not null check (client_id ~ '^[a-z0-9][a-z0-9._-]{2,62}$'),
    name text not null,
    secret_hash bytea not null, -- SHA-256: the secret is 256 random bits, not a password
    scopes text[] not null,
    active boolean not null default true,
    created_at timestamptz not null,
    primary key (entity_id, client_id)
);
call put_under_tenancy('api_client');

create table api_token (
    entity_id uuid not null references entity,
    token_hash bytea not null,
    client_id text not null,
    scopes text[] not null,
    expires_at timestamptz not null,
    primary key (entity_id, token_hash),
    foreign key (entity_id, client_id) references api_client on delete cascade
);
call put_under_tenancy('api_token');
