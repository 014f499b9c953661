"""The queue and all that runs leave behind, in a database that readers and workers share."""
