"""The engine in figures for Prometheus: what is counted, and the server that is asked for it."""
