"""Who may come in: the gate before every route of the server, and whom it lets through."""
