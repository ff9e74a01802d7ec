-- The house's ground floor: tenancy, the record, the queue.
--
-- Two roles. The owner runs migrations. `sportello_app` is what the program uses: it owns nothing, cannot bypass
-- row-level security, and sees only the rows of the entity named in the transaction (sportello.entity_id).
-- Every key starts with entity_id, so that the tables can be distributed by it.

create extension if not exists btree_gist;

do $$
begin
    -- Where an administrator made it, the owner needs no right to make roles.
    if not exists (select from pg_roles where rolname = 'sportello_app') then
        create role sportello_app nologin;
    end if;
exception
    -- Another database of the same cluster made it already, or is making it right now.
    when duplicate_object or unique_violation then null;
end
$$;
grant usage on schema public to sportello_app;

-- The entity of the running transaction; null (no rows at all) when none was named.
create function current_entity() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('sportello.entity_id', true), '')::uuid;

-- Puts a table under tenancy: the application reads and writes only the current entity's rows.
-- `rights` is what the application may do: 'select, insert' makes an append-only table.
create procedure put_under_tenancy(target regclass, rights text default 'select, insert, update, delete')
    language plpgsql as $$
begin
    execute format('alter table %s enable row level security', target);
    execute format(
        'create policy entity_isolation on %s using (entity_id = current_entity()) with check (entity_id = current_entity())',
        target);
    execute format('grant %s on %s to sportello_app', rights, target);
end
$$;

-- The directory of tenants: names and addresses are public, so everybody may read all of it.
create table entity (
    entity_id uuid primary key,
    slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'), -- in every address
    name text not null check (length(name) between 1 and 140), -- Comune di …; 140 is pagoPA's companyName
    fiscal_code text not null unique check (fiscal_code ~ '^[0-9]{11}$'), -- idPA, organizationFiscalCode
    ipa_code text, -- code in the index of public administrations
    tagline text not null default '', -- under the name, in the page header
    address text not null default '',
    phone text not null default '',
    email text not null default '',
    pec text not null default '',
    privacy_url text, -- where absent the installation's own page is shown
    accessibility_url text, -- the AgID declaration, made by the entity on form.agid.gov.it
    site_url text, -- the institutional site
    time_zone text not null default 'Europe/Rome',
    active boolean not null default true,
    created_at timestamptz not null
);
alter table entity enable row level security;
create policy everybody_reads on entity for select using (true);
create policy entity_isolation on entity for update
    using (entity_id = current_entity()) with check (entity_id = current_entity());
grant select on entity to sportello_app;
grant update (name, tagline, address, phone, email, pec, privacy_url, accessibility_url, site_url) on entity to sportello_app;

-- How an entity talks to an outside system. Secrets are not here.
create table integration (
    entity_id uuid not null references entity,
    kind text not null check (kind in ('citizen_login', 'staff_login', 'pagopa', 'app_io', 'mail')),
    enabled boolean not null default false,
    settings jsonb not null default '{}', -- the shape of each kind is a type in the program
    checked_at timestamptz, -- last connection test
    checks jsonb, -- and what it said
    updated_at timestamptz not null,
    primary key (entity_id, kind)
);
call put_under_tenancy('integration');

-- Sealed with AES-256-GCM; the entity's and the secret's name are the associated data.
create table secret (
    entity_id uuid not null references entity,
    name text not null, -- e.g. pagopa.gpd_key
    key_id text not null, -- which master key sealed it
    sealed bytea not null, -- nonce, ciphertext, tag
    updated_at timestamptz not null,
    primary key (entity_id, name)
);
call put_under_tenancy('secret');

