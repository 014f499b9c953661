"""The process of one run: it does what its recipe says and writes down what becomes of it."""
