"""Label tables and their readers."""
