//! Commands, arguments, exit codes. Knows every module and is known by none.
