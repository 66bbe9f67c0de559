"""What a policy governs: one module a target."""
