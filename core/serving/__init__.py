"""A student called like a model by other programs: over HTTP, and as tools of an agent.

    client -> guard (key, rate, size) -> app -> answerers (a bounded queue) -> a warm process each

The server itself holds no model: the processes behind its queue run the same recipes as terminal
and pages do. What a graph alone can tell is looked up in the server's own threads.
"""