-- Who did what. Append-only: the application may not change or delete.
create table audit (
    entity_id uuid not null references entity,
    audit_id uuid not null,
    at timestamptz not null,
    actor_kind text not null check (actor_kind in ('citizen', 'guest', 'staff', 'client', 'peer', 'system')),
    actor text not null, -- staff id, client id, hash of the fiscal code, name of the peer
    action text not null, -- e.g. appointment.moved
    object_kind text not null,
    object_id text not null,
    before jsonb,
    after jsonb,
    primary key (entity_id, audit_id)
);
create index audit_object on audit (entity_id, object_kind, object_id, at);
create index audit_at on audit (entity_id, at);
call put_under_tenancy('audit', 'select, insert');

-- The first answer to a command, given again to whoever repeats it.
create table idempotency (
    entity_id uuid not null references entity,
    scope text not null, -- which command, for whom
    key text not null check (length(key) between 1 and 200),
    request_hash bytea not null, -- same key with another request is an error
    status int not null,
    answer jsonb not null,
    created_at timestamptz not null,
    primary key (entity_id, scope, key)
);
create index idempotency_age on idempotency (entity_id, created_at);
call put_under_tenancy('idempotency');

-- The queue. A job is added in the transaction of the fact it follows from.
create table job (
    entity_id uuid not null references entity,
    job_id uuid not null,
    kind text not null,
    dedup_key text, -- at most one job of a kind and key waits; null once a worker has it
    payload jsonb not null,
    run_at timestamptz not null,
    attempts int not null default 0,
    locked_until timestamptz, -- a worker has it; past this instant the worker is taken for dead
    state text not null default 'waiting' check (state in ('waiting', 'dead')), -- dead: an operator decides
    last_error text,
    created_at timestamptz not null,
    primary key (entity_id, job_id)
);
create unique index job_dedup on job (entity_id, kind, dedup_key) where dedup_key is not null and state = 'waiting';
create index job_due on job (entity_id, run_at) where state = 'waiting';
call put_under_tenancy('job');

create function announce_job() returns trigger language plpgsql as $$
begin
    perform pg_notify('sportello_job', new.entity_id::text);
    return null;
end
$$;
create trigger job_announced after insert or update of run_at on job
    for each row execute function announce_job();

-- Which entities have work that is due: identifiers only, so that the worker can then look as each of them.
create function entities_with_due_jobs(moment timestamptz) returns setof uuid
    language sql stable security definer set search_path = public
    begin atomic
        select distinct j.entity_id from job j
        where j.state = 'waiting' and j.run_at <= moment and (j.locked_until is null or j.locked_until <= moment);
    end;
revoke all on function entities_with_due_jobs(timestamptz) from public;
grant execute on function entities_with_due_jobs(timestamptz) to sportello_app;

-- What a peer sent or answered, as it was, for inspection and as evidence.
create table peer_message (
    entity_id uuid not null references entity,
    peer_message_id uuid not null,
    at timestamptz not null,
    peer text not null, -- pagopa, treasurer, app_io
    operation text not null, -- paSendRTV2, fdr, journal
    outcome text not null, -- accepted, repeated, refused
    detail text, -- why it was refused
    body bytea not null,
    primary key (entity_id, peer_message_id)
);
create index peer_message_at on peer_message (entity_id, at);
call put_under_tenancy('peer_message', 'select, insert');

-- What a peer sent that concerns no entity of the installation: for its operator, who reads it as the owner; the
-- application only adds. Whoever reaches the station can fill it, so the oldest make room for the newest.
create table stray_message (
    stray_message_id uuid primary key,
    at timestamptz not null,
    peer text not null,
    detail text not null, -- why it was refused
    body bytea not null
);
alter table stray_message enable row level security;
create function keep_stray_message(id uuid, moment timestamptz, sender text, reason text, content bytea) returns void
    language sql security definer set search_path = public
    begin atomic
        insert into stray_message values (id, moment, sender, reason, content);
        delete from stray_message where stray_message_id not in
            (select m.stray_message_id from stray_message m order by m.at desc, m.stray_message_id desc limit 200);
    end;
revoke all on function keep_stray_message(uuid, timestamptz, text, text, bytea) from public;
grant execute on function keep_stray_message(uuid, timestamptz, text, text, bytea) to sportello_app;
