"""A workspace in which every field that can hold text holds text that is out for mischief."""
