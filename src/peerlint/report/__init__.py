"""What people and machines read: one module for each format, opened by who prints it."""
