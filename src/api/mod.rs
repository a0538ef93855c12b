//! The one client of the platform: authentication, retries, paging, jobs, live state.
