"""A folder in, FileChange after FileChange out."""
