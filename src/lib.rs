pub mod delivery;
pub mod mask;
