"""A guarded service in a process of its own, and clients that keep it busy: for tests and the benchmark."""
