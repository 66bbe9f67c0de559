"""Who asks: one module a way to show it, and what the service knows its clients by."""
