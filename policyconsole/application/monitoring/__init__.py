"""What the monitor knows of a service: its requests, counted and timed, and who is told of them."""
