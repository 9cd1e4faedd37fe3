"""Pictures in, vectors out, computed once."""
