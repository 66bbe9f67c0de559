"""For services: an ASGI middleware that lets through what the policy in force lets through."""
