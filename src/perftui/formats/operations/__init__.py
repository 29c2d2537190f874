"""What benchmark tools write: one module a tool, and a registry that recognises by content."""
