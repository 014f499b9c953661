"""What a teacher hands to a student: path distributions, written down once, read by anyone."""
