"""A demonstration of hot reload: the sample policies, and what happens to them step by step."""
