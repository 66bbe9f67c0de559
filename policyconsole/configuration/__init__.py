"""What policy-console itself is told: files, environment variables and options to a Configuration."""
