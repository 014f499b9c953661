"""Pretrained language models, as teachers and students find them."""
