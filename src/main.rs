//! The binary is one call into the library, so that building it is little more than linking. See [`vestibule::cli`].

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    vestibule::cli::main()
}
