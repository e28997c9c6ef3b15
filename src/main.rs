//! The binary is one call into the library, so that building it is little more than linking. See [`vestibule::cli`].

fn main() -> std::process::ExitCode {
    vestibule::cli::main()
}
