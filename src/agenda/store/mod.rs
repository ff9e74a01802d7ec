//! All SQL of the agenda and of the desk.

mod appointment_rows;
mod appointments;
mod occupations;
mod places;
mod proposals;
mod services;
mod sessions;
mod snapshot;
mod tasks;

pub(crate) use appointment_rows::{
    Move, expire, give_up, move_appointment, new_appointment, put_cancelled, put_desk_state, put_details,
    put_notes, put_outcome, put_time,
};
pub use appointments::{
    appointment, appointment_by_code, appointments, appointments_by_code, of_citizen, of_day,
};
pub(crate) use appointments::{
    expects_somebody, live_of_citizen, live_of_counter, live_of_session, lock_appointment, lock_citizen,
    lock_session, overdue_appointments,
};
pub(crate) use occupations::{
    DayOf, cool, drop_option, free, free_options, keep_until, lock_days, offer, overdue_days, reseat_option,
    seat, take_option,
};
pub use places::{
    calendar, calendar_rules, calendars, closure, closures, counter, counters, counters_of_service,
    local_holidays, served_sites, services_of_counter, site, site_by_slug, sites, sites_of_service,
};
pub(crate) use places::{
    delete_closure, insert_closure, is_closed, put_calendar, put_counter, put_site, replace_local_holidays,
    replace_rules,
};
pub(crate) use proposals::{
    close_proposal, days_of, expire_overdue_proposals, insert_option, insert_proposal, lock_proposal,
    overdue_proposals, proposals_on_counter,
};
pub use proposals::{open_proposal, open_proposals_of_day, proposal};
pub(crate) use services::{put_service, replace_counters};
pub use services::{service, service_by_slug, services};
pub use sessions::last_of_session;
pub(crate) use snapshot::{Asked, snapshot};
pub(crate) use tasks::{add_task, close_task, put_task_done, task_rows};
