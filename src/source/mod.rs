//! Reads an estate directory into desired state; every problem becomes a diagnostic with its exact place.
