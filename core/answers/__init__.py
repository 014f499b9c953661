"""How a question is answered: topics found, paths scored, answers named."""
