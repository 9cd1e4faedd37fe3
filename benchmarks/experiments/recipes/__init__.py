"""What feature-extraction recipes gain in accuracy, and what they cost."""
