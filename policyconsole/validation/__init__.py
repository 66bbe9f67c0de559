"""A policy in, a Report out."""
