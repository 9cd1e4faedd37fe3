"""Speed measurements: separate commands that compare with other libraries and upper bounds."""
