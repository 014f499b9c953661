"""One module a step; what it begins with and leads to is said in it."""
