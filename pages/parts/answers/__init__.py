"""What models say of a question: an answer, a teacher's reasoning, two sides of soft labels."""
