"""The trail against itself, its checkpoints and git; proofs for others."""
