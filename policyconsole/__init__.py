"""policy-console: a folder of policy files in, a live and always-valid set of policies out."""
